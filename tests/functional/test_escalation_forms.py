"""Nobody raises themselves by the back office's forms or by commands, in whatever order (`make soak` tries longer)."""

import pytest
from hypothesis import settings

from egov.manage.staff import people
from egov.security import policy
from tests.support.escalating import PHASES, Escalation

TestEscalation = Escalation.TestCase
TestEscalation.settings = settings(max_examples=20, stateful_step_count=30, phases=PHASES)


@pytest.fixture
def story():
    """The machine before its first step."""
    story = Escalation()
    story.make_world()
    yield story
    story.teardown()


def by_a_page(door):
    return lambda story: story.come_by_a_side_door("security-admin", "audit-admin", door)


DOORS = {
    "group": by_a_page("group"),
    "groups": by_a_page("groups"),
    "post": by_a_page("post"),
    "import": by_a_page("import"),
    "command": lambda story: story.import_by_command("security-admin", "audit-admin"),
}


@pytest.mark.parametrize("door", DOORS)
def test_judge_sees_a_second_duty_that_a_group_or_a_unit_brings(story, door, monkeypatch):
    told = policy.permits_duty

    def faulty(actor, permission):
        brings = {"group:ruling", "unit:ruling"} & actor.principals and permission == "system"
        return bool(brings) or told(actor, permission)

    monkeypatch.setattr(policy, "permits_duty", faulty)

    with pytest.raises(AssertionError, match=r"audit-admin.*(system|audit)"):
        DOORS[door](story)


def test_judge_sees_a_second_duty_that_was_added_to_the_first(story, monkeypatch):
    def faulty(_site, user, duty, *, by):
        user.duties |= {duty}

    monkeypatch.setattr(people, "set_duty", faulty)

    with pytest.raises(AssertionError, match="chief"):
        story.heap_duties("chief", ["system", "audit", "security"])


def test_nobody_is_given_one_duty_after_the_other(story):
    story.heap_duties("chief", ["system", "audit", "security"])

    assert story.site.directory.user("chief").duties == {"security"}
