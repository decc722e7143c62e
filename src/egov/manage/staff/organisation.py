"""The organisation for the security administrator: the tree of units, one unit with its people, one group."""

from __future__ import annotations

from typing import Any

from pyramid.httpexceptions import HTTPNotFound
from pyramid.renderers import render_to_response
from pyramid.view import view_config

from egov.base.errors import Conflict, EgovError, Invalid
from egov.base.i18n import Message, _
from egov.base.permissions import Permission
from egov.catalog import reads
from egov.manage.frame import done, page
from egov.model.item import Item
from egov.model.node import path_of
from egov.model.site import SiteGroup, subsite_of
from egov.operations.organisation import (
    KINDS,
    add_unit,
    change_unit,
    merge_unit,
    people_in,
    rename_group,
    set_closed,
    set_member,
    set_posts,
    unit_tree,
)
from egov.operations.ownership import owned_by
from egov.security.grants import ROLE_TITLES
from egov.security.principals import Actor, Directory, Group, Post, Unit, User
from egov.web.urls import manage_url, public_url

FOUND = 20
OFFICE, OFFICES = "office", 500  # the type of their pages, and how many are looked at


@view_config(route_name="manage", context=SiteGroup, name="units", permission=Permission.SECURITY,
             request_method="GET", renderer="templates/units.pt")  # fmt: skip
def show_units(context: SiteGroup, request: Any) -> dict[str, Any]:
    """The tree of units, the groups, and a form for a new unit."""
    return _units_page(context, request)


def _units_page(context: SiteGroup, request: Any, error: Message = "") -> dict[str, Any]:
    directory = context.directory
    heads: dict[str, int] = {}
    for user in directory.users.values():
        for post in user.posts:
            heads[post.unit] = heads.get(post.unit, 0) + 1
    return page(request, context, _("组织机构")) | {
        "units": [
            {"id": u.id, "title": u.title, "kind": KINDS[u.kind], "depth": depth,
             "closed": u.closed, "people": heads.get(u.id, 0)}
            for depth, u in unit_tree(directory)
        ],
        "groups": [(group.id, group.title) for group in directory.groups.values()],
        "kinds": list(KINDS.items()),
        "parents": _parents(directory),
        "sent": {key: request.POST.get(key, "") for key in ("id", "title", "kind", "parent")},
        "error": error,
    }  # fmt: skip


def _parents(directory: Directory, but: str = "") -> list[tuple[str, str]]:
    return [
        (unit.id, "　" * depth + unit.title)
        for depth, unit in unit_tree(directory)
        if not unit.closed and unit.id != but
    ]


@view_config(route_name="manage", context=SiteGroup, name="units", permission=Permission.SECURITY,
             request_method="POST", renderer="templates/units.pt")  # fmt: skip
def do_units(context: SiteGroup, request: Any) -> Any:
    """Make a unit."""
    sent = request.POST
    facts = {key: sent.get(key, "") for key in ("title", "kind", "parent")}
    try:
        made = add_unit(context, sent.get("id", ""), **facts, by=request.actor)
    except Invalid as error:
        return _units_page(context, request, error.message)
    message = _("已建立单位“${title}”。", mapping={"title": made.title})
    return done(request, context, message, "units")


@view_config(route_name="manage", context=SiteGroup, name="unit", permission=Permission.SECURITY,
             request_method="GET", renderer="templates/unit.pt")  # fmt: skip
def show_unit(context: SiteGroup, request: Any) -> dict[str, Any]:
    """One unit: its facts, its people, and a search for more."""
    return _unit_page(context, request, _unit(context, request))


def _unit(context: SiteGroup, request: Any) -> Unit:
    unit: Unit | None = context.directory.unit(request.params.get("id", ""))
    if unit is None:
        raise HTTPNotFound
    return unit


def _unit_page(context: SiteGroup, request: Any, unit: Unit, error: Message = "") -> dict[str, Any]:
    directory = context.directory
    people = [(u.id, u.name, post.title) for u, post in people_in(directory, unit.id)]
    return page(request, context, _("单位“${title}”", mapping={"title": unit.title})) | {
        "unit": unit,
        "kinds": list(KINDS.items()),
        "parents": _parents(directory, but=unit.id),
        "people": people,
        "owned": [
            (place.title, path_of(place), manage_url(place)) for place in owned_by(context, unit.id)
        ],
        "offices": [
            (item.live_title, subsite_of(item).title, public_url(item))
            for item in offices_of(context, unit, by=request.actor)
        ],
        "found": _found(context, request, {user_id for user_id, _name, _title in people}),
        "words": request.GET.get("q", ""),
        "error": error,
    }


def offices_of(site: SiteGroup, unit: Unit, *, by: Actor) -> list[Item]:
    """The public pages that tell of a unit: the offices of its name that a person may see."""
    shown = reads.published(site, by, limit=OFFICES, deep=True, types=(OFFICE,)).nodes
    return [item for item in shown if isinstance(item, Item) and item.live_title == unit.title]


def unit_of_office(item: Item, directory: Directory) -> Unit | None:
    """The unit that an office's page tells of: the one of its name."""
    if item.type_name != OFFICE:
        return None
    units = (unit for unit in directory.units.values() if not unit.closed)
    return next((unit for unit in units if unit.title == item.title), None)


def _found(context: SiteGroup, request: Any, but: set[str]) -> list[tuple[str, str]]:
    """The people who answer to what was looked for, by name, pinyin or id."""
    words = request.GET.get("q", "").strip()
    if not words:
        return []
    directory = context.directory
    hits = (directory.user(p.removeprefix("user:")) for p, _name in directory.search(words, 200))
    people = [u for u in hits if u is not None and not u.disabled and u.id not in but]
    return [(user.id, user.name) for user in people[:FOUND]]


@view_config(route_name="manage", context=SiteGroup, name="unit", permission=Permission.SECURITY,
             request_method="POST", renderer="templates/unit.pt")  # fmt: skip
def do_unit(context: SiteGroup, request: Any) -> Any:
    """Change the unit, close it, open it or merge it into another, or say who works there."""
    unit = _unit(context, request)
    try:
        if request.POST.get("do") == "merge":
            return _merge(context, request, unit)
        _change(context, request, unit)
    except (Invalid, Conflict) as error:
        return _unit_page(context, request, unit, error.message)
    message = _("已更改单位“${title}”。", mapping={"title": unit.title})
    return done(request, context, message, f"unit?id={unit.id}")


def _merge(context: SiteGroup, request: Any, unit: Unit) -> Any:
    """Show first what goes over, and do it when that is confirmed."""
    into = context.directory.unit(request.POST.get("into", "")) or unit
    names = {"title": unit.title, "into": into.title}
    try:
        merged = merge_unit(context, unit, into, by=request.actor)
    except EgovError:
        request.tm.doom()
        raise
    if "confirmed" in request.POST:
        told = _("“${title}”已并入“${into}”。", mapping=names)
        return done(request, context, told, f"unit?id={into.id}")
    request.tm.doom()  # a trial is the thing itself, taken back
    title = _("把“${title}”并入“${into}”？", mapping=names)
    shown = page(request, context, title) | {
        "unit": unit,
        "into": into,
        "people": [user.name for user in merged.people],
        "below": [below.title for below in merged.below],
        "owned": [f"{place.title}（{path_of(place)}）" for place in merged.owned],
        "grants": [(ROLE_TITLES[h.grant.role], f"{h.node.title}（{path_of(h.node)}）")
                   for h in merged.grants],
    }  # fmt: skip
    return render_to_response("egov.manage.staff:templates/merge_unit.pt", shown, request=request)


def _change(context: SiteGroup, request: Any, unit: Unit) -> None:
    sent, by = request.POST, request.actor
    what = sent.get("do", "")
    if what == "change":
        facts = {"parent": sent.get("parent", ""), "reaches_below": "reaches_below" in sent}
        change_unit(context, unit, sent.get("title", ""), sent.get("kind", ""), by=by, **facts)
    elif what == "close":
        set_closed(context, unit, not unit.closed, by=by)
    else:
        user = _person(context, request)
        posts = [post for post in user.posts if post.unit != unit.id]
        if what == "put":
            posts.append(Post(unit.id, sent.get("post", "")))
        set_posts(context, user, posts, by=by)


def _person(context: SiteGroup, request: Any) -> User:
    user: User | None = context.directory.user(request.POST.get("user", ""))
    if user is None:
        raise HTTPNotFound
    return user


@view_config(route_name="manage", context=SiteGroup, name="group", permission=Permission.SECURITY,
             request_method="GET", renderer="templates/group.pt")  # fmt: skip
def show_group(context: SiteGroup, request: Any) -> dict[str, Any]:
    """One group: its name, its members, and a search for more."""
    return _group_page(context, request, _group(context, request))


def _group(context: SiteGroup, request: Any) -> Group:
    group: Group | None = context.directory.group(request.params.get("id", ""))
    if group is None:
        raise HTTPNotFound
    return group


def _group_page(
    context: SiteGroup, request: Any, group: Group, error: Message = ""
) -> dict[str, Any]:
    members = [(user.id, user.name) for user in context.directory.members(group.id)]
    return page(request, context, _("用户组“${title}”", mapping={"title": group.title})) | {
        "group": group,
        "members": members,
        "found": _found(context, request, {user_id for user_id, _name in members}),
        "words": request.GET.get("q", ""),
        "error": error,
    }


@view_config(route_name="manage", context=SiteGroup, name="group", permission=Permission.SECURITY,
             request_method="POST", renderer="templates/group.pt")  # fmt: skip
def do_group(context: SiteGroup, request: Any) -> Any:
    """Rename the group, take somebody in or out."""
    group, sent = _group(context, request), request.POST
    try:
        if sent.get("do") == "rename":
            rename_group(context, group, sent.get("title", ""), by=request.actor)
        else:
            is_member = sent.get("do") == "put"
            set_member(context, group, _person(context, request), is_member, by=request.actor)
    except Invalid as error:
        return _group_page(context, request, group, error.message)
    message = _("已更改用户组“${title}”。", mapping={"title": group.title})
    return done(request, context, message, f"group?id={group.id}")
