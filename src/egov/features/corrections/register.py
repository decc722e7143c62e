"""What readers told, and what became of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from persistent import Persistent

from egov.base import clock
from egov.base.errors import Conflict, Forbidden, Invalid
from egov.base.i18n import _
from egov.base.permissions import Permission
from egov.model.btrees import NameTree
from egov.model.container import Container
from egov.model.node import Node
from egov.model.site import SiteGroup, site_of, subsite_of
from egov.operations.record import record_site
from egov.operations.submissions import receives
from egov.security.policy import permits
from egov.security.principals import Actor

MAX_TEXT, MAX_CONTACT, MAX_REPLY = 1000, 100, 1000
NAME = "corrections"
PER_HOUR = 5  # from one address
_HOUR = timedelta(hours=1)


class Correction(Persistent):
    """One reader's word about one page."""

    contact: str = ""
    reply: str = ""
    handled_by: str = ""
    handled_at: datetime | None = None

    def __init__(self, node: Node, title: str, text: str) -> None:
        self.key = 0
        self.node = node.uid
        self.title = title
        self.site = subsite_of(node).uid
        self.text = text
        self.at = clock.now()

    @property
    def is_open(self) -> bool:
        """Whether nobody has seen to it yet."""
        return self.handled_at is None


class Corrections(Persistent):
    """All corrections, by the site whose editors see to them and the time."""

    def __init__(self) -> None:
        self._all = NameTree()  # (site, key) -> Correction

    def add(self, correction: Correction) -> None:
        """Enter a correction."""
        key = clock.micros(correction.at)
        while (correction.site, key) in self._all:
            key += 1
        correction.key = key
        self._all[correction.site, key] = correction

    def find(self, site: int, key: int) -> Correction | None:
        """The correction of that key."""
        found: Correction | None = self._all.get((site, key))
        return found

    def of_site(self, site: int) -> Iterator[Correction]:
        """The corrections of a site, newest first."""
        return reversed(list(self._all.values((site, 0), (site + 1, 0), excludemax=True)))


def corrections_of(site: SiteGroup) -> Corrections:
    """The register of a site group."""
    found: Corrections = site.register(NAME, Corrections)
    return found


def tell(node: Node, text: str, contact: str, *, by: Actor) -> Correction:
    """Enter what a reader says of a page they may see.

    Raises Forbidden for a page they may not see, Invalid for an empty or too long text or a too long contact, Conflict
    after five in an hour from one address.
    """
    if not permits(by, Permission.VIEW, node):
        raise Forbidden(_("没有这个页面。"))
    if not text.strip() or len(text) > MAX_TEXT:
        message = _("请写明哪里有错，不超过 ${count} 个字。", mapping={"count": MAX_TEXT})
        raise Invalid(message, {"text": message})
    if len(contact.strip()) > MAX_CONTACT:
        message = _("联系方式不超过 ${count} 个字。", mapping={"count": MAX_CONTACT})
        raise Invalid(message, {"contact": message})
    site = site_of(node)
    key = f"{NAME}:{by.address}"
    if site.attempts.locked_until(key, PER_HOUR, _HOUR) is not None:
        raise Conflict(_("您已提交多条，请一小时后再试。"))
    site.attempts.record_failure(key, PER_HOUR)
    made = Correction(node, getattr(node, "live_title", "") or node.title, text.strip())
    made.contact = contact.strip()
    corrections_of(site).add(made)
    record_site(by, "correction", site, reason=made.title)
    return made


def handle(home: Container, key: int, reply: str, *, by: Actor) -> Correction:
    """Note what was done about a correction.

    Raises Forbidden for who is no editor of the site, Invalid for a too long reply, Conflict if it is done already.
    """
    if not receives(by, home):
        raise Forbidden(_("您没有在“${title}”上进行此操作的权限。", mapping={"title": home.title}))
    if len(reply.strip()) > MAX_REPLY:
        raise Invalid(_("处理情况不超过 ${count} 个字。", mapping={"count": MAX_REPLY}))
    found = corrections_of(site_of(home)).find(home.uid, key)
    if found is None or not found.is_open:
        raise Conflict(_("这条纠错已经处理过了。"))
    found.reply, found.handled_by, found.handled_at = reply.strip(), by.id, clock.now()
    record_site(by, "correction_handled", site_of(home), reason=found.title)
    return found
