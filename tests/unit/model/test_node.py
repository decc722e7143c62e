"""Walks up the tree."""

import pytest

from egov.features.content.article import Article
from egov.model.node import inside, lineage, path_of, root_of
from egov.model.site import is_attached, site_of, subsite_of


def test_a_node_knows_its_way_up(site):
    news = site["finance"]["news"]
    item = Article("题", "")
    news.attach("a", item)

    assert list(lineage(item)) == [item, news, site["finance"], site]
    assert (path_of(item), path_of(site)) == ("/finance/news/a", "/")
    assert root_of(item) is site_of(item) is site
    assert subsite_of(item) is site["finance"]
    assert subsite_of(site) is site
    assert inside(item, site)
    assert inside(item, item)
    assert not inside(site, item)
    assert not inside(item, site["health"])
    assert repr(item) == "<Article /finance/news/a>"


def test_a_detached_node_is_in_no_site_group(site):
    item = Article("题", "")

    assert not is_attached(item)
    for lookup in (site_of, subsite_of):
        with pytest.raises(LookupError):
            lookup(item)
    assert is_attached(site["finance"])
