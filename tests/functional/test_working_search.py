"""The back office is searched: drafts too, by who may see them, as they are at this moment."""

from datetime import timedelta

import pytest
import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from egov.base import clock
from egov.base.permissions import Permission
from egov.operations.content import autosave, create, edit, version_of
from egov.operations.rights import grant, set_inheritance
from egov.operations.search_guide import set_synonyms
from egov.operations.tree import delete
from egov.operations.workflow import advance, available
from egov.search.index import working_index
from egov.search.queries import COUNTED_AT_WORK, Question, ask
from egov.search.working import working_domains
from egov.security.policy import permits
from egov.security.principals import SYSTEM_ACTOR
from tests.support.world import actor, article

PEOPLE = ("outsider", "reader", "author", "editor", "reviewer", "manager")


@pytest.fixture
def index(site, tmp_path):
    made = working_index(tmp_path)
    made.rebuild(site)
    return made


def found(site, index, who, words, **narrowed):
    index.refresh(site, at_once=True)
    by = actor(site, who)
    answer = ask(
        index,
        Question(words, limit=50, **narrowed),
        working_domains(site, by),
        counted=COUNTED_AT_WORK,
    )
    return {hit.uid for hit in answer.hits}


def test_a_draft_is_found_by_who_may_see_it_and_by_nobody_else(site, app, sign_in):
    item = article(site, title="供水应急预案")
    transaction.commit()
    for who, sees in (
        ("author", True),
        ("editor", True),
        ("outsider", False),
        ("system-admin", False),
    ):
        page = sign_in(who).get("/manage/@@search", {"q": "应急"})
        assert (f"/manage/finance/news/{item.__name__}" in page) is sees, who
        assert ("没有找到" in page) is not sees
    app.get("/manage/@@search", {"q": "应急"}, status=302)
    assert "应急" not in app.get("/@@search", {"q": "供水"}).html.main.text


def test_words_state_type_author_and_site_narrow_it(site, sign_in):
    article(site, title="供水一")
    second = article(site, title="供水二")
    advance(second, "submit", by=SYSTEM_ACTOR)
    transaction.commit()
    editor = sign_in("editor")
    page = editor.get("/manage/@@search", {"q": "供水"})
    assert "供水一" in page.html.main.text
    form = page.forms[1] if "kind" in page.forms[1].fields else page.forms[0]
    form["state"] = "pending"
    page = form.submit()
    told = page.html.main.text
    assert "供水二" in told
    assert "供水一" not in told
    assert "没有符合筛选条件" in editor.get(
        "/manage/@@search", {"q": "供水", "state": "pending", "kind": "official_document"}
    )
    assert (
        "供水二"
        in editor.get(
            "/manage/@@search", {"q": "供水", "site": "finance", "sort": "date"}
        ).html.main.text
    )
    assert (
        "市财政局" in editor.get("/manage/@@search", {"q": "caizheng"}).html.main.text
    )  # a site, by its sound


def test_traditional_characters_and_words_for_the_same_are_understood_as_by_the_public_search(
    site, sign_in
):
    article(site, title="电动自行车登记")
    article(site, title="乾县见闻")
    set_synonyms(site, "电瓶车、电动自行车", by=SYSTEM_ACTOR)
    transaction.commit()
    editor = sign_in("editor")
    for words, title in (
        ("電動自行車", "电动自行车登记"),
        ("乾县", "乾县见闻"),
        ("电瓶车", "电动自行车登记"),
    ):
        page = editor.get("/manage/@@search", {"q": words})
        assert [one.text.strip() for one in page.html.select(".found .row-link")] == [title], words
        assert page.html.select_one("#question")["value"] == words
        chosen = editor.get("/manage/@@choose", {"kind": "file", "q": words})
        assert [one["data-title"] for one in chosen.html.select(".choose-list [data-url]")] == [
            title
        ], words


def test_what_was_asked_stands_whole_in_every_link(site, sign_in):
    article(site, title="甲&乙供水")
    transaction.commit()
    page = sign_in("editor").get("/manage/@@search", {"q": "甲&乙供水", "kind": "article"})
    assert page.click("清除筛选").html.select_one("#question")["value"] == "甲&乙供水"


def test_what_is_written_is_found_while_it_is_written(site, index):
    item = article(site, title="甲")
    transaction.commit()
    assert found(site, index, "author", "甲") == {item.uid}
    by = actor(site, "author")
    edit(item, {**item.work.values, "title": "乙的纪要"}, by=by)
    assert found(site, index, "author", "纪要") == {item.uid}
    at = clock.now()
    for minutes, word in ((1, "丙的批复"), (8, "丁的简报")):  # kept by itself, without an entry
        with clock.frozen(at + timedelta(minutes=minutes)):
            other = article(site, title=f"别的{minutes}")  # and the log goes on
            autosave(item, {**item.work.values, "title": word}, by=by, expected=version_of(item))
            assert found(site, index, "author", word) >= {item.uid}
        with clock.frozen(at + timedelta(minutes=minutes, seconds=1)):
            delete(other, by=SYSTEM_ACTOR)
            assert other.uid not in found(site, index, "author", "别的")


def test_it_is_brought_up_once_and_not_again(site, index):
    article(site, title="甲")
    transaction.commit()
    index.refresh(site, at_once=True)
    before = (index.folder / "current").read_text()
    stamp = (index.folder / before / "meta.json").stat().st_mtime_ns
    index.refresh(site, at_once=True)
    assert (index.folder / before / "meta.json").stat().st_mtime_ns == stamp


steps = st.lists(
    st.tuples(
        st.sampled_from(("submit", "approve", "publish", "withdraw", "close", "give")),
        st.integers(0, 3),
        st.sampled_from(PEOPLE),
    ),
    max_size=10,
)


@given(steps)
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_it_finds_what_a_scan_finds(site, index, chosen):
    places = [site["finance"]["news"], site["health"]["news"]]
    items = [
        create(
            places[n % 2],
            "article",
            {"title": f"供水{n}", "body": "<p>正文</p>", "source": "市水务局"},
            by=SYSTEM_ACTOR,
        )
        for n in range(4)
    ]
    for what, number, who in chosen:
        item = items[number]
        if what == "close":
            set_inheritance(item, False, by=SYSTEM_ACTOR)
        elif what == "give":
            grant(item, f"user:{who}", "reader", by=SYSTEM_ACTOR)
        elif what in {step.name for step in available(item, SYSTEM_ACTOR)}:
            advance(item, what, by=SYSTEM_ACTOR)
    transaction.commit()
    for who in PEOPLE:
        mine = {i.uid for i in items if permits(actor(site, who), Permission.PREVIEW, i)}
        assert found(site, index, who, "供水") & {i.uid for i in items} == mine, who
