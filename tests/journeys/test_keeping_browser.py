"""Keeping order in a real browser: by keyboard, by mouse, on a phone; every new page usable by everybody."""

import pytest
import transaction

from egov.operations.batches import begin
from egov.operations.content import edit
from egov.operations.tree import delete, rename
from tests.support.world import actor, article

pytestmark = pytest.mark.browser

NEWS = "/manage/finance/news"


@pytest.fixture
def many(site):
    made = [article(site, title=f"t{n}") for n in range(5)]
    transaction.commit()
    return made


def names(site):
    transaction.begin()
    return list(site["finance"]["news"])


def test_a_list_is_put_in_order_chosen_from_and_moved_by_keyboard_alone(person, site, many):
    manager = person("manager")
    page = manager.page
    manager.goes_to(NEWS)
    for _press in range(2):
        page.keyboard.press("j")
    with page.expect_response("**/@@order"):
        page.keyboard.press("Alt+ArrowUp")
    page.get_by_text("已移到第 1 位").wait_for()
    assert names(site) == ["t1", "t0", "t2", "t3", "t4"]

    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Shift+X")
    assert page.locator("#count").inner_text() == "3"
    page.keyboard.press("Control+x")
    page.wait_for_load_state()
    page.get_by_text("已剪切 3 项").first.wait_for()
    page.locator(".tree a", has_text="市财政局").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/finance/notices")
    page.locator(".clip").wait_for()
    page.keyboard.press("Control+v")
    page.get_by_text("已完成 3 项").wait_for()
    assert names(site) == ["t3", "t4"]

    page.get_by_role("link", name="撤销或查看…").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="整体撤销").focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="整体撤销").wait_for()
    assert names(site) == ["t1", "t0", "t2", "t3", "t4"]
    page.keyboard.press("?")
    assert manager.faults() == []


def test_rows_are_dragged_into_order_and_onto_the_tree(person, site, many):
    manager = person("manager")
    page = manager.page
    manager.goes_to(NEWS)
    rows = page.locator(".contents tbody tr")
    with page.expect_response("**/@@order"):
        rows.nth(3).drag_to(rows.nth(0), target_position={"x": 200, "y": 3})
    assert names(site) == ["t3", "t0", "t1", "t2", "t4"]
    rows.nth(4).drag_to(page.locator(".tree .line a", has_text="通知公告"))
    page.wait_for_url("**/finance/notices")
    assert names(site) == ["t3", "t0", "t1", "t2"]


def test_the_tree_opens_in_place_remembers_and_is_driven_by_arrows(person, site):
    manager = person("manager")
    page = manager.page
    manager.goes_to("/manage")
    branch = page.locator(".tree a", has_text="市财政局")
    branch.focus()
    page.keyboard.press("ArrowRight")
    page.locator(".tree a", has_text="工作动态").wait_for()
    manager.goes_to("/manage/@@inbox")
    page.locator(".tree a", has_text="工作动态").wait_for()
    branch.focus()
    page.keyboard.press("ArrowLeft")
    page.locator(".tree a", has_text="工作动态").wait_for(state="detached")


@pytest.fixture
def kept(site, many):
    """Something to see on every page: what was changed, deleted, done to many, and is being done; with their keys."""
    by, news = actor(site, "manager"), site["finance"]["news"]
    edit(many[0], many[0].work.values | {"body": '<p>正文<a href="/no/where">x</a></p>'}, by=by)
    rename(many[1], "renamed", by=by)
    delete(many[2], by=by)
    done = begin(news, "step", [item.uid for item in many[3:]], {"step": "publish"}, by=by)
    running = begin(news, "tag", [many[0].uid] * 30, {"add": ("x",), "remove": ()}, by=by)
    transaction.commit()
    return {
        "uid": many[1].uid,
        "entry": many[1].log.maxKey(),
        "done": done.key,
        "running": running.key,
    }


PAGES = (
    (NEWS, f"{NEWS}?arrange=1", f"{NEWS}?words=nothing", f"{NEWS}/renamed/@@history"),
    ("/manage/finance/@@activity", "/manage/@@undo?uid={uid}&key={entry}", "/manage/@@batches",
     "/manage/@@batch?key={done}", "/manage/@@batch?key={running}"),
    ("/manage/@@trash", f"{NEWS}/renamed/@@review", f"{NEWS}/@@import", "/manage/finance/@@replace"),
    ("/manage/finance/@@upkeep", "/manage/finance/@@upkeep?list=links",
     "/manage/finance/@@upkeep?list=stale&days=1", "/manage/finance/@@upkeep?list=outside", "/manage"),
)  # fmt: skip


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("pages", PAGES)
def test_every_page_of_keeping_can_be_used_by_everybody(person, kept, pages, width):
    manager = person("manager", {"width": width, "height": 800})
    faults = []
    for path in pages:
        manager.goes_to(path.format(**kept))
        faults += manager.faults()

    assert faults == [], "\n".join(map(str, faults))


def test_what_is_asked_before_many_are_changed_can_be_used_by_everybody(person, kept):
    manager = person("manager", {"width": 320, "height": 800})
    page = manager.page
    faults = []
    for choice in ("改关键词…", "移动、复制或引用…"):
        manager.goes_to(NEWS)
        page.locator("input[name=uid]").first.check()
        page.locator(".actions summary", has_text="整理").click()
        faults += manager.faults()
        page.get_by_role("button", name=choice).click()
        page.locator("h1", has_text="改关键词" if "改" in choice else "移动").wait_for()
        faults += manager.faults()
    manager.goes_to("/manage/finance/@@replace")
    page.get_by_label("查找", exact=True).fill("正文")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="找到").wait_for()
    faults += manager.faults()

    assert faults == [], "\n".join(map(str, faults))
