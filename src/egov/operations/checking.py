"""The checks of an item before it is submitted, and letting it pass in spite of them."""

from __future__ import annotations

from urllib.parse import urlsplit

from egov.base.errors import Forbidden, Invalid
from egov.base.i18n import Message, _
from egov.catalog.links import leads_to
from egov.checks.findings import BLOCK, Finding, findings
from egov.model.item import Item, Waiver
from egov.model.site import SiteGroup, site_of
from egov.operations.keeping import undoable
from egov.operations.record import record
from egov.security.policy import roles_on, table_for
from egov.security.principals import Actor

MAX_REASON = 500


def check_item(item: Item) -> list[Finding]:
    """What the checks find in the edition at work, the worst first."""
    site = site_of(item)
    return findings(
        item.work.values, is_dead=lambda address: _is_dead(site, address), wording=wording_of(site)
    )


def wording_of(site: SiteGroup) -> dict[str, str]:
    """The office's list of wordings: a line each, `不规范=规范`."""
    lines = (line.partition("=") for line in site.values.get("wording", "").splitlines())
    return {
        wrong.strip(): right.strip()
        for wrong, _eq, right in lines
        if wrong.strip() and right.strip()
    }


def check_gate(item: Item, by: Actor) -> None:
    """Refuse to let the edition at work go on while a check blocks it and nobody has let it pass.

    Jobs and imports are not asked: what they bring was public elsewhere. Raises Invalid with a message per field.
    """
    if by.is_system or item.work.waiver is not None:
        return
    blocking = [f for f in check_item(item) if f.severity == BLOCK]
    if blocking:
        told: dict[str, Message] = {
            f.field: _("${what}：${place}", mapping={"what": f.message, "place": f.place})
            for f in blocking
        }
        raise Invalid(_("稿件中有不能公开的个人信息，请删除或遮盖后再提交。"), told)


def may_waive(item: Item, by: Actor) -> bool:
    """Whether a person may let the edition at work pass: who decides on it and has not written it."""
    deciders = frozenset[str]().union(*table_for(item).deciding().values())
    return by.is_system or (
        not deciders.isdisjoint(roles_on(by, item)) and by.id not in item.work.authors
    )


@undoable
def waive(item: Item, reason: str, *, by: Actor) -> None:
    """Let the edition at work pass in spite of the checks, with a name and a reason, which its history keeps.

    Raises Forbidden for who does not decide on it or has written it, Invalid without a reason.
    """
    if not may_waive(item, by):
        raise Forbidden(_("只有审核人可以放行，撰写过本稿的人不能放行。"))
    if not reason.strip():
        message = _("请写明放行的原因。")
        raise Invalid(message, {"reason": message})
    item.work.waiver = Waiver(by.id, reason.strip()[:MAX_REASON])
    record(by, "waive", item, edition=item.work.number, comment=reason.strip()[:MAX_REASON])


def _is_dead(site: SiteGroup, address: str) -> bool:
    path = urlsplit(address).path
    return not path.startswith(("/-/", "/static/")) and leads_to(site, address) is None
