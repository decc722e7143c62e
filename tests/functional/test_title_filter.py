"""A list's titles are found by the index exactly as a look at each of them would, at a cost that does not grow."""

from contextlib import suppress
from urllib.parse import quote

import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ZODB.Connection import Connection

from egov.base.errors import Invalid
from egov.base.permissions import Permission
from egov.manage.many import by_title
from egov.manage.places import contents
from egov.operations.content import create, edit
from egov.operations.rights import grant, set_inheritance
from egov.operations.tree import delete, move, place
from egov.operations.workflow import advance, available
from egov.search.index import working_index
from egov.search.titles import title_fits, titled
from egov.search.working import domains_directly_in
from egov.security.policy import permits
from egov.security.principals import SYSTEM_ACTOR
from tests.support.world import actor, article

NEWS = "/manage/finance/news"
PEOPLE = ("outsider", "reader", "author", "editor", "reviewer", "manager")
ASKED = (
    "春节",
    "节放",
    "節放",
    "通知",
    "通",
    "annual",
    "nn",
    "2026",
    "26年",
    "chunjie",
    "关于 通知",
    "《》",
    "甲乙",
    "_",
    "a",
)

titles = st.one_of(
    st.sampled_from(
        ("关于春节放假的通知", "通 知2026年", "《Annual》 report", "甲", "甲_乙", "ＡＮＮ2026")
    ),
    st.text("春节放假通知甲乙a2 《_", min_size=1, max_size=12).filter(str.strip),
)
work = st.tuples(
    st.sampled_from(("submit", "approve", "publish", "close", "give", "away", "delete", "retitle")),
    st.integers(0, 3),
    st.sampled_from(PEOPLE),
)


def listed(index, site, container, who, typed):
    found = titled(index, typed, domains_directly_in(container, actor(site, who)), limit=1000)
    nodes = (site.catalog.node(uid) for uid in found.uids)
    return {n.uid for n in nodes if n and permits(actor(site, who), Permission.PREVIEW, n)}


@given(st.lists(titles, min_size=4, max_size=4), st.lists(work, max_size=6))
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_index_finds_what_a_look_at_each_title_finds(site, tmp_path, named, chosen):
    index = working_index(tmp_path)
    index.rebuild(site)
    news, other = site["finance"]["news"], site["health"]["news"]
    values = {"body": "<p>春节通知</p>", "source": "局"}
    items = [create(news, "article", {"title": t, **values}, by=SYSTEM_ACTOR) for t in named]
    create(news, "section", {"title": named[0]}, by=SYSTEM_ACTOR)
    far = create(other, "article", {"title": named[1], **values}, by=SYSTEM_ACTOR)
    advance(far, "publish" if "publish" in _steps(far) else "submit", by=SYSTEM_ACTOR)
    place(far, news, by=SYSTEM_ACTOR)
    for what, number, who in chosen:
        if items[number].__parent__ is news:
            _do(what, items[number], who, other, named[number - 1])
    transaction.commit()
    index.refresh(site, at_once=True)
    for who in PEOPLE:
        by = actor(site, who)
        seen = [n for n in news.values_in_order() if permits(by, Permission.PREVIEW, n)]
        for typed in ASKED:
            fit = {n.uid for n in seen if title_fits(n.title, typed)}
            assert listed(index, site, news, who, typed) == fit, (who, typed)


def _do(what, item, who, other, title):
    if what == "close":
        set_inheritance(item, False, by=SYSTEM_ACTOR)
    elif what == "give":
        grant(item, f"user:{who}", "reader", by=SYSTEM_ACTOR)
    elif what == "away":
        with suppress(Invalid):  # something there has that name
            move(item, other, by=SYSTEM_ACTOR)
    elif what == "delete":
        delete(item, by=SYSTEM_ACTOR)
    elif what == "retitle":
        edit(item, {**item.work.values, "title": title}, by=SYSTEM_ACTOR)
    elif what in _steps(item):
        advance(item, what, by=SYSTEM_ACTOR)


def _steps(item):
    return {step.name for step in available(item, SYSTEM_ACTOR)}


def test_no_more_is_loaded_for_many_children_than_for_few(
    site, sign_in, wsgi, database, monkeypatch
):
    editor, address, loaded = sign_in("editor"), f"{NEWS}?words={quote('供水')}", []
    usual = Connection.setstate
    monkeypatch.setattr(Connection, "setstate", lambda c, it: (loaded.append(it), usual(c, it))[1])
    # What was done in the last two minutes is read again at each look; here the index is brought up by hand.
    monkeypatch.setattr("egov.search.index._EVERY", 3600.0)
    counts = []
    for most in (10, 300):
        for n in range(len(site["finance"]["news"]), most):
            article(site, title=f"会议纪要{n}" if n > 2 else f"供水方案{n}")
        transaction.commit()
        editor.get(address)
        wsgi.registry.working_search.refresh(site, at_once=True)
        database.cacheMinimize()
        loaded.clear()
        assert editor.get(address).html.tbody.text.count("编辑 供水方案") == 3
        counts.append(len(loaded))
    assert counts[1] <= counts[0] + 20, counts  # a scan loads each of them


def test_words_that_fit_too_much_or_an_index_that_is_behind_are_told(
    site, sign_in, wsgi, monkeypatch
):
    for n in range(3):
        article(site, title=f"供水{n}")
    transaction.commit()
    editor, address = sign_in("editor"), f"{NEWS}?words={quote('gongshui')}"
    assert editor.get(address).html.tbody.text.count("编辑 供水") == 3
    monkeypatch.setattr(by_title, "DEEPEST", 2)
    assert "再加几个字" in editor.get(address)
    monkeypatch.setattr(wsgi.registry.working_search, "is_up", False)
    monkeypatch.setattr(wsgi.registry.working_search, "_looked", float("inf"))
    assert "可能稍后才能查到" in editor.get(address)


def test_without_an_index_the_newest_are_looked_through(site, sign_in, wsgi, monkeypatch):
    article(site, title="供水旧")
    for n in range(3):
        article(site, title=f"供水{n}")
    transaction.commit()
    monkeypatch.setattr(wsgi.registry, "working_search", None)
    editor, address = sign_in("editor"), f"{NEWS}?words={quote('供水')}"
    page = editor.get(address)
    assert "供水旧" in page.html.tbody.text
    assert "还没有建立检索索引" not in page
    monkeypatch.setattr(by_title, "_LOOKED_THROUGH", 2)
    page = editor.get(address)
    assert "供水旧" not in page.html.tbody.text
    assert "还没有建立检索索引" in page


def test_all_of_what_was_found_is_chosen_and_nothing_else(site, sign_in, monkeypatch):
    monkeypatch.setattr(contents, "PAGE_SIZE", 2)
    wanted = [article(site, title=f"供水{n}") for n in range(3)]
    others = [article(site, title=f"供电{n}") for n in range(3)]
    transaction.commit()
    form = sign_in("editor").get(f"{NEWS}?words={quote('供水')}").forms["bulk"]
    form["all"] = True
    form.submit("do", value="delete").follow()
    transaction.begin()
    assert all(item.uid in site.trash for item in wanted)
    assert not any(item.uid in site.trash for item in others)
