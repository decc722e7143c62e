"""What the checks say of a text."""

import pytest

from egov.checks.findings import findings
from egov.checks.markup import Markup


def told(values, **more):
    return [(f.severity, f.field, str(f.message)) for f in findings(values, **more)]


def test_a_clean_text_has_no_findings():
    body = '<h2>一</h2><h3>二</h3><p><a href="/a">附件</a></p>'
    body += '<table><tr><th>名称</th></tr></table><img src="/x" alt="">'
    assert told({"title": "通知", "body": body}) == []


def test_each_fault_of_the_markup_is_named_once():
    body = (
        '<h2>一</h2><h4>跳级</h4><a href="">空</a><a href="#">空</a><a href="/x"></a><a href="/dead">死</a>'
        '<a href="https://a.example/">外</a><img src="/a"><img src="/b"><table><tr><th> </th></tr></table>'
    )
    found = told({"body": body}, is_dead=lambda address: address == "/dead")
    assert [message for _s, _f, message in found] == [
        "链接没有地址", "链接没有地址", "链接没有文字", "站内链接打不开", "${count} 张图片没有替代文字",
        "表格有空的表头", "标题跳级，请按层次使用小标题",
    ]  # fmt: skip
    assert {severity for severity, _f, _m in found} == {"warn"}


@pytest.mark.parametrize(
    ("picture", "message"),
    [
        ('<img src="/a/x1.png" alt="IMG_2041.jpg">', "替代文字没有说出图片上有什么"),
        ('<img src="/a/x1.png" alt="图片 2">', "替代文字没有说出图片上有什么"),
        ('<img src="/a/x1.png" alt="X1">', "替代文字没有说出图片上有什么"),
        (f'<img src="/a/x1.png" alt="{"供水车" * 41}">', "替代文字太长，请写在正文中"),
        ('<figure><img src="/a" alt="供水车"><figcaption>供水车</figcaption></figure>',
         "替代文字与图片下的说明相同，会被读两遍"),
        ('<figure><img src="/a" alt="供水车停在小区门口"><figcaption>应急供水</figcaption></figure>', None),
        ('<img src="/a" alt="图片社的招牌">', None),
        ('<img src="/a" alt="">', None),
    ],
)  # fmt: skip
def test_the_words_of_a_picture_tell_what_is_seen(picture, message):
    found = [m for _s, _f, m in told({"body": f"<p>一</p>{picture}"})]
    assert found == ([message] if message else [])


def test_blocks_come_first_and_each_number_once():
    found = told(
        {"summary": "13812345678", "body": "<p>11010519491231002X，11010519491231002X</p>"}
    )
    assert [(s, f) for s, f, _m in found] == [("block", "body"), ("warn", "summary")]


def test_the_offices_wording():
    found = findings({"title": "十九大报告指出", "body": "<p>帐号</p>"}, wording={"帐号": "账号"})
    assert [(f.field, f.message.mapping) for f in found] == [
        ("body", {"wrong": "帐号", "right": "账号"})
    ]


def test_broken_markup_is_read_to_its_end():
    markup = Markup("<a href=/x>一<h2>二</a></h2><th><b></table>")
    assert markup.links == [("/x", "一二")]
    assert markup.headings == [(2, "二")]
