"""A draft with personal data does not pass, unless a reviewer lets it pass with a name and a reason."""

import io

import pytest
import transaction
from docx import Document
from openpyxl import Workbook

from egov.base.errors import Forbidden, Invalid
from egov.model.files import StoredFile
from egov.operations.checking import check_item, waive
from egov.operations.content import edit
from egov.operations.workflow import advance
from egov.security.principals import SYSTEM_ACTOR
from tests.support.world import actor, article

ID = "11010519491231002X"


def write(site, item, body, by="author", **more):
    edit(item, {**item.work.values, "body": body, **more}, by=actor(site, by))


def test_an_identity_number_stops_the_submission_with_its_place(site):
    item = article(site)
    write(site, item, f"<p>张某，身份证号{ID}</p>")
    with pytest.raises(Invalid) as refused:
        advance(item, "submit", by=actor(site, "author"))
    assert set(refused.value.fields) == {"body"}
    assert item.draft_state == "draft"
    write(site, item, "<p>张某，11*************02X</p>")
    advance(item, "submit", by=actor(site, "author"))


def test_attachments_are_read_too(site):
    out, book = io.BytesIO(), Workbook()
    book.active.append(["姓名", ID])
    book.save(out)
    item = article(site)
    file = StoredFile(out.getvalue(), "名单.xlsx", "application/vnd.ms-excel")
    write(site, item, "<p>见附件。</p>", attachments=(file,))
    transaction.commit()
    with pytest.raises(Invalid) as refused:
        advance(item, "submit", by=actor(site, "author"))
    assert set(refused.value.fields) == {"attachments"}


def test_a_reviewer_lets_it_pass_and_a_later_edit_takes_that_back(site):
    item = article(site)
    write(site, item, f"<p>{ID}</p>")
    with pytest.raises(Forbidden):
        waive(item, "我自己放行", by=actor(site, "author"))
    with pytest.raises(Invalid):
        waive(item, " ", by=actor(site, "reviewer"))
    waive(item, "判决公告依法须公开", by=actor(site, "reviewer"))
    write(site, item, f"<p>{ID}，补充</p>")
    with pytest.raises(Invalid):
        advance(item, "submit", by=actor(site, "author"))
    waive(item, "判决公告依法须公开", by=actor(site, "reviewer"))
    advance(item, "submit", by=actor(site, "author"))
    assert item.work.waiver.by == "reviewer"


def test_the_desk_shows_the_findings_and_the_way_out(site, sign_in):
    item = article(site)
    write(site, item, f'<p>{ID}</p><p><a href="/nowhere">表格</a> 13812345678</p>')
    transaction.commit()
    path = f"/manage/finance/news/{item.__name__}"
    author, reviewer = sign_in("author"), sign_in("reviewer")
    page = author.get(path)
    assert "11*************02X" in page
    assert ID not in page.html.find(class_="findings").text
    assert "站内链接打不开" in page
    assert "仍要放行" not in page
    step = next(f for f in page.forms.values() if "comment" in f.fields)
    assert "含有身份证号码：11*************02X" in step.submit("step", value="submit")

    form = next(f for f in reviewer.get(path).forms.values() if "reason" in f.fields)
    form["reason"] = "判决公告"
    assert "已放行" in form.submit().follow()
    step.submit("step", value="submit").follow()
    transaction.begin()
    assert item.draft_state == "pending"
    assert any(r.action == "waive" for r in site.audit.newest())


def test_imports_are_not_stopped(site):
    item = article(site)
    write(site, item, f"<p>{ID}</p>")
    advance(item, "submit", by=SYSTEM_ACTOR)
    assert item.draft_state == "pending"


def test_the_head_of_a_page_a_table_and_a_split_number_of_a_word_file_are_read(site):
    word = Document()
    word.sections[0].header.paragraphs[0].text = "联系人电话13812345678"
    paragraph = word.add_paragraph("身份证")
    paragraph.add_run(ID[:8]).bold = True
    paragraph.add_run(ID[8:])
    word.add_table(1, 1).cell(0, 0).text = "住江南区人民路12号阳光小区3栋2单元501室"
    out = io.BytesIO()
    word.save(out)
    file = StoredFile(out.getvalue(), "名单.docx", "application/octet-stream")
    item = article(site)
    write(site, item, "<p>见附件。</p>", attachments=(file,))
    transaction.commit()
    places = [found.place for found in check_item(item) if found.field == "attachments"]
    assert places[0] == "名单.docx：11*************02X"
    assert sorted(p.partition("：")[2][:3] for p in places) == ["11*", "138", "住江南"]
