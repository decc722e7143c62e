"""The whole chain in a real browser: written by keyboard, returned, mended, approved, published, read on a phone."""

from dataclasses import replace
from itertools import chain

import pytest
import transaction

from egov.app import configure
from egov.base import clock
from egov.features.corrections.register import tell
from egov.features.readership.register import readership_of
from egov.model.kept_forms import REGISTER, KeptForm, KeptForms
from egov.operations.accounts import add_group
from egov.operations.assignments import assign
from egov.operations.batches import begin
from egov.operations.content import create, edit
from egov.operations.discussion import remark, reply, resolve
from egov.operations.organisation import add_unit, set_posts
from egov.operations.passes import make_pass
from egov.operations.releases import make_release, put_in
from egov.operations.rights import grant
from egov.operations.search_guide import pin, set_synonyms
from egov.operations.submissions import commission, decline, offer
from egov.operations.tree import delete, place
from egov.operations.workflow import advance
from egov.security.principals import ANONYMOUS, SYSTEM_ACTOR, Post
from tests.journeys.test_keeping_browser import PAGES as KEEPING
from tests.support.people import PHONE
from tests.support.world import actor, article

pytestmark = pytest.mark.browser


def test_from_the_keyboard_of_the_author_to_the_phone_of_the_reader(person, tmp_path):
    table = tmp_path / "名单.csv"
    table.write_text("姓名,单位\n甲,乙\n", "utf-8")
    author = person("author")
    author.goes_to("/manage/finance/news/@@add?type=article")
    author.page.frame_locator(".edit-form iframe").locator("body[contenteditable=true]").wait_for()
    author.page.get_by_label("标题").focus()
    author.page.keyboard.type("Water supply notice")
    author.page.frame_locator(".edit-form iframe").locator("body[contenteditable=true]").focus()
    author.page.keyboard.type("自周一起分区供水。")
    author.page.get_by_label("来源").focus()
    author.page.keyboard.type("市财政局")
    author.page.get_by_label("附件").set_input_files(table)
    author.page.keyboard.press("Control+s")
    author.page.wait_for_url("**/water-supply-notice")
    author.clicks("提交审核")
    author.sees("待审核")

    reviewer = person("reviewer")
    reviewer.page.get_by_role("link", name="Water supply notice").click()
    reviewer.page.get_by_label("意见或原因").fill("请写明恢复时间")
    reviewer.clicks("退回修改 · 须写原因")
    reviewer.sees("已退回")

    author.goes_to("/manage")
    author.sees("请写明恢复时间")
    author.goes_to("/manage/finance/news/water-supply-notice/@@edit")
    author.page.frame_locator(".edit-form iframe").locator("body[contenteditable=true]").focus()
    author.page.keyboard.press("Control+End")
    author.page.keyboard.type("周五恢复。")
    author.clicks("保存并提交审核")
    author.sees("待审核")

    reviewer.goes_to("/manage/finance/news/water-supply-notice")
    reviewer.clicks("审核通过")
    reviewer.sees("待发布")
    publisher = person("publisher")
    publisher.goes_to("/manage/finance/news/water-supply-notice")
    publisher.clicks("发布")
    publisher.sees("已发布")

    reader = person(size=PHONE)
    reader.goes_to("/finance/news")
    reader.page.get_by_role("link", name="Water supply notice").click()
    reader.sees("周五恢复。")
    assert reader.faults() == []
    with reader.page.expect_download() as started:
        reader.page.get_by_role("link", name="名单").click()
    assert started.value.suggested_filename == "名单.csv"


def test_what_is_written_is_kept_by_itself(person, site):
    item = article(site, title="A notice")
    transaction.commit()
    author = person("author")
    author.goes_to(f"/manage/finance/news/{item.__name__}/@@edit")
    author.page.frame_locator(".edit-form iframe").locator("body[contenteditable=true]").focus()
    sent = []
    author.page.on("request", lambda r: sent.append(r.url) if "@@autosave" in r.url else None)
    author.page.keyboard.type("Water comes back on Friday.", delay=20)
    author.page.locator(".saved", has_text="已自动保存").wait_for()
    assert len(sent) <= 2  # one for the whole sentence, not one for each key
    author.page.reload()
    author.page.frame_locator(".edit-form iframe").get_by_text(
        "Water comes back on Friday."
    ).wait_for()


MANAGE = (
    "", "/@@inbox", "/@@search?q=重要", "/@@trash", "/finance", "/finance/news", "/finance/news?arrange=1",
    "/finance/news/@@add?type=article", "/finance/news/@@add?type=official_document",
    "/finance/news/@@upload", "/finance/news/@@settings", "/finance/news/@@workflow",
    "/finance/news/@@arrange", "/finance/@@grants?who=author", "/finance/news/@@history",
    "/finance/news/@@delete", "/finance/news/zhong-yao", "/finance/news/zhong-yao/@@edit",
    "/finance/news/zhong-yao/@@history", "/finance/news/zhong-yao/@@compare?a=1&b=2",
    "/finance/news/@@transfer?uid={uid}", "/@@account", "/@@second-factor", "/finance/@@offers",
    "/finance/@@ledger", "/finance/@@corrections", "/finance/@@readership", "/finance/@@blocks",
    "/finance/@@block?kind=figures", "/finance/@@block?kind=text", "/finance/news/zhong-yao/@@offer",
    "/@@notices", "/@@releases", "/@@release?key={release}", "/finance/news/zhong-yao/@@assign",
    "/finance/news/zhong-yao/@@share", "/finance/news/zhong-yao/@@used",
    "/finance/news/zhong-yao/@@schedule", "/finance/news/@@rules?role=editor&state=draft",
    "/finance/news/@@effective?who=author&may=edit",
    "/finance/news/zhong-yao/@@compare?a=1&b=2&mode=inline&whole=1", "/finance/news/zhong-yao/@@review",
    "/finance/news/@@activity", "/finance/news/@@replace", "/finance/news/@@import", "/finance/@@upkeep",
    "/@@batches", "/@@passkey", "/@@resume", "/finance/notices/zhong-yao",
)  # fmt: skip
ADMINISTRATION = {
    "system-admin": ("/@@condition", "/@@users", "/@@groups", "/@@person?id=author"),
    "security-admin": (
        "/@@people",
        "/@@units",
        "/@@group?id=press",
        "/@@unit?id=finance",
        "/@@import-people",
        "/@@all-grants",
        "/@@person?id=author",
    ),
    "audit-admin": ("/@@audit",),
    # manages the portal
    "outsider": (
        "/@@subscriptions",
        "/@@tables",
        "/@@table?name=review",
        "/@@contents",
        "/@@search-guide",
        "/@@activity",
    ),
}


@pytest.fixture
def important(site, wsgi):
    """A published article with a second edition, so that every page about it has something to show."""
    item = article(site, title="重要")
    for step, who in (("submit", "author"), ("approve", "reviewer"), ("publish", "publisher")):
        advance(item, step, by=actor(site, who))
    edit(item, {**item.work.values, "summary": "补充说明"}, by=actor(site, "author"))
    said = remark(item, "请核对", by=actor(site, "reviewer"), field="title", passage="重要")
    reply(item, said.key, "已核对", by=actor(site, "author"))
    remark(item, "整体不错", by=actor(site, "manager"))
    resolve(item, said.key, by=actor(site, "reviewer"))
    assign(item, "manager", 1, by=actor(site, "editor"))
    release = make_release(site, "国庆专题", by=actor(site, "manager"))
    put_in(release, item, by=actor(site, "manager"))
    grant(site, "user:outsider", "manager", by=SYSTEM_ACTOR)
    add_group(site, "press", "宣传组", by=SYSTEM_ACTOR)
    for unit in ("finance", "health"):
        add_unit(site, unit, f"单位{unit}", "department", by=SYSTEM_ACTOR)
    set_posts(site, site.directory.user("author"), [Post("finance", "科员")], by=SYSTEM_ACTOR)
    make_pass(site, [item], "王局长", 3, by=actor(site, "manager"), may_decide=True)
    wsgi.registry.egov = replace(wsgi.registry.egov, mail_host="x", base_url="https://egov.example")
    _fill(site, item)
    transaction.commit()
    return item


def _fill(site, item):
    """Something to look at on every page that lists things."""
    finance, by = site["finance"], actor(site, "manager")
    advance(article(site, title="等审的稿件"), "submit", by=actor(site, "author"))
    article(site, by="manager", title="自己的稿件")
    place(item, finance["notices"], by=by)
    theirs = [create(site["health"]["news"], "article", {"title": f"卫生{n}", "body": "<p>字</p>", "source": "卫健委"},
                     by=SYSTEM_ACTOR) for n in range(2)]  # fmt: skip
    for one in theirs:
        for step in ("submit", "approve", "publish"):
            advance(one, step, by=SYSTEM_ACTOR)
    offer(theirs[0], finance, by=SYSTEM_ACTOR, note="请采用")
    decline(site, offer(theirs[1], finance, by=SYSTEM_ACTOR), by=SYSTEM_ACTOR, comment="过时")
    offer(item, site, by=by)
    commission(finance, site["health"], "卫生简报", clock.today(), by=by)
    delete(article(site, title="删去的"), by=by)
    begin(finance["news"], "tag", [item.uid], {"add": ("供水",), "remove": ()}, by=by)
    today = clock.local(clock.now()).date().isoformat()
    counts = {(today, "yes", f"/finance/news/{item.__name__}"): 3}
    readership_of(site).note(site, "s", counts)
    tell(item, "日期写错了", "13800000000", by=ANONYMOUS)
    set_synonyms(site, "身份证 居民身份证", by=SYSTEM_ACTOR)
    pin(site, "供水", item, by=SYSTEM_ACTOR)
    sent = KeptForm(
        f"/manage/finance/news/{item.__name__}/@@step",
        "step",
        (("comment", "请补充"),),
        (),
        clock.now(),
    )
    site.register(REGISTER, KeptForms).add("manager", sent)


# On a telephone everything is there that is on a desk, in less room.
WIDTHS = pytest.mark.parametrize("width", [320, pytest.param(1280, marks=pytest.mark.whole)])


@WIDTHS
def test_previews_for_who_has_signed_in_can_be_used_by_everybody(person, important, width):
    manager, faults = person("manager", {"width": width, "height": 800}), []
    release = next(important.__parent__.__parent__.__parent__.releases.newest()).key
    for key in (f"i{important.uid}", f"r{release}"):
        manager.goes_to(f"/-/preview/{key}/finance/news/zhong-yao")
        faults += manager.faults()

    assert faults == [], "\n".join(map(str, faults))


@WIDTHS
@pytest.mark.parametrize("part", range(3))
def test_every_kind_of_page_of_the_back_office_can_be_used_by_everybody(
    person, important, width, part
):
    site = important.__parent__.__parent__.__parent__
    release = next(site.releases.newest()).key
    manager = person("manager", {"width": width, "height": 800})
    faults = []
    for path in MANAGE[part::3]:
        manager.goes_to("/manage" + path.format(uid=important.uid, release=release))
        if "@@add" in path or "@@edit" in path:
            manager.page.frame_locator(".edit-form iframe").locator(
                "body[contenteditable=true]"
            ).wait_for()
        faults += manager.faults()

    assert faults == [], "\n".join(map(str, faults))


def test_every_page_of_the_back_office_has_something_to_look_at(important, site, sign_in):
    release = next(site.releases.newest()).key
    manager, bare = sign_in("manager"), []
    for path in [path for path in MANAGE if "@@search" not in path]:  # there is no index here
        main = manager.get("/manage" + path.format(uid=important.uid, release=release)).html.main
        bare += [(path, empty.text) for empty in main.select(".empty")]
    assert bare == []


def test_every_page_of_the_back_office_is_looked_at():
    paths = [*MANAGE, *chain(*ADMINISTRATION.values()), *chain(*KEEPING)]
    looked_at = {("@@" + path.partition("@@")[2].partition("?")[0]).strip("@") for path in paths}
    config = configure({"zodbconn.uri": "memory://"})
    config.commit()
    for database in config.registry._zodb_databases.values():
        database.close()
    pages = {
        (view["name"], template["introspectable"]["name"].rpartition("/")[2])
        for template in config.introspector.get_category("templates")
        for view in template["related"]
        if view.category_name == "views" and view["route_name"] == "manage"
    }
    assert {
        f"{name} {page}" for name, page in pages if page.endswith(".pt") and name not in looked_at
    } == PARTS


# Shown within pages that are looked at, or the page itself again with what is wrong.
PARTS = {"choose choose.pt", "branch branch.pt", "checks checks.pt", "remark problem.pt", "step item.pt",
         "waive item.pt", "put-in-release problem.pt"}  # fmt: skip


@WIDTHS
def test_every_kind_of_page_of_the_administrators_can_be_used_by_everybody(
    person, important, width
):
    faults = []
    for who, paths in ADMINISTRATION.items():
        administrator = person(who, {"width": width, "height": 800})
        for path in paths:
            administrator.goes_to("/manage" + path)
            for fold in administrator.page.locator("details.rule summary").all():
                fold.click()
            faults += administrator.faults()
            if path.startswith("/@@unit?"):
                administrator.clicks("并入这个单位（先看影响）")
                administrator.sees("确认并入")
                faults += administrator.faults()

    assert faults == [], "\n".join(map(str, faults))


def test_a_draft_is_previewed_beside_its_form_and_follows_what_is_written(person, important):
    """Live preview: at two widths, kept up with the text half a second after the last key."""
    editor = person("editor", {"width": 1440, "height": 900})
    page = editor.page
    editor.goes_to("/manage/finance/news/zhong-yao/@@edit")
    page.locator(".live summary").click()
    frame = page.frame_locator(".live iframe")
    frame.get_by_role("heading", name="重要").wait_for()
    page.get_by_label("标题").first.fill("重要的新标题")
    frame.get_by_role("heading", name="重要的新标题").wait_for()
    page.get_by_role("button", name="手机").click()
    assert page.locator(".live iframe").bounding_box()["width"] == 375
    assert editor.faults() == []


def test_a_passage_is_chosen_with_the_mouse_and_marked_where_it_stands(person, important):
    reviewer = person("reviewer")
    page = reviewer.page
    reviewer.goes_to("/manage/finance/news/zhong-yao")
    page.locator("section[data-field=body] .body p").first.dblclick(position={"x": 8, "y": 10})
    page.locator("details[open] #passage-body").wait_for()
    assert page.locator("#passage-body").input_value() in "正文。"
    page.locator("#text-body").fill("请展开说明")
    page.locator("section[data-field=body]").get_by_role("button", name="写下批注").click()
    page.get_by_text("请展开说明").wait_for()
    assert page.evaluate("CSS.highlights.get('remark').size") >= 1
    assert reviewer.faults() == []
