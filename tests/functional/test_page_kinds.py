"""The list of the kinds of pages that visitors meet is whole: a new public view fails here until it is in it."""

from tests.functional.test_view_matrix import all_views, label
from tests.support.page_kinds import NO_PAGES, views

_FOR_VISITORS = {"view", "public", "__no_permission_required__"}


def test_every_view_that_visitors_may_ask_is_looked_at_in_a_browser():
    asked = {
        label(view)
        for view, allowed in all_views()
        if _FOR_VISITORS & set(map(str, allowed)) and not label(view).startswith("egov.manage.")
    }

    assert sorted(asked) == sorted(views() | NO_PAGES)
    assert views() & NO_PAGES == set()
