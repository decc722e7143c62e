"""A new site begins with drafts of the pages that every site needs; none of them is public."""

from egov.base.permissions import Permission
from egov.cli.standing import make_standing_pages, teach_search
from egov.security.policy import permits
from egov.security.principals import ANONYMOUS


def test_a_new_site_has_drafts_of_its_standing_pages(site):
    make_standing_pages(site)
    pages = [node for node in site.values_in_order() if node.type_name == "page"]

    assert [p.title for p in pages] == ["关于本网站", "联系我们", "隐私声明", "无障碍声明"]
    assert {p.state for p in pages} == {"draft"}
    assert not any(permits(ANONYMOUS, Permission.VIEW, p) for p in pages)
    assert all("【" in p.work.values["body"] for p in pages)


def test_a_new_site_knows_what_people_call_things(site):
    teach_search(site)
    assert "怎么办理不动产权证书" in site.guide.variants("怎么办理房产证")
    assert "出生医学证明" in site.guide.variants("出生证明")
    groups = site.guide.synonyms
    # A word of two groups would be put in the place of words of both.
    assert len({word for group in groups for word in group}) == sum(map(len, groups))
