"""Table: states × permissions × roles, and the transitions between the states."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from egov.base.errors import Invalid
from egov.base.i18n import Message, _
from egov.base.permissions import NODE_PERMISSIONS

ROLES = ("reader", "author", "owner", "editor", "reviewer", "publisher", "manager")
LANES = ("work", "live")
ONLINE = ("published", "withdrawn", "unpublished")  # the states of a live edition
TONES = ("neutral", "info", "warning", "success", "danger")
COMMENTS = ("none", "optional", "required")
GUARDS = ("not_author", "new_person")
MOST_APPROVALS = 9

_TABLE_KEYS = ("name", "title", "start", "states", "transitions")
_STATE_KEYS = ("title", "lane")
_STEP_KEYS = ("name", "title", "from", "to", "roles")
_LOOKS = ("tone", "icon")
_PERMISSIONS = tuple(p.value for p in NODE_PERMISSIONS)


@dataclass(frozen=True)
class State:
    """A state of one lane: of the edition at work, or of the live one."""

    name: str
    title: Message
    lane: str
    tone: str = "neutral"
    icon: str = "circle"
    cells: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def roles(self, permission: str) -> frozenset[str]:
        """The roles that have the permission in this state."""
        return self.cells.get(permission, frozenset())


@dataclass(frozen=True)
class Transition:
    """A step from some states to one; `next_step` marks what usually comes next.

    With `approvals` above 1, each person takes it once, on the same words, and only the last one moves the item.
    """

    name: str
    title: Message
    sources: tuple[str, ...]
    target: str
    roles: frozenset[str]
    comment: str = "optional"
    guards: tuple[str, ...] = ()
    next_step: bool = False
    approvals: int = 1  # how many people must take the step before it is done


@dataclass(frozen=True)
class Table:
    """A whole workflow, checked when it is made."""

    name: str
    title: Message
    start: str
    states: Mapping[str, State]
    transitions: tuple[Transition, ...]

    def find(self, name: str, source: str) -> Transition | None:
        """The transition of that name out of a state."""
        return next((t for t in self.transitions if t.name == name and source in t.sources), None)

    def leaving(self, *sources: str) -> list[Transition]:
        """All transitions out of any of the states."""
        return [t for t in self.transitions if any(s in t.sources for s in sources if s)]

    def lane(self, state: str) -> str:
        """The lane of a state."""
        return self.states[state].lane

    def publishes(self, step: Transition) -> bool:
        """Whether the step takes the edition at work to the public."""
        return self.lane(step.target) == "live" and any(
            self.lane(source) == "work" for source in step.sources
        )

    def deciding(self) -> dict[str, frozenset[str]]:
        """States in which somebody else's decision is awaited, and the roles that may take it."""
        found: dict[str, frozenset[str]] = {}
        for step in self.transitions:
            if step.guards or step.name == "publish":
                for source in step.sources:
                    if source != self.start and self.lane(source) == "work":
                        found[source] = found.get(source, frozenset()) | step.roles
        return found


def read_table(raw: Mapping[str, Any]) -> Table:
    """A table from its YAML form; raises Invalid naming the first thing that is wrong with it.

    `roles` names the roles that it knows where these are not egov's own.
    """
    _check_keys(raw, "?", _TABLE_KEYS, ("roles",))
    known = frozenset(raw.get("roles", ROLES))
    states = {name: _read_state(name, cells, known) for name, cells in raw["states"].items()}
    transitions = tuple(_read_transition(entry, known) for entry in raw["transitions"])
    table = Table(raw["name"], _(raw["title"]), raw["start"], states, transitions)
    _check(table)
    return table


def written(table: Table) -> dict[str, Any]:
    """A table in the form in which `read_table` reads one."""
    states = {
        s.name: {"title": str(s.title), "lane": s.lane, "tone": s.tone, "icon": s.icon}
        | {key: [role for role in ROLES if role in cell] for key, cell in s.cells.items()}
        for s in table.states.values()
    }
    steps = [
        {
            "name": t.name,
            "title": str(t.title),
            "from": list(t.sources),
            "to": t.target,
            "roles": [role for role in ROLES if role in t.roles],
            "comment": t.comment,
            "guards": list(t.guards),
            "next_step": t.next_step,
            "approvals": t.approvals,
        }
        for t in table.transitions
    ]
    return {
        "name": table.name,
        "title": str(table.title),
        "start": table.start,
        "states": states,
        "transitions": steps,
    }


def _read_state(name: str, raw: Mapping[str, Any], known: frozenset[str]) -> State:
    _check_keys(raw, name, _STATE_KEYS, (*_LOOKS, *_PERMISSIONS))
    facts = {key: raw[key] for key in ("lane", *_LOOKS) if key in raw}
    cells = {key: _roles(raw[key], name, known) for key in _PERMISSIONS if key in raw}
    return State(name=name, title=_(raw["title"]), cells=cells, **facts)


def _read_transition(raw: Mapping[str, Any], known: frozenset[str]) -> Transition:
    where = str(raw.get("name", "?")) if isinstance(raw, Mapping) else "?"
    _check_keys(raw, where, _STEP_KEYS, ("comment", "guards", "next_step", "approvals"))
    sources = raw["from"] if isinstance(raw["from"], list) else [raw["from"]]
    return Transition(
        name=raw["name"],
        title=_(raw["title"]),
        sources=tuple(sources),
        target=raw["to"],
        roles=_roles(raw["roles"], where, known),
        comment=raw.get("comment", "optional"),
        guards=tuple(raw.get("guards", ())),
        next_step=bool(raw.get("next_step", False)),
        approvals=raw.get("approvals", 1),
    )


def _check_keys(
    raw: Any, where: str, needed: Collection[str], optional: Collection[str] = ()
) -> None:
    # A misspelt key would be a guard or a cell that silently is not there.
    _require(isinstance(raw, Mapping), where, type(raw).__name__)
    for key in needed:
        _require(key in raw, where, key)
    for key in raw:
        _require(key in needed or key in optional, where, key)


def _roles(raw: Any, where: str, known: frozenset[str]) -> frozenset[str]:
    _require(isinstance(raw, list), where, str(raw))
    roles = frozenset(raw)
    for role in roles:
        _require(role in known, where, role)
    return roles


def _check(table: Table) -> None:
    _require(table.start in table.states, table.name, table.start)
    for state in table.states.values():
        _require(state.lane in LANES, state.name, state.lane)
        _require(state.tone in TONES, state.name, state.tone)
    seen: set[tuple[str, str]] = set()
    for step in table.transitions:
        _require(step.target in table.states, step.name, step.target)
        _require(step.comment in COMMENTS, step.name, step.comment)
        _require(_is_count(step.approvals), step.name, str(step.approvals))
        for guard in step.guards:
            _require(guard in GUARDS, step.name, guard)
        for source in step.sources:
            _require(source in table.states, step.name, source)
            _require((step.name, source) not in seen, step.name, source)
            seen.add((step.name, source))


def _is_count(value: object) -> bool:
    return type(value) is int and 1 <= value <= MOST_APPROVALS


def _require(holds: bool, where: str, what: str) -> None:
    if not holds:
        raise Invalid(
            _("工作流表中“${where}”处的“${what}”不合适。", mapping={"where": where, "what": what})
        )
