"""Every message has an English translation, and none is kept that nobody says any more."""

import re

from babel.messages.pofile import read_po

from egov.base.permissions import NODE_PERMISSIONS
from egov.manage.staff.effective import PERMISSION_TITLES
from tests.tools.messages import EN, msgids

NAMES = re.compile(r"\$\{\w+\}")


def test_every_message_is_translated_with_all_its_names():
    with EN.open("rb") as source:
        known = {str(m.id): str(m.string) for m in read_po(source) if m.id}
    wanted = msgids()

    assert [m for m in wanted if not known.get(m)] == []
    assert sorted(set(known) - set(wanted)) == []
    assert [m for m in wanted if set(NAMES.findall(m)) != set(NAMES.findall(known[m]))] == []


def test_every_permission_of_a_node_has_its_words():
    assert PERMISSION_TITLES.keys() == set(NODE_PERMISSIONS)
