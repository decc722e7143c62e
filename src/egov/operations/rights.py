"""Granting and revoking roles on nodes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time

from egov.base import clock
from egov.base.errors import Conflict, Forbidden, Invalid
from egov.base.i18n import _
from egov.base.permissions import Permission
from egov.history.deeds import amend
from egov.model.container import Container
from egov.model.node import Node
from egov.model.site import site_of
from egov.operations.delegation import FOREVER, Held, Key, falling, may_have_given, stands
from egov.operations.keeping import undoable
from egov.operations.record import record, require
from egov.security.grants import EVERYBODY, ROLE_TITLES, Grant
from egov.security.policy import permits, reaching, sources_of
from egov.security.principals import Actor, Directory


def principal_meant(directory: Directory, words: str) -> str:
    """The one that the words name: a principal, or somebody's id or name, in characters or pinyin.

    Words that name nobody are returned as they are; raises Invalid where they name several.
    """
    words = words.strip()
    if not words or directory.exists(words):
        return words
    found = list(directory.search(words, limit=6))
    exact = [entry for entry in found if entry[1] == words or entry[0].endswith(f":{words}")]
    if len(exact or found) == 1:
        return (exact or found)[0][0]
    if not found:
        return words
    names = tuple(f"{name}（{principal.partition(':')[2]}）" for principal, name in found)
    message = _(
        "“${words}”可以指：${names}。请写明用户名。", mapping={"words": words, "names": names}
    )
    raise Invalid(message, {"principal": message})


def end_meant(raw: str) -> datetime | None:
    """The end of a day as the office writes it, None for no day; raises Invalid for what is none."""
    if not raw:
        return None
    try:
        day = datetime.fromisoformat(raw).date()
    except ValueError:
        message = _("截止日期的写法不对。")
        raise Invalid(message, {"until": message}) from None
    return datetime.combine(day, time(23, 59, 59), clock.OFFICE_ZONE)


def delegable(actor: Actor, node: Node) -> dict[str, datetime]:
    """The roles that the actor may hand on at a node, each with the latest end it may have.

    One hands on only what one holds with "may delegate"; who holds `manager` so holds every role so.
    """
    if actor.is_system:
        return dict.fromkeys(ROLE_TITLES, FOREVER)
    found: dict[str, datetime] = {}
    for source in sources_of(actor.principals, node)[0]:
        if source.grant.may_delegate:
            until = source.grant.until or FOREVER
            for role in ROLE_TITLES if source.role == "manager" else (source.role,):
                found[role] = max(found.get(role, until), until)
    return found


def grant(
    node: Node,
    principal: str,
    role: str,
    *,
    by: Actor,
    until: datetime | None = None,
    may_delegate: bool = False,
    reason: str = "",
) -> Grant:
    """Give a principal a role on a node and all below; a second grant of the same role replaces the first.

    Where the new one gives less than the first, what was handed on from the first and has no other support is revoked.
    Raises Forbidden without `grant` on the node or for a role that the actor may not hand on, Invalid for an unknown
    principal or role, more than reading for everybody, an end in the past or later than the actor's own, and where the
    actor's right to give hangs on the very grant that would become less. Writes O(1) objects.
    """
    made = offered(
        node, principal, role, by=by, until=until, may_delegate=may_delegate, reason=reason
    )
    fallen = falling(site_of(node), {(node.uid, principal, role): made})
    _give(node, made, by)
    _let_fall(node, fallen, by)
    return made


def give_back(lost: list[Held], *, by: Actor, reason: str) -> None:
    """Give again what was taken, each by `grant` and its checks; what others hang on comes first.

    Who gave it is its giver again where they still could give it: so it falls again with what it was handed on from.
    Else the actor is its giver. `reason` is for what had none. Raises as `grant` does.
    """
    waiting = list(lost)
    while waiting:
        held = next((h for h in waiting if may_have_given(h)), waiting[0])
        waiting.remove(held)
        node, old = held
        made = grant(node, old.principal, old.role, by=by, until=old.until,
                     may_delegate=old.may_delegate, reason=old.reason or reason)  # fmt: skip
        if may_have_given(held):
            own = made._replace(by=old.by)
            node.grants = tuple(own if g == made else g for g in node.grants)


def offered(
    node: Node,
    principal: str,
    role: str,
    *,
    by: Actor,
    until: datetime | None = None,
    may_delegate: bool = False,
    reason: str = "",
) -> Grant:
    """The grant that `grant` would give, for showing what it concerns; raises as it does and changes nothing."""
    require(by, Permission.GRANT, node)
    _check_grant(node, principal, role, until, by)
    if principal in EVERYBODY and (role != "reader" or may_delegate):
        message = _("对所有人只能授予读者角色，也不能允许再授权。")
        raise Invalid(message, {"principal": message})
    if not reason.strip() and not by.is_system:
        message = _("请写明授权的原因。")
        raise Invalid(message, {"reason": message})
    until = until.astimezone(UTC) if until else None  # what is stored has no zone of its own
    made = Grant(principal, role, by.id, clock.now(), until, may_delegate, reason.strip())
    if not stands(site_of(node), (node.uid, principal, role), made):
        message = _("您授权的权力就来自这项授权，改小它须由授予它的人或上级管理员来办。")
        raise Invalid(message, {"principal": message})
    return made


def revoke(node: Node, principal: str, role: str, *, by: Actor) -> list[Held]:
    """Take a role on a node back from a principal, with all that was handed on from it; returns what went with it.

    Raises Forbidden without `grant` on the node or for a role that the actor may not hand on, Conflict if the grant
    is not there, Invalid if nobody would be left to manage the node. Writes O(1) objects for each grant that goes.
    """
    fallen = revocable(node, principal, role, by=by)
    _take(node, principal, role, by)
    _let_fall(node, fallen, by)
    return fallen


def revocable(node: Node, principal: str, role: str, *, by: Actor) -> list[Held]:
    """What `revoke` would take besides the grant itself; raises as it does and changes nothing."""
    require(by, Permission.GRANT, node)
    if role not in delegable(by, node):
        raise Forbidden(_("您不能授予或收回这一角色。"))
    key = (node.uid, principal, role)
    if not any((g.principal, g.role) == (principal, role) for g in node.grants):
        raise Conflict(_("这项授权已被收回。"))
    fallen = falling(site_of(node), {key: None})
    going = {key, *(held.key for held in fallen)}
    _check_still_managed(node, going, node.inherits, by)
    return fallen


@undoable
def _give(node: Node, made: Grant, by: Actor) -> None:
    key = made.principal, made.role
    node.grants = (*(g for g in node.grants if (g.principal, g.role) != key), made)
    site_of(node).catalog.rights_changed(node)
    record(by, "grant", node, comment=f"{made.role} → {made.principal}")


@undoable
def _take(node: Node, principal: str, role: str, by: Actor, comment: str = "") -> None:
    node.grants = tuple(g for g in node.grants if (g.principal, g.role) != (principal, role))
    site_of(node).catalog.rights_changed(node)
    record(by, "revoke", node, comment=f"{role} → {principal}{comment}")


def _let_fall(node: Node, fallen: list[Held], by: Actor) -> None:
    """Take what fell with the newest change on a node; the change keeps where that stands in the trails."""
    key, entries = node.log.maxKey(), []
    for where, gone in fallen:
        _take(where, gone.principal, gone.role, by, f"（{gone.by} 再授权的，随上级授权一并收回）")
        entries.append((where.uid, where.log.maxKey()))
    if entries:
        amend(node, key, fallen=tuple(entries))


@undoable
def set_inheritance(node: Node, inherits: bool, *, by: Actor) -> None:
    """Let grants from above reach the node, or stop them there.

    Raises Forbidden without `grant`, Invalid if the actor would lose the management of the node. Writes O(1) objects.
    """
    require(by, Permission.GRANT, node)
    if node.inherits == inherits:
        return
    if not inherits:
        _check_still_managed(node, set(), inherits, by)
    node.inherits = inherits
    site_of(node).catalog.rights_changed(node)
    record(by, "inherit" if inherits else "stop_inheriting", node)


def _check_grant(node: Node, principal: str, role: str, until: datetime | None, by: Actor) -> None:
    if role not in ROLE_TITLES:
        raise Invalid(
            _("没有名为“${role}”的角色。", mapping={"role": role}), {"role": _("请选择角色")}
        )
    if not site_of(node).directory.exists(principal):
        message = _("没有找到“${principal}”这个用户或用户组。", mapping={"principal": principal})
        raise Invalid(message, {"principal": message})
    limits = delegable(by, node)
    if role not in limits:
        raise Forbidden(_("您不能授予或收回这一角色。"))
    if until is not None and until <= clock.now():
        message = _("截止日期必须晚于今天。")
        raise Invalid(message, {"until": message})
    if (until or FOREVER) > limits[role]:
        message = _(
            "截止日期不能晚于您自己这一角色的截止日期 ${day}。",
            mapping={"day": clock.day(limits[role])},
        )
        raise Invalid(message, {"until": message})


def losing(node: Node, *, by: Actor) -> list[Held]:
    """The grants from above that a node would lose if it stopped inheriting; raises as that does, changes nothing."""
    require(by, Permission.GRANT, node)
    _check_still_managed(node, set(), False, by)
    held = [
        Held(above, given)
        for above in _inherited_from(node)
        for given in above.grants
        if given.is_active()
    ]
    kept = {(g.principal, g.role) for g in node.grants if g.is_active()}
    return [h for h in held if (h.grant.principal, h.grant.role) not in kept]


def _inherited_from(node: Node) -> Iterator[Node]:
    while node.inherits and node.__parent__ is not None:
        node = node.__parent__
        yield node


def check_brought(node: Node, target: Container, *, by: Actor) -> None:
    """Refuse to bring rules into a container that the actor could not make there: grants, a blocked inheritance,
    workflow tables of a node or of what stands below it. So nobody widens their rights by moving things about.

    Raises Forbidden.
    """
    if by.is_system:
        return
    limits = delegable(by, target)
    for ruled in site_of(target).catalog.ruled_below(node):
        fits = all(
            (g.until or FOREVER) <= limits[g.role] if g.role in limits else not g.is_active()
            for g in ruled.grants
        )
        blocked = not ruled.inherits and not permits(by, Permission.GRANT, target)
        steered = isinstance(ruled, Container) and ruled.workflows
        if not fits or blocked or (steered and not permits(by, Permission.CONFIGURE, target)):
            raise Forbidden(
                _(
                    "“${title}”上有单独的授权或审核流程，您在“${target}”无权这样设置。请先取消，或由那里的管理员办理。",
                    mapping={"title": ruled.title, "target": target.title},
                )
            )


def _check_still_managed(node: Node, going: set[Key], inherits: bool, by: Actor) -> None:
    if by.is_system:
        return
    left = {
        grant.role
        for grant, where in reaching(by.principals, node)
        if (where.uid, grant.principal, grant.role) not in going and (inherits or where is node)
    }
    if "manager" not in left:
        raise Invalid(
            _("这样一来您将不能再管理“${title}”，请先给管理员授权。", mapping={"title": node.title})
        )
