"""Writing in a real browser: nothing typed is lost, others are seen, and what is pasted comes in the house's styles."""

import io
from pathlib import Path

import pytest
import transaction
from PIL import Image

from egov.operations.content import edit
from egov.operations.workflow import advance
from tests.support.world import PASSWORD, actor, article

pytestmark = pytest.mark.browser
PASTED = Path(__file__).parent / "pasted"


def png():
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "#1d4f91").save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def draft(site):
    item = article(site, title="A notice")
    transaction.commit()
    return item


def at(item, view="@@edit"):
    return f"/manage/finance/news/{item.__name__}/{view}"


def text_of(who):
    body = who.page.frame_locator(".edit-form iframe").locator("body[contenteditable=true]")
    body.wait_for()
    return body


def opens(who, item):
    who.goes_to(at(item))
    return text_of(who)


def is_kept(who):
    who.page.locator(".saved", has_text="已自动保存").wait_for()


def signs_in_again(who, user_id):
    """In another window of the same browser."""
    other = who.page.context.new_page()
    other.goto(f"{who.server}/login")
    other.get_by_label("用户名").fill(user_id)
    other.get_by_label("密码").fill(PASSWORD)
    other.keyboard.press("Enter")
    other.wait_for_url("**/manage")
    other.close()


def end_sessions(site):
    transaction.begin()
    for session in site.sessions.of_user("author"):
        site.sessions.end(session)
    transaction.commit()


def test_a_new_text_becomes_a_draft_as_soon_as_it_has_a_title(person, site):
    author = person("author")
    author.goes_to("/manage/finance/news/@@add?type=article")
    text_of(author).fill("Water comes back.")
    author.page.get_by_label("标题").fill("Water notice")
    author.page.wait_for_url("**/water-notice/@@edit")
    author.sees("已自动保存")
    author.page.get_by_label("来源").fill("Water office")
    author.page.locator(".check-badge").wait_for(state="hidden")
    author.page.reload()
    assert text_of(author).inner_text().strip() == "Water comes back."
    transaction.begin()
    assert list(site["finance"]["news"]) == ["water-notice"]


def test_text_survives_the_end_of_the_session_and_is_saved_after_signing_in(person, site, draft):
    author = person("author")
    opens(author, draft)
    end_sessions(site)
    author.page.get_by_label("摘要").fill("Typed after the session had ended")
    author.page.get_by_role("dialog", name="登录已过期").wait_for()
    signs_in_again(author, "author")
    author.clicks("我已登录，继续")
    author.sees("已自动保存")
    transaction.begin()
    assert draft.work.values["summary"] == "Typed after the session had ended"
    author.complaints.clear()


def test_a_submission_after_the_session_has_ended_loses_nothing(person, site, draft):
    author = person("author")
    opens(author, draft)
    author.page.get_by_label("摘要").fill("Before")
    author.sees("已自动保存")
    end_sessions(site)
    author.page.get_by_label("摘要").evaluate("box => { box.value = 'Handed in too late'; }")
    author.clicks("保存并提交审核")
    author.page.get_by_role("dialog", name="登录已过期").wait_for()
    signs_in_again(author, "author")
    author.clicks("我已登录，继续")
    author.page.get_by_role("dialog", name="登录已过期").wait_for(state="hidden")
    author.clicks("保存并提交审核")
    author.page.wait_for_url(f"**/{draft.__name__}")
    transaction.begin()
    assert draft.work.values["summary"] == "Handed in too late"
    author.complaints.clear()


def test_what_was_saved_but_not_handed_in_is_not_offered_as_lost(person, draft):
    author = person("author")
    opens(author, draft)
    author.page.get_by_label("来源").fill("")
    is_kept(author)
    author.clicks("保存并提交审核")
    author.sees("还没有提交")
    text_of(author)
    assert author.page.locator(".kept-copy").is_hidden()


def test_what_the_server_has_not_yet_is_found_again_in_the_same_window(person, draft):
    author = person("author")
    opens(author, draft)
    author.page.route("**/@@autosave", lambda route: route.abort())
    author.page.get_by_label("摘要").fill("Not sent")
    author.sees("未保存：网络不通")
    author.page.on("dialog", lambda dialog: dialog.accept())
    author.page.unroute("**/@@autosave")
    author.page.reload()
    text_of(author)
    author.clicks("找回这些文字")
    assert author.page.get_by_label("摘要").input_value() == "Not sent"
    author.sees("已自动保存")
    author.complaints.clear()


def test_two_people_see_each_other_and_merge_what_both_wrote(person, site, draft):
    author, editor = person("author"), person("editor")
    opens(author, draft)
    opens(editor, draft)
    editor.sees("测试author")
    author.page.get_by_label("摘要").fill("The author's summary")
    author.sees("已自动保存")
    editor.page.get_by_label("来源").fill("The editor's source")
    editor.sees("已被他人修改")
    editor.clicks("查看并合并")
    editor.sees("尚未保存。请核对")
    assert editor.page.get_by_label("摘要").input_value() == "The author's summary"
    editor.clicks("保存")
    editor.page.wait_for_url(f"**/{draft.__name__}")
    transaction.begin()
    values = draft.work.values
    assert (values["summary"], values["source"]) == ("The author's summary", "The editor's source")
    editor.complaints.clear()


def test_two_windows_of_one_person_lose_nothing(person, site, draft):
    author = person("author")
    opens(author, draft)
    other = author.page.context.new_page()
    other.goto(author.server + at(draft))
    other.get_by_text("您在另一个窗口也打开了这篇稿件").wait_for()
    author.page.get_by_label("摘要").fill("First window")
    author.sees("已自动保存")
    other.get_by_label("来源").fill("Second window")
    other.get_by_role("button", name="查看并合并").click()
    other.get_by_text("尚未保存。请核对").first.wait_for()  # the page before has that button, too
    other.get_by_role("button", name="保存", exact=True).click()
    other.wait_for_url(f"**/{draft.__name__}")
    transaction.begin()
    values = draft.work.values
    assert (values["summary"], values["source"]) == ("First window", "Second window")
    author.complaints.clear()


def paste(who, html):
    text_of(who).evaluate(
        """(body, html) => {
            const data = new DataTransfer();
            data.setData("text/html", html);
            data.setData("text/plain", "plain");
            body.focus();
            body.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
        }""",
        html,
    )


def pasted(who, site, draft, name):
    transaction.begin()
    edit(draft, {**draft.work.values, "body": ""}, by=actor(site, "author"))
    transaction.commit()
    opens(who, draft)
    paste(who, (PASTED / name).read_text("utf-8"))
    who.sees("已自动保存")
    is_kept(who)
    transaction.begin()
    return draft.work.values["body"].replace("\n", "")


def test_what_word_puts_on_the_clipboard_comes_in_our_styles(person, site, draft):
    author = person("author")
    assert pasted(author, site, draft, "word.html") == (
        '<p class="doc-title">关于做好供水保障工作的通知</p>'
        "<h2>一、总体要求</h2>"
        '<p class="text-indent">各单位要提高认识，<strong>压实责任</strong>，确保群众用水安全。详见'
        '<a href="https://www.example.gov.cn/a" rel="noopener noreferrer">www.example.gov.cn</a>。</p>'
        "<ul><li>加强巡查</li></ul>"
        "<ol><li>第一步<ol><li>细则</li></ol></li><li>第二步</li></ol>"
        "<p>（一）时间安排</p>"
        '<table><thead><tr><th scope="col">片区</th><th scope="col">时间</th></tr></thead>'
        '<tbody><tr><td rowspan="2">江南</td><td>周一<br>全天</td></tr><tr><td>周二</td></tr></tbody></table>'
        '<p class="text-end">市水务局</p>'
    )
    author.page.get_by_text("图片没有带过来").first.wait_for()


def test_what_wps_puts_on_the_clipboard_comes_in_our_styles(person, site, draft):
    author = person("author")
    assert pasted(author, site, draft, "wps.html") == (
        "<h3>二、工作安排</h3>"
        '<p class="text-indent">请于12月1日前完成。</p>'
        "<ol><li>排查管网</li><li>公布结果</li></ol>"
        '<p class="text-indent">联系电话：0000-8012345</p>'
        '<table><tbody><tr><td>甲</td><td colspan="2">乙<sup>2</sup></td></tr>'
        "<tr><td>丙</td><td>丁</td><td>戊</td></tr></tbody></table>"
    )


def drops(person, field, name):
    """Drop a file onto a field of the form, and note whether a progress bar stands there then."""
    person.page.evaluate(
        """([field, name]) => {
          const box = document.querySelector(`.files-field:has([value="${field}:sequence"])`);
          window.progressSeen = 0;
          new MutationObserver(() => { window.progressSeen += box.querySelectorAll("progress").length; })
            .observe(box, { childList: true, subtree: true });
          const dataTransfer = new DataTransfer();
          dataTransfer.items.add(new File(["words"], name, { type: "text/plain" }));
          const about = { dataTransfer, bubbles: true, cancelable: true };
          for (const type of ["dragover", "drop"]) box.dispatchEvent(new DragEvent(type, about));
        }""",
        [field, name],
    )


def test_files_are_sent_at_once_replaced_in_place_and_taken_out(person, site, draft):
    author = person("author")
    opens(author, draft)
    box = author.page.get_by_label("附件")
    files = [
        {"name": f"{name}.txt", "mimeType": "text/plain", "buffer": name.encode()}
        for name in ("one", "two", "three")
    ]
    box.set_input_files(files[:2])
    author.page.get_by_role("link", name="two.txt").wait_for()
    drops(author, "attachments", "three.txt")
    author.page.get_by_role("link", name="three.txt").wait_for()
    assert author.page.evaluate("window.progressSeen") > 0
    author.page.get_by_role("link", name="one.txt").wait_for()
    transaction.begin()
    old = draft.work.values["attachments"][1]
    link = f'<p><a href="/-/file/{draft.uid}/{old.id}/two.txt">two</a></p>'
    edit(draft, {**draft.work.values, "body": link}, by=actor(site, "author"))
    transaction.commit()
    opens(author, draft)
    with author.page.expect_file_chooser() as chooser:
        author.page.get_by_role("button", name="替换 two.txt").click()
    chooser.value.set_files({"name": "second.txt", "mimeType": "text/plain", "buffer": b"new"})
    author.page.get_by_role("link", name="second.txt").wait_for()
    with author.page.expect_response("**/@@autosave"):
        author.page.get_by_role("button", name="移除 three.txt").click()
    is_kept(author)
    transaction.begin()
    values = draft.work.values
    assert [f.filename for f in values["attachments"]] == ["one.txt", "second.txt"]
    assert values["attachments"][1].id in values["body"]
    assert old.id not in values["body"]


def test_a_refused_file_says_why_and_the_others_are_taken(person, draft):
    author = person("author")
    opens(author, draft)
    author.page.get_by_label("附件").set_input_files(
        [
            {"name": "bad.exe", "mimeType": "application/octet-stream", "buffer": b"MZ"},
            {"name": "good.txt", "mimeType": "text/plain", "buffer": b"good"},
        ]
    )
    author.sees("不接受这种类型的文件")
    author.page.get_by_role("link", name="good.txt").wait_for()
    author.page.wait_for_load_state("networkidle")
    author.complaints.clear()


def test_a_picture_is_put_in_with_its_words_and_a_link_is_chosen_from_the_tree(person, site, draft):
    other = article(site, title="A linked page", where="notices")
    for step, who in (("submit", "author"), ("approve", "reviewer"), ("publish", "publisher")):
        advance(other, step, by=actor(site, who))
    hidden = article(site, title="Somebody's draft", where="notices")
    transaction.commit()
    author = person("author")
    page = author.page
    opens(author, draft)
    page.get_by_label("附件").set_input_files(
        {"name": "map.png", "mimeType": "image/png", "buffer": png()}
    )
    page.get_by_role("link", name="map.png").wait_for()
    text_of(author).press("Control+a")
    page.keyboard.press("Control+k")
    page.get_by_role("button", name="选择站内网页或文件").click()
    chooser = page.get_by_role("dialog", name="选择站内网页或文件")
    chooser.get_by_role("button", name="市财政局").click()
    chooser.get_by_role("button", name="通知公告", exact=True).click()
    # The author sees it, marked as not public.
    chooser.get_by_role("button", name=hidden.title).wait_for()
    chooser.get_by_role("button", name="A linked page").click()
    page.get_by_role("button", name="保存").last.click()
    author.sees("已自动保存")
    is_kept(author)
    transaction.begin()
    assert f'href="/finance/notices/{other.__name__}"' in draft.work.values["body"]
    assert author.faults() == []
    text_of(author).press("Control+End")
    page.get_by_role("button", name="插入/编辑图片").click()
    page.get_by_role("button", name="选择图片").click()
    page.get_by_role("dialog", name="选择图片").get_by_role("button", name="map.png").click()
    page.get_by_label("替代描述").fill("Map of the water works")
    with page.expect_response("**/@@autosave"):
        page.get_by_role("button", name="保存").last.click()
    is_kept(author)
    transaction.begin()
    assert 'alt="Map of the water works"' in draft.work.values["body"]
    # The same picture elsewhere says nothing: its words belong to each use.
    text_of(author).press("Control+End")
    page.get_by_role("button", name="插入/编辑图片").click()
    page.get_by_role("button", name="选择图片").click()
    page.get_by_role("dialog", name="选择图片").get_by_role("button", name="map.png").click()
    page.get_by_text("图像是装饰性的").click()
    with page.expect_response("**/@@autosave"):
        page.get_by_role("button", name="保存").last.click()
    is_kept(author)
    transaction.begin()
    assert 'alt=""' in draft.work.values["body"]
    assert 'alt="Map of the water works"' in draft.work.values["body"]
