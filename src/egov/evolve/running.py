"""Doing the steps: in small transactions, each of which also notes how far it has come.

So a step that is killed goes on where it was; two that run at once meet in the note, and one of them looks again; and
no more objects are in memory than the connection's cache holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, NamedTuple

from transaction import TransactionManager
from ZODB.POSException import ConflictError

from egov.base import clock
from egov.base.errors import EgovError
from egov.base.i18n import _, told
from egov.evolve.record import KEY, Evolution, evolution_of
from egov.evolve.steps import STEPS, Step
from egov.model.site import SiteGroup
from egov.operations.record import record_site
from egov.operations.setup import ROOT_KEY
from egov.security.principals import SYSTEM_ACTOR, Actor
from egov.storage.errors import Refused

BATCH = 200  # small, so that an editor seldom meets it, and is then the one who wins
_PATIENCE = 50  # conflicts on one batch


class Stopped(EgovError):
    """A step could not change a thing; what was done before is kept."""


class Progress(NamedTuple):
    """Where a step is: things looked at, and the part of its tree that is behind it (0 to 1)."""

    step: Step
    things: int
    part: float


class Result(NamedTuple):
    """A step that was done, and how many things it looked at."""

    step: Step
    things: int


Tell = Callable[[Progress], object]


def waiting(root: Any, steps: Iterable[Step] = STEPS) -> list[Step]:
    """The steps that a database still needs; none where there is no site group yet."""
    if ROOT_KEY not in root:
        return []
    known = evolution_of(root)
    return [step for step in steps if not known.is_done(step.number)]


def refuse_before_steps(root: Any) -> None:
    """Raise Refused where a step waits without which nothing works."""
    needed = [step for step in waiting(root) if step.before_start]
    if needed:
        text = _(
            "数据库由较早版本的 egov 建立，须先升级（${steps}）。请备份后运行 egov evolve，再启动服务。",
            mapping={"steps": "；".join(f"{step.number} {told(step.title)}" for step in needed)},
        )
        raise Refused(text)


def mark_new(root: Any, steps: Iterable[Step] = STEPS) -> None:
    """Note that a database was made with all steps done."""
    root[KEY] = evolution = Evolution()
    for step in steps:
        evolution.finish(step.number, None)


def evolve(
    database: Any,
    tell: Tell = print,
    steps: Iterable[Step] = STEPS,
    *,
    by: Actor = SYSTEM_ACTOR,
) -> list[Result]:
    """Do what waits, in order; returns the steps that were done. Safe to run again, and twice at once.

    Raises Stopped where a step fails at a thing.
    """
    steps = tuple(steps)
    done: list[Result] = []
    manager = TransactionManager()
    connection = database.open(manager)
    try:
        while True:
            manager.begin()
            step = next(iter(waiting(connection.root(), steps)), None)
            if step is None:
                return done
            things = 0
            for progress in _run(connection, manager, step, by):
                things = progress.things
                tell(progress)
            done.append(Result(step, things))
    finally:
        manager.abort()
        connection.close()


def _run(connection: Any, manager: TransactionManager, step: Step, by: Actor) -> Iterator[Progress]:
    size, lost = BATCH, 0
    while True:
        manager.begin()
        try:
            progress = _one_batch(connection.root(), step, size, by)
            manager.commit()
        except ConflictError:
            manager.abort()
            size, lost = max(1, size // 2), lost + 1
            if lost > _PATIENCE:
                raise
            continue
        except BaseException:
            manager.abort()
            raise
        connection.cacheGC()
        if progress is None:
            return
        yield progress
        size, lost = BATCH, 0


def _one_batch(root: Any, step: Step, size: int, by: Actor) -> Progress | None:
    """Change the next things of a step; None where somebody else has finished it."""
    site: SiteGroup = root[ROOT_KEY]
    evolution = root.setdefault(KEY, Evolution())
    if evolution.is_done(step.number):
        return None
    before = evolution.key if evolution.step == step.number else None
    things = evolution.things if evolution.step == step.number else 0
    batch = _after(step, site, before, size)
    for key, thing in batch:
        _change(step, site, key, thing)
    last = batch[-1][0] if batch else before
    evolution.reach(step.number, last, things + len(batch))
    part = _part(step, site, last)
    if len(batch) < size:
        record_site(by, "evolve", site, reason=f"{step.number} {told(step.title)}")
        evolution.finish(step.number, clock.now())
        part = 1.0
    return Progress(step, things + len(batch), part)


def _after(step: Step, site: SiteGroup, key: int | None, size: int) -> list[tuple[int, Any]]:
    if step.tree is None:
        return [(0, site)] if key is None else []
    tree = step.tree(site)
    return list(islice(tree.items() if key is None else tree.items(key, None, True), size))


def _change(step: Step, site: SiteGroup, key: int, thing: Any) -> None:
    try:
        step.change(site, thing)
    except ConflictError:
        raise
    except Exception as error:
        text = _(
            "升级步骤 ${number} 在 ${key} 处停下：${error}。"
            "此前完成的部分已保存；排除原因后再运行 egov evolve 即可继续。",
            mapping={
                "number": step.number,
                "key": key,
                "error": f"{type(error).__name__}: {error}",
            },
        )
        raise Stopped(text) from error


def _part(step: Step, site: SiteGroup, key: int | None) -> float:
    """How far through the tree a key is: keys are spread evenly, so nothing needs to be counted."""
    tree = step.tree(site) if step.tree is not None else None
    if not tree or key is None:
        return 1.0
    first, last = tree.minKey(), tree.maxKey()
    return (key - first) / (last - first) if last > first else 1.0
