"""What is sent twice, by a double click or by loading the answer anew, is done once; something else is done anew."""

import threading

import pytest
import transaction

from egov.operations.discussion import remark
from egov.operations.submissions import take_back
from egov.operations.workflow import advance
from egov.security.principals import SYSTEM_ACTOR
from tests.support.world import actor, article

NEWS = "/manage/finance/news"


@pytest.fixture
def item(site):
    made = article(site, title="甲")
    advance(made, "submit", by=actor(site, "author"))
    transaction.commit()
    return made


def form_to(page, view):
    return next(f for f in page.forms.values() if f.action.endswith(view))


def form_with(page, field):
    return next(f for f in page.forms.values() if field in f.fields)


def entries(item, action):
    transaction.begin()
    return [e for e in item.log.values() if e.action == action]


def test_a_decision_is_taken_once_and_its_result_is_shown_again(site, item, sign_in):
    reviewer = sign_in("reviewer")
    form = form_to(reviewer.get(f"{NEWS}/{item.__name__}"), "@@step")
    first = form.submit("step", value="approve", status=302)
    second = form.submit("step", value="approve", status=302)
    assert second.location == first.location
    assert "审核通过" in second.follow().html.find(class_="alert").text
    third = form.submit(
        "step", value="approve", status=302
    ).follow()  # the message was read already
    assert "审核通过" in third.html.find(class_="alert").text
    assert len(entries(item, "approve")) == 1
    assert item.state == "approved"


def test_a_remark_is_written_once_but_another_one_of_the_same_form_too(site, item, sign_in):
    reviewer = sign_in("reviewer")
    form = form_to(reviewer.get(f"{NEWS}/{item.__name__}"), "@@remark")
    form["text"] = "日期不对"
    form.submit(status=302)
    assert "已写下批注" in form.submit(status=302).follow()
    form["text"] = "来源也不对"  # gone back in the browser
    form.submit(status=302)
    transaction.begin()
    assert [r.text for r in item.desk.remarks.values()] == ["日期不对", "来源也不对"]


def test_settling_a_remark_twice_is_no_error(site, item, sign_in):
    said = remark(item, "日期不对", by=actor(site, "reviewer"))
    transaction.commit()
    author = sign_in("author")
    page = author.get(f"{NEWS}/{item.__name__}")
    form = next(
        f for f in page.forms.values() if "key" in f.fields and f["key"].value == str(said.key)
    )
    form.submit("do", value="settle", status=302)
    assert "批注已处理" in form.submit("do", value="settle", status=302).follow()
    assert len(entries(item, "resolve")) == 1


def test_an_offer_is_made_and_taken_back_once(site, item, sign_in):
    for step in ("approve", "publish"):
        advance(item, step, by=SYSTEM_ACTOR)
    transaction.commit()
    editor = sign_in("editor")
    form = form_with(editor.get(f"{NEWS}/{item.__name__}/@@offer"), "target")
    form["target"] = str(site.uid)
    form.submit(status=302)
    page = form.submit(status=302).follow()
    assert "已报送给" in page.html.find(class_="alert").text
    transaction.begin()
    made = list(site.ledger.offers_of(item.uid))
    assert len(made) == 1
    take_back(site, made[0], by=actor(site, "editor"))
    transaction.commit()
    fresh = form_with(editor.get(f"{NEWS}/{item.__name__}/@@offer"), "target")
    fresh["target"] = str(site.uid)
    fresh.submit(status=302)
    transaction.begin()
    assert len(list(site.ledger.offers_of(item.uid))) == 2


def upload(browser, form, *files):
    fields = form.submit_fields()
    sent = [("upload", name, body, "text/plain") for name, body in files]
    return browser.post(f"{NEWS}/@@upload", fields, upload_files=sent)


def test_files_are_taken_once_also_where_one_of_them_was_refused(site, sign_in):
    editor = sign_in("editor")
    form = form_with(editor.get(f"{NEWS}/@@upload"), "upload")
    good, bad = ("表.txt", b"words"), ("virus.exe", b"MZ")
    assert "已上传" in upload(editor, form, good).follow()
    assert "已上传" in upload(editor, form, good).follow()
    page = upload(editor, form, good, bad)
    assert page.status_int == 200
    again = upload(editor, form, good, bad)  # the page of the answer is loaded anew
    assert "没有重复办理" in again.follow()
    assert upload(editor, form, ("表.txt", b"other words")).status_int == 302
    transaction.begin()
    assert [n.title for n in site["finance"]["news"].values_in_order()] == ["表", "表", "表"]


def test_a_form_with_files_in_which_none_was_chosen_is_saved_once(site, item, sign_in):
    editor = sign_in("editor")
    form = editor.get(f"{NEWS}/{item.__name__}/@@edit").forms["edit"]
    form["summary"] = "摘要"
    first = form.submit("save", status=302)
    assert form.submit("save", status=302).location == first.location
    transaction.begin()
    assert item.work.values["summary"] == "摘要"


def test_what_was_refused_may_be_sent_again_unchanged(site, item, sign_in):
    reviewer = sign_in("reviewer")
    form = form_to(reviewer.get(f"{NEWS}/{item.__name__}"), "@@step")
    form["comment"] = ""
    assert form.submit("step", value="return").status_int == 200  # says that a reason is missing
    assert form.submit("step", value="return").status_int == 200
    form["comment"] = "请补充"
    assert form.submit("step", value="return").status_int == 302


def test_another_person_s_sending_is_not_taken_for_this_one(site, item, sign_in):
    reviewer, manager = sign_in("reviewer"), sign_in("manager")
    form = form_to(reviewer.get(f"{NEWS}/{item.__name__}"), "@@remark")
    form["text"] = "同意"
    form.submit(status=302)
    other = form_to(manager.get(f"{NEWS}/{item.__name__}"), "@@remark")
    other["text"], other["once"] = "同意", form["once"].value
    other.submit(status=302)
    transaction.begin()
    assert sorted(r.by for r in item.desk.remarks.values()) == ["manager", "reviewer"]


def test_two_clicks_at_the_same_moment_do_it_once(site, item, sign_in):
    reviewer = sign_in("reviewer")
    form = form_to(reviewer.get(f"{NEWS}/{item.__name__}"), "@@step")
    fields, answers = form.submit_fields("step", submit_value="approve"), []
    both = threading.Barrier(2)

    def click():
        both.wait()
        answers.append(reviewer.post(form.action, fields, status="*").status_int)

    clicks = [threading.Thread(target=click) for _number in range(2)]
    for one in clicks:
        one.start()
    for one in clicks:
        one.join()
    assert answers == [302, 302]
    assert len(entries(item, "approve")) == 1


def test_the_marks_of_only_a_few_sendings_are_remembered(site, item, sign_in):
    reviewer = sign_in("reviewer")
    form = form_to(reviewer.get(f"{NEWS}/{item.__name__}"), "@@remark")
    for number in range(25):
        form["text"] = f"第{number}条"
        form.submit(status=302)
    transaction.begin()
    session = site.sessions.of_user("reviewer")[0]
    assert len(session.sent) == 20
    assert "第24条" not in str(session.sent)  # marks, not words
