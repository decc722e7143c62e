"""Fields that are seldom used are folded away until one of them is filled or wrong; what is needed never is."""

import transaction

from egov.features.content.article import Article
from egov.model import types
from egov.operations.content import edit
from tests.support.world import actor, article

NEWS = "/manage/finance/news"


def folded(page):
    """The names of the folded fields, and whether they stand open."""
    details = page.html.select_one("details.more-fields")
    return {label["for"] for label in details.select(".field > label")}, details.has_attr("open")


def test_a_new_text_folds_what_is_seldom_used_and_names_it(site, sign_in):
    page = sign_in("author").get(f"{NEWS}/@@add?type=article")
    assert folded(page) == ({"f-author", "f-keywords"}, False)
    assert "作者、关键词" in page.html.select_one("details.more-fields summary").text


def test_they_stand_open_where_one_of_them_is_filled_or_wrong(site, sign_in):
    item = article(site)
    transaction.commit()
    author = sign_in("author")
    form = author.get(f"{NEWS}/{item.__name__}/@@edit").forms["edit"]
    form["author"] = "长" * 61
    refused = form.submit("save")
    assert "更多项目" in refused
    assert folded(refused)[1]
    transaction.begin()
    edit(item, item.work.values | {"keywords": ("供水",)}, by=actor(site, "author"))
    transaction.commit()
    assert folded(author.get(f"{NEWS}/{item.__name__}/@@edit"))[1]


def test_a_choice_is_filled_only_when_it_is_not_the_usual_one(site, sign_in):
    manager = sign_in("manager")
    form = manager.get("/manage/finance/news/@@settings").forms["edit"]
    assert not folded(manager.get("/manage/finance/news/@@settings"))[1]
    form["language"] = "en"
    form.submit("save", status=302)
    assert folded(manager.get("/manage/finance/news/@@settings"))[1]


def test_nothing_that_is_needed_is_ever_folded(site, sign_in):
    manager = sign_in("manager")
    for cls in types.all_types():
        if "section" not in cls.type_info.addable_to or cls.type_info.name == "placement":
            continue
        page = manager.get(f"{NEWS}/@@add?type={cls.type_info.name}")
        needed = {
            f"f-{n.name}"
            for n in cls.schema()
            if n.required or getattr(n, "required_on_submit", False)
        }
        details = page.html.select_one("details.more-fields")
        names = folded(page)[0] if details is not None else set()
        assert names.isdisjoint(needed), cls


def test_a_field_that_is_needed_stays_even_where_it_is_called_rare(site, sign_in, monkeypatch):
    schema = Article.schema()
    schema["source"].is_rare = True
    monkeypatch.setattr(Article, "schema", classmethod(lambda _cls: schema.clone()))
    names, _is_open = folded(sign_in("author").get(f"{NEWS}/@@add?type=article"))
    assert names == {"f-author", "f-keywords"}
