"""A form takes the fields that it offers: whatever else is sent beside them changes nothing."""

import transaction

from tests.support.world import article

NEWS = "/manage/finance/news"
MORE = ("state", "owner", "grants", "role", "duty", "position", "by", "uid", "workflow", "unit")


def names_of(*things):
    """Whatever the things know of themselves, as somebody who has read the code would send it."""
    return sorted({*MORE, *(name for thing in things for name in vars(thing))})


def facts_of(thing):
    transaction.begin()
    thing._p_activate()
    return dict(vars(thing))


def send(browser, address, names, **typed):
    """Save the form of a page as somebody has filled it in, with fields beside those that it has."""
    form = browser.get(address).forms["edit"]
    for name, value in typed.items():
        form[name] = value
    offered = form.submit_fields("save")
    more = [(name, "published") for name in names if name not in dict(offered)]
    assert browser.post(address, [*offered, *more]).status_int == 302


def changed(thing, before):
    after = facts_of(thing)
    return {name for name in {*before, *after} if before.get(name) != after.get(name)}


def test_a_draft_takes_its_own_fields(site, sign_in):
    changes = []
    names = names_of(article(site), article(site).draft)
    for more in ([], names):
        item = article(site)
        transaction.commit()
        node, draft = facts_of(item), facts_of(item.draft)
        address = f"{NEWS}/{item.__name__}/@@edit"
        send(sign_in("author"), address, more, title="另一个标题")
        changes.append((changed(item, node), changed(item.draft, draft), set(item.draft.values)))
        assert item.draft.values["title"] == "另一个标题"
        assert (item.draft_state, item.live) == ("draft", None)

    assert changes[0] == changes[1]


def test_a_new_text_takes_its_own_fields(site, sign_in):
    made, names = [], names_of(article(site), article(site).draft)
    transaction.commit()
    for more in ([], names):
        known = set(site["finance"]["news"])
        send(sign_in("author"), f"{NEWS}/@@add?type=article", more, title="新的标题")
        transaction.begin()
        (name,) = set(site["finance"]["news"]) - known
        item = site["finance"]["news"][name]
        made.append((set(facts_of(item)), facts_of(item.draft)["values"], item.draft_state))
        assert item.live is None
        assert item.uid > 1

    assert made[0] == made[1]


def test_a_section_takes_its_own_settings(site, sign_in):
    news = site["finance"]["news"]
    before = facts_of(news)

    send(sign_in("manager"), f"{NEWS}/@@settings", names_of(news), title="新的名称")

    assert changed(news, before) == {"modified", "title", "values"}
    assert set(news.values) == set(before["values"])
    assert news.title == "新的名称"
