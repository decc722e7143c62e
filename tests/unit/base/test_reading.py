"""Rich text as lines: nothing that a reader would see or follow is left out."""

from egov.base.reading import readable


def test_each_block_is_a_line_with_its_links_and_pictures():
    source = (
        '<h2>一、安排</h2><p>见<a href="/a/b">通知</a>。<br>另行告知。</p><ul><li>甲</li><li>乙</li></ul>'
        '<p><img src="/-/file/1/x/y.png" alt="流程图"></p>'
    )
    assert readable(source).split("\n") == [
        "■ 一、安排", "见通知（/a/b）。", "另行告知。", "· 甲", "· 乙", "〔流程图：/-/file/1/x/y.png〕",
    ]  # fmt: skip


def test_a_row_of_a_table_is_a_line_whatever_stands_in_its_cells():
    source = (
        "<table><tr><th><p>线路</p></th><th>内容</th></tr><tr><td>3路</td><td></td></tr></table>"
    )
    assert readable(source) == "线路 | 内容\n3路 |"


def test_empty_paragraphs_and_broken_markup_do_no_harm():
    assert readable("<p>&nbsp;</p><p></p><p>甲") == "甲"
    assert readable("甲<b>乙</i>丙") == "甲乙丙"
