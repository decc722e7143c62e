"""The organisation: units as a tree, who holds which post, who belongs to which group.

Whatever changes here may give or take rights, so it is the security administrator's work, and nobody's own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple

from egov.base.errors import Conflict, Invalid
from egov.base.i18n import Message, _
from egov.base.permissions import Permission
from egov.model.container import Container
from egov.model.node import path_of
from egov.model.site import SiteGroup
from egov.operations.accounts import ID, set_groups
from egov.operations.delegation import Held, all_grants
from egov.operations.ownership import hand_on, owned_by
from egov.operations.passing import pass_on
from egov.operations.record import record_site, require_duty
from egov.security.principals import Actor, Directory, Group, Post, Unit, User

# The bodies whose sites a website group holds, not executive departments alone.
KINDS: dict[str, Message] = {
    "party": _("党委"),
    "congress": _("人大"),
    "government": _("政府"),
    "cppcc": _("政协"),
    "court": _("法院"),
    "procuratorate": _("检察院"),
    "department": _("部门"),
    "other": _("其他单位"),
}
MAX_TITLE = 60


def add_unit(
    site: SiteGroup, unit_id: str, title: str, kind: str, *, by: Actor, parent: str = ""
) -> Unit:
    """Make a unit; raises Forbidden without the security duty, Invalid for a taken or unfit fact."""
    require_duty(by, Permission.SECURITY)
    unit_id = unit_id.strip().lower()
    if not ID.match(unit_id) or unit_id in site.directory.units:
        raise _unfit("id", _("单位编号“${id}”已被使用或不合适。", mapping={"id": unit_id}))
    made = Unit(unit_id, _title(title), _kind(kind))
    made.parent = _parent(site.directory, made, parent)
    site.directory.units[unit_id] = made
    record_site(by, "add_unit", site, reason=unit_id)
    return made


def change_unit(
    site: SiteGroup,
    unit: Unit,
    title: str,
    kind: str,
    *,
    by: Actor,
    parent: str = "",
    reaches_below: bool = False,
) -> None:
    """Rename a unit, move it, or say whether what is granted to it reaches the people of its sub-units.

    Raises Forbidden without the security duty, Invalid for an unfit title, kind or parent, or where one's own rights
    would change. Writes the people whose units change.
    """
    require_duty(by, Permission.SECURITY)
    directory = site.directory
    before = _Shape(unit.title, unit.kind, unit.parent, unit.reaches_below)
    after = _Shape(_title(title), _kind(kind), _parent(directory, unit, parent), reaches_below)
    _shape(unit, after)
    moved = [u for u in directory.users.values() if u.posts and _units_of(directory, u) != u.units]
    if any(user.id == by.id for user in moved):
        _shape(unit, before)
        raise Invalid(_NOT_OWN)
    for user in moved:
        user.units = _units_of(directory, user)
    if before.title != unit.title:  # it stands on public pages, too
        site.catalog.revision.change(1)
    facts = f"{unit.id}: {unit.title}, {unit.kind}, < {unit.parent or '-'}"
    record_site(by, "change_unit", site, reason=facts + (" +" if reaches_below else ""))


def set_closed(site: SiteGroup, unit: Unit, closed: bool, *, by: Actor) -> None:
    """Close a unit that was dissolved, or open it again; it is never removed, so that its id names no other one.

    Raises Forbidden without the security duty, Conflict while it has open sub-units or people or answers for a site or
    section, or is in a closed unit.
    """
    require_duty(by, Permission.SECURITY)
    directory = site.directory
    above = directory.unit(unit.parent)
    below = (other for other in directory.units.values() if other.parent == unit.id)
    if closed and (
        any(not other.closed for other in below) or any(True for _ in people_in(directory, unit.id))
    ):
        raise Conflict(_("“${title}”还有下级单位或人员，不能撤销。", mapping={"title": unit.title}))
    if closed and (owned := owned_by(site, unit.id)):
        names = tuple(f"{place.title}（{path_of(place)}）" for place in owned[:6])
        told = {"title": unit.title, "count": str(len(owned)), "names": names}
        message = _(
            "“${title}”名下还有 ${count} 个站点或栏目：${names}。请先改归属或并入其他单位。",
            mapping=told,
        )
        raise Conflict(message)
    if not closed and above is not None and above.closed:
        raise Conflict(_("上级单位“${title}”已撤销。", mapping={"title": above.title}))
    unit.closed = closed
    record_site(by, "close_unit" if closed else "open_unit", site, reason=unit.id)


class Merging(NamedTuple):
    """What goes over when a unit is merged into another."""

    people: list[User]
    below: list[Unit]
    owned: list[Container]
    grants: list[Held]


def merging_of(site: SiteGroup, unit: Unit) -> Merging:
    """What would go over, to be shown before."""
    directory = site.directory
    return Merging(
        [user for user, _post in people_in(directory, unit.id)],
        [u for u in directory.units.values() if u.parent == unit.id and not u.closed],
        owned_by(site, unit.id),
        [held for held in all_grants(site) if held.grant.principal == f"unit:{unit.id}"],
    )


def merge_unit(site: SiteGroup, unit: Unit, into: Unit, *, by: Actor) -> Merging:
    """Let another unit take a unit's place: its people, sub-units, sites and sections, and grants; then close it.

    Raises Forbidden without the security duty, Invalid for itself, a closed unit or one below it, or where one's own
    rights would change. Writes all that goes over; returns it.
    """
    require_duty(by, Permission.SECURITY)
    directory = site.directory
    if unit.closed or into.closed or unit in directory.units_above(into.id):
        raise _unfit("into", _("请选择另一个在用的单位，不能是它自己或它的下级单位。"))
    if (own := directory.user(by.id)) is not None and own.units & {unit.id, into.id}:
        raise Invalid(_NOT_OWN)
    found = merging_of(site, unit)
    for below in found.below:
        below.parent = into.id
    for user in found.people:
        posts = {post.unit: post for post in user.posts}
        moved = posts.pop(unit.id)
        user.posts = tuple({into.id: Post(into.id, moved.title), **posts}.values())
    hand_on(site, unit, into, by=by)
    pass_on(site, f"unit:{unit.id}", f"unit:{into.id}", by=by)
    for user in directory.users.values():
        if user.posts and _units_of(directory, user) != user.units:
            if user.id == by.id:
                raise Invalid(_NOT_OWN)
            user.units = _units_of(directory, user)
    unit.closed = True
    counts = ", ".join(str(len(part)) for part in found)
    record_site(by, "merge_unit", site, reason=f"{unit.id} → {into.id}: {counts}")
    return found


def set_posts(site: SiteGroup, user: User, posts: Collection[Post], *, by: Actor) -> None:
    """Say in which units a person works, and as what; their sessions see the new rights with the next page.

    Raises Forbidden without the security duty, Invalid for an unknown unit, a unit named twice, or one's own posts.
    """
    require_duty(by, Permission.SECURITY)
    directory = site.directory
    for post in posts:
        _open_unit(directory, post.unit, "unit")
    if len({post.unit for post in posts}) < len(posts):
        raise _unfit("unit", _("同一个单位只能填写一次。"))
    if user.id == by.id:
        raise Invalid(_NOT_OWN)
    user.posts = tuple(Post(post.unit, post.title.strip()[:MAX_TITLE]) for post in posts)
    user.units = _units_of(directory, user)
    told = ", ".join(f"{post.unit} {post.title}".strip() for post in user.posts)
    record_site(by, "set_posts", site, reason=f"{user.id}: {told or '-'}")


def people_in(directory: Directory, unit_id: str) -> Iterator[tuple[User, Post]]:
    """The people who hold a post in a unit itself."""
    for user in directory.users.values():
        for post in user.posts:
            if post.unit == unit_id:
                yield user, post


def unit_tree(directory: Directory) -> list[tuple[int, Unit]]:
    """All units with their depth, each followed by those below it."""
    below: dict[str, list[Unit]] = {}
    for unit in directory.units.values():
        below.setdefault(unit.parent, []).append(unit)
    found: list[tuple[int, Unit]] = []

    def walk(parent: str, depth: int) -> None:
        for unit in below.get(parent, ()):
            found.append((depth, unit))
            walk(unit.id, depth + 1)

    walk("", 0)
    return found


def rename_group(site: SiteGroup, group: Group, title: str, *, by: Actor) -> None:
    """Give a group another name; its rights stay. Raises Forbidden without the security duty, Invalid for no name."""
    require_duty(by, Permission.SECURITY)
    group.title = _title(title)
    record_site(by, "rename_group", site, reason=f"{group.id}: {group.title}")


def set_member(site: SiteGroup, group: Group, user: User, is_member: bool, *, by: Actor) -> None:
    """Take somebody into a group or out of it; raises as `set_groups` does."""
    groups = user.groups | {group.id} if is_member else user.groups - {group.id}
    set_groups(site, user, groups, by=by)


_NOT_OWN = _("不能改变自己所在的单位或因此得到的权限，请由另一位管理员办理。")


class _Shape(NamedTuple):
    title: str
    kind: str
    parent: str
    reaches_below: bool


def _shape(unit: Unit, shape: _Shape) -> None:
    unit.title, unit.kind, unit.parent, unit.reaches_below = shape


def _units_of(directory: Directory, user: User) -> frozenset[str]:
    """The units whose rights a person has: those of the posts, and those above that reach below."""
    own = {post.unit for post in user.posts}
    above = {up.id for unit in own for up in directory.units_above(unit) if up.reaches_below}
    return frozenset(own | above)


def _parent(directory: Directory, unit: Unit, parent: str) -> str:
    if parent and parent != unit.parent:
        _open_unit(directory, parent, "parent")
    if any(above.id == unit.id for above in directory.units_above(parent)):
        raise _unfit("parent", _("单位不能放在自己或自己的下级单位之下。"))
    return parent


def _open_unit(directory: Directory, unit_id: str, field: str) -> None:
    unit = directory.unit(unit_id)
    if unit is None or unit.closed:
        raise _unfit(field, _("没有编号为“${id}”的单位。", mapping={"id": unit_id}))


def _title(title: str) -> str:
    if not title.strip() or len(title.strip()) > MAX_TITLE:
        raise _unfit("title", _("请填写名称，不超过 60 个字。"))
    return title.strip()


def _kind(kind: str) -> str:
    if kind not in KINDS:
        raise _unfit("kind", _("请选择单位类别。"))
    return kind


def _unfit(field: str, message: Message) -> Invalid:
    return Invalid(message, {field: message})
