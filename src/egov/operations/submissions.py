"""Submission to the portal (报送) and between departments: offer, adopt, send back, decline; commissions (约稿)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from egov.base import clock
from egov.base.errors import Conflict, Forbidden, Invalid
from egov.base.i18n import Message, _, told
from egov.base.permissions import Permission
from egov.base.text import check_title
from egov.history.deeds import Facts, deed_of, facts, part
from egov.model.container import Container
from egov.model.item import Item
from egov.model.ledger import (
    ADOPTED,
    CHANGES,
    DECLINED,
    OFFERED,
    TAKEN_BACK,
    Commission,
    Offer,
)
from egov.model.node import inside
from egov.model.site import SiteGroup, Subsite, site_of, subsite_of
from egov.operations.keeping import keep
from egov.operations.notices import tell
from egov.operations.record import record, record_site, require
from egov.operations.tree import place, put_into_trash, undelete
from egov.security.policy import permits
from egov.security.principals import Actor

MAX_NOTE = 2000
DECIDED = frozenset({ADOPTED, CHANGES, DECLINED})


def receives(by: Actor, target: Container) -> bool:
    """Whether the person decides what is offered to a site: who has `adopt` on it or on one of its own sections."""
    own = (c for c in target.containers() if not isinstance(c, Subsite))
    return any(permits(by, Permission.ADOPT, c) for c in (target, *own))


def offer(
    item: Item, target: Container, *, by: Actor, note: str = "", commission: int = 0
) -> Offer:
    """Offer a published item to the portal or another department's site.

    Raises Forbidden without `edit` on the item, Conflict if it is not published or waits there already, Invalid if it
    is at home there or the commission is not one of that site to this one.
    """
    require(by, Permission.EDIT, item)
    if not isinstance(target, SiteGroup | Subsite):
        raise Invalid(_("只能报送给门户网站或部门子站。"))
    check_offerable(item, target)
    home, ledger = subsite_of(item), site_of(item).ledger
    asked = ledger.commission(target.uid, commission) if commission else None
    if commission and (asked is None or asked.source != home.uid or asked.withdrawn):
        raise Invalid(_("没有这项约稿。"))
    made = Offer(item.uid, item.live_title, home.uid, target.uid, by.id)
    made.note, made.commission = note.strip()[:MAX_NOTE], commission
    ledger.add(made)
    record(by, "offer", item, comment=f"→ {target.title}")
    keep(item, {part("offer", made.key): None})
    return made


def check_offerable(item: Item, target: Container) -> None:
    """Raise Invalid where an item is at home in a site, Conflict if it is not published or waits there already."""
    if subsite_of(item) is target:
        raise Invalid(_("“${title}”就在这个网站，不用报送。", mapping={"title": item.title}))
    if item.live_state != "published":
        raise Conflict(_("先在本单位网站发布，再报送。"))
    offers = site_of(item).ledger.offers_of(item.uid)
    if any(o.is_open and o.target == target.uid for o in offers):
        raise Conflict(_("已报送，正等待对方处理。"))


def take_back(site: SiteGroup, made: Offer, *, by: Actor) -> None:
    """Take an offer back before it is decided; raises Forbidden without `edit` on the item, Conflict if decided."""
    item = _item(site, made)
    require(by, Permission.EDIT, item)
    _require_open(made)
    before = facts(item, [part("offer", made.key)])
    site.ledger.close(made, TAKEN_BACK, by.id, "")
    record(by, "take_back", item)
    keep(item, before)


def adopt(
    site: SiteGroup, made: Offer, sections: Collection[Container], *, by: Actor, comment: str = ""
) -> None:
    """Show an offered item in sections of the receiving site, and enter the adoption in the ledger.

    Raises Forbidden without `adopt` and `add` on each section, Conflict if it is decided already or no longer
    published, Invalid for no section or one of another site. Places first, then closes the offer.
    """
    target, item = _target(site, made), _item(site, made)
    _require_open(made)
    if item.live_state != "published":
        raise Conflict(_("“${title}”已不再公开，不能采用。", mapping={"title": made.title}))
    if not sections:
        raise Invalid(_("请选择至少一个栏目。"))
    for section in sections:
        if subsite_of(section) is not target or not inside(section, target):
            raise Invalid(_("“${title}”不是本网站的栏目。", mapping={"title": section.title}))
        require(by, Permission.ADOPT, section)
    before = facts(item, [part("offer", made.key)])
    made.placements = tuple(place(item, section, by=by).uid for section in sections)
    made.level = target.type_name
    site.ledger.close(made, ADOPTED, by.id, comment.strip()[:MAX_NOTE])
    record(by, "adopt", item, comment=f"→ {target.title}")
    keep(item, before)
    _tell_offerer(item, made, by, told(_("被采用：${site}", mapping={"site": target.title})))


def ask_changes(site: SiteGroup, made: Offer, *, by: Actor, comment: str) -> None:
    """Give an offer back with what should be changed; raises as `decline` does."""
    _refuse(site, made, CHANGES, by, comment)


def decline(site: SiteGroup, made: Offer, *, by: Actor, comment: str) -> None:
    """Decline an offer; raises Forbidden for who may not, Conflict if it is decided, Invalid without a reason."""
    _refuse(site, made, DECLINED, by, comment)


def commission(
    target: Container, source: Container, title: str, deadline: date, *, by: Actor, brief: str = ""
) -> Commission:
    """Ask a department for a text until a day.

    Raises Forbidden for who does not receive for the asking site, Invalid for an empty title, a day that has passed,
    or a site that would ask itself.
    """
    require_receiver(by, target)
    if not isinstance(source, SiteGroup | Subsite) or source is target:
        raise Invalid(_("请选择约稿的部门。"), {"source": _("请选择约稿的部门。")})
    if deadline < clock.local(clock.now()).date():
        raise Invalid(_("截止日期已过。"), {"deadline": _("截止日期已过。")})
    made = Commission(check_title(title), target.uid, source.uid, deadline, by.id)
    made.brief = brief.strip()[:MAX_NOTE]
    site_of(target).ledger.ask(made)
    record(by, "commission", target, comment=f"→ {source.title}: {made.title}")
    keep(target, {part("commission", made.key): None})
    return made


def _refuse(site: SiteGroup, made: Offer, state: str, by: Actor, comment: str) -> None:
    require_receiver(by, _target(site, made))
    _require_open(made)
    if not comment.strip():
        message: Message = _("请写明意见或原因，报送单位会看到。")
        raise Invalid(message, {"comment": message})
    item, target = site.catalog.node(made.item), site.catalog.node(made.target)
    before = facts(item, [part("offer", made.key)]) if isinstance(item, Item) else {}
    site.ledger.close(made, state, by.id, comment.strip()[:MAX_NOTE])
    if not isinstance(item, Item):
        record_site(by, f"offer_{state}", site, reason=made.title)
        return
    record(by, f"offer_{state}", item, comment=f"{target.title}：{made.comment}")
    keep(item, before)
    _tell_offerer(item, made, by, made.comment)


def decides_at(item: Item, key: int, *, by: Actor) -> bool:
    """Whether an entry in an item's trail tells only of an offer to a site for which the person receives."""
    found = deed_of(item, key)
    if found is None:
        return False
    kinds = [name.partition(":") for name in found[1].before]
    made = [
        site_of(item).ledger.offer(item.uid, int(of)) for kind, _c, of in kinds if kind == "offer"
    ]
    targets = [site_of(item).catalog.node(offer.target) for offer in made if offer is not None]
    return len(targets) == len(kinds) and all(
        isinstance(target, Container) and receives(by, target) for target in targets
    )


def put_offer_back(item: Item, key: int, state: Facts | None, *, by: Actor) -> None:
    """Let an offer of an item be as it was at another time; None for none.

    Raises Forbidden for who does not write the item or, where a decision goes or comes back, does not receive for the
    site; Conflict or Invalid where it can no longer stand. With an adoption its placements go or come back, too.
    """
    site = site_of(item)
    made = site.ledger.offer(item.uid, key)
    was = state.get("state", OFFERED) if state is not None else ""
    is_decision = not DECIDED.isdisjoint({was, made.state if made is not None else ""})
    target = site.catalog.node(state["target"] if state is not None else made and made.target)
    if not isinstance(target, Container):
        if state is not None or is_decision:
            raise Conflict(_("接收的网站已不存在。"))
        require(by, Permission.EDIT, item)
    elif is_decision:
        require_receiver(by, target)
        _move_placements(site, made.placements if made is not None else (), state, by)
    else:
        require(by, Permission.EDIT, item)
    if was == OFFERED and isinstance(target, Container):
        check_offerable(item, target)
    site.ledger.put_offer_back(item.uid, key, state)


def _move_placements(
    site: SiteGroup, shown: tuple[int, ...], state: Facts | None, by: Actor
) -> None:
    wanted = state.get("placements", ()) if state is not None else ()
    for uid in shown:
        there = site.catalog.node(uid)
        if uid not in wanted and there is not None and there.__parent__ is not None:
            require(by, Permission.ADOPT, there.__parent__)
            put_into_trash(there, by=by)
    for uid in wanted:
        if uid not in shown and uid in site.trash:
            undelete(site, uid, by=by)


def _tell_offerer(item: Item, made: Offer, by: Actor, text: str) -> None:
    tell({made.by}, "offer", item, by=by, text=text)


def require_receiver(by: Actor, target: Container) -> None:
    """Raise Forbidden for who does not receive for a site."""
    if not by.is_system and not receives(by, target):
        raise Forbidden(
            _("您没有在“${title}”上进行此操作的权限。", mapping={"title": target.title})
        )


def _require_open(made: Offer) -> None:
    if not made.is_open:
        raise Conflict(_("这项报送已经处理过了。"))


def _item(site: SiteGroup, made: Offer) -> Item:
    item = site.catalog.node(made.item)
    if not isinstance(item, Item):
        raise Conflict(_("“${title}”已被删除。", mapping={"title": made.title}))
    return item


def _target(site: SiteGroup, made: Offer) -> Container:
    target = site.catalog.node(made.target)
    if not isinstance(target, Container):
        raise Conflict(_("接收的网站已不存在。"))
    return target
