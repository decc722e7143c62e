"""Long work: begun by a person, done piece by piece with their rights, resumed after a crash, undone as one."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, NamedTuple

from egov.base import clock, ids
from egov.base.errors import Conflict, EgovError, Forbidden, Invalid
from egov.base.i18n import Message, _, storable
from egov.base.permissions import Permission
from egov.model.batch import (
    CANCELLED,
    DONE,
    RUNNING,
    STOPPED,
    WAITING,
    Batch,
    Batches,
    Outcome,
)  # fmt: skip
from egov.model.container import Container
from egov.model.node import Node
from egov.model.notices import Notice
from egov.model.site import SiteGroup, site_of
from egov.operations.record import record_site, require
from egov.security.principals import Actor, actor_for

log = logging.getLogger(__name__)

MOST = 20_000
AT_ONCE = 20  # as many are done while the person waits for the page
PIECE = 50  # things to one commit
_LEASE = timedelta(seconds=30)
STANDS_STILL = timedelta(days=7)
_ATTEMPTS = 8
MORE, OVER, TAKEN = "more", "over", "taken"


Do = Callable[[SiteGroup, Batch, Any, Actor], Node | None]


class Work(NamedTuple):
    """A kind of long work: its name for people, and what it does with one thing; returns the node that it changed.

    What a command does itself, with what only it has at hand, has None: the jobs leave it alone.
    """

    title: Message
    do: Do | None


_KINDS: dict[str, Work] = {}


def kind(name: str, title: Message) -> Callable[[Any], Any]:
    """Make a kind of long work known under a name."""

    def known(do: Any) -> Any:
        _KINDS[name] = Work(title, do)
        return do

    return known


def kind_of_command(name: str, title: Message) -> None:
    """Make a kind of long work known that only a command does (`run_here`)."""
    _KINDS[name] = Work(title, None)


def title_of(what: str) -> Message:
    """What a kind of work is called."""
    return _KINDS[what].title if what in _KINDS else what


def batches_of(site: SiteGroup) -> Batches:
    """All batches of a site group."""
    found: Batches = site.register("batches", Batches)
    return found


def begin(
    home: Container,
    what: str,
    things: Sequence[Any],
    arguments: Mapping[str, Any],
    *,
    by: Actor,
    undoes: int = 0,
    most: int = MOST,
) -> Batch:
    """Begin long work from a container; a little of it is done at once.

    Raises Forbidden without `preview` of the container, Invalid for nothing to do, for more than `most` things, or for
    work that is not known. What each single thing asks for is asked when its turn comes.
    """
    site = site_of(home)
    if home is not site:
        require(by, Permission.PREVIEW, home)
    elif by.is_anonymous:
        raise Forbidden(_("请先登录。"))
    if what not in _KINDS:
        raise Invalid(_("没有这种批量操作。"))
    if not things:
        raise Invalid(_("请先勾选要处理的内容。"))
    if len(things) > most:
        raise Invalid(_("一次最多处理 ${most} 项，请分几次进行。", mapping={"most": f"{most:,}"}))
    batch = Batch(what, by.id, things, arguments, home.uid)
    batch.undoes = undoes
    batches_of(site).add(batch)
    record_site(by, "begin_batch", site, reason=f"{what}: {len(things)}")
    if batch.size <= AT_ONCE and _KINDS[what].do is not None:
        go_on(site, batch, by, carefully=True)
    return batch


def cancel(site: SiteGroup, batch: Batch, *, by: Actor) -> None:
    """Let what is not done yet be left; raises Forbidden for another's work, Conflict if it is over."""
    _require_own(batch, by)
    if not batch.is_open:
        raise Conflict(_("这项任务已经结束。"))
    _close(site, batch, CANCELLED)
    record_site(by, "cancel_batch", site, reason=f"{batch.what}: {batch.place}/{batch.size}")


def undo_batch(site: SiteGroup, batch: Batch, *, by: Actor) -> Batch:
    """Take back all that a batch did, the last first, as a batch of its own.

    Raises Forbidden for another's work, Conflict while it runs or if it has been taken back, Invalid if it did nothing.
    """
    _require_own(batch, by)
    if batch.is_open:
        raise Conflict(_("任务还在进行，请先取消或等它完成。"))
    if batch.undone_by:
        raise Conflict(_("这一步已经撤销过了。"))
    what, done = _taken_back(batch)
    home = site.catalog.node(batch.home)
    made = begin(home if isinstance(home, Container) else site, what, done[::-1], {}, by=by,
                 undoes=batch.key)  # fmt: skip
    batch.undone_by = made.key
    return made


def _taken_back(batch: Batch) -> tuple[str, list[Any]]:
    """The kind of work that takes a batch back, and on what."""
    if batch.kept is None:
        return "undo", [(o.uid, o.key) for o in batch.outcomes.values() if o.key]
    places = [
        {"title": batch.outcomes[place].title, "batch": batch.key, "place": place}
        for place in batch.kept
    ]
    return f"{batch.what}-back", places


def end_what_stands_still(site: SiteGroup) -> None:
    """End the commands' work that was broken off and not taken up again for a week: its file may be another by now."""
    for batch in open_batches(site):
        work = _KINDS.get(batch.what)
        last = batch.runner[1] if batch.runner is not None else batch.at
        if (work is None or work.do is None) and last < clock.now() - STANDS_STILL:
            _close(site, batch, STOPPED, _("中断后一周内没有用同一文件继续。"))


def may_see(batch: Batch, by: Actor) -> bool:
    """Whether a person sees a batch: whose it is."""
    return by.is_system or batch.by == by.id


def go_on(
    site: SiteGroup, batch: Batch, by: Actor, *, carefully: bool, most: int = PIECE,
    do: Do | None = None,
) -> EgovError | None:  # fmt: skip
    """Do the next things of a batch in the present transaction; the caller commits.

    `carefully` undoes what one of them refuses for it alone; else the first refusal is returned, and the caller must
    give the transaction up and go on carefully.
    """
    batch.state = RUNNING
    manager = site._p_jar.transaction_manager if site._p_jar is not None else None
    for number in range(batch.place, min(batch.place + most, batch.size)):
        thing = batch.things[number]
        mark = manager.savepoint(optimistic=True) if carefully and manager is not None else None
        try:
            batch.note(_outcome(site, batch, thing, by, do))
        except EgovError as error:
            if not carefully:
                return error
            if mark is not None:
                mark.rollback()
            others = (m for m in getattr(error, "fields", {}).values() if m != error.message)
            details = tuple(map(storable, others))
            uid, title = _named(site, thing)
            batch.note(Outcome(uid, title, 0, storable(error.message), details))
    if batch.place >= batch.size:
        _close(site, batch, DONE)
    return None


def _outcome(site: SiteGroup, batch: Batch, thing: Any, by: Actor, do: Do | None) -> Outcome:
    uid, title = _named(site, thing)
    does = do or _KINDS[batch.what].do
    node = does(site, batch, thing, by) if does is not None else None
    if node is None or not node.log:
        return Outcome(uid, title)
    return Outcome(node.uid, node.title, node.log.maxKey())


def _named(site: SiteGroup, thing: Any) -> tuple[int, str]:
    """The uid that a thing stands for, with its title; a row to be imported has none yet."""
    if isinstance(thing, dict):
        return 0, str(thing.get("title", ""))[:100]
    uid = thing[0] if isinstance(thing, tuple) else thing
    node = site.catalog.nodes.get(uid)
    if node is None and (entry := site.trash.get(uid)) is not None:
        node = entry.node
    return uid, node.title if node is not None else str(uid)


def _close(site: SiteGroup, batch: Batch, state: str, why: Message = "") -> None:
    batch.end(state, why)
    if batch.arguments.get("forgets"):  # what it had to do tells of people
        for place, thing in list(batch.things.items(batch.place)):
            batch.things[place] = {"title": thing["title"]}
    batches_of(site).close(batch)
    home = site.catalog.node(batch.home) or site
    if batch.size > AT_ONCE and site.directory.user(batch.by) is not None:
        names = {"what": title_of(batch.what), "done": batch.place - batch.failed,
                 "failed": batch.failed}  # fmt: skip
        text = _("${what}：完成 ${done} 项，未完成 ${failed} 项", mapping=names)
        notice = Notice(clock.now(), "batch", home.uid, home.title, "", text)
        site.notices.add(batch.by, notice)


def _require_own(batch: Batch, by: Actor) -> None:
    if not may_see(batch, by):
        raise Forbidden(_("这不是您的任务。"))


def open_batches(site: SiteGroup) -> Iterable[Batch]:
    """What is still to be done, the oldest first."""
    return list(batches_of(site).open.values()) if "batches" in site.registers else ()


def run_batches(
    site: SiteGroup, manager: Any, is_ending: Callable[[], bool] = lambda: False
) -> int:
    """Do all that is open, a commit to each piece; returns how many batches came to their end.

    Another process may do the same at the same time: who is late finds the piece done.
    """
    token, ended = ids.new_token(), 0
    for batch in open_batches(site):
        if batch.what not in _KINDS or _KINDS[batch.what].do is None:
            continue
        carefully, state = False, MORE
        while state == MORE and not is_ending():
            try:
                state = _piece(site, batch, manager, token, carefully=carefully)
                carefully = False
            except _Refused:
                carefully = True
            except Exception:
                log.exception("batch %s is left for the next time", batch.key)
                manager.abort()
                break
        ended += state == OVER
    return ended


def run_here(
    site: SiteGroup, batch: Batch, manager: Any, by: Actor, do: Do, *, most: int = PIECE
) -> Iterator[int]:
    """Do all that is left of a batch in this process; yields after each commit how many things are through.

    Raises Conflict where another process works on it, or did so half a minute ago and was killed.
    """
    token, carefully = ids.new_token(), False
    while batch.is_open:
        try:
            state = _piece(
                site, batch, manager, token, carefully=carefully, by=by, do=do, most=most
            )
        except _Refused:
            carefully = True
            continue
        if state == TAKEN:
            message = _("这项任务正由另一个进程办理，或刚刚中断，请半分钟后再试。")
            raise Conflict(message)
        carefully = False
        yield batch.place


class _Refused(Exception):
    """One thing of a piece was refused: the piece is given up, to be done again with care."""


def _piece(
    site: SiteGroup, batch: Batch, manager: Any, token: str, *, carefully: bool,
    by: Actor | None = None, do: Do | None = None, most: int = PIECE,
) -> str:  # fmt: skip
    state = MORE
    for attempt in manager.attempts(_ATTEMPTS):
        with attempt:
            state = MORE
            if not batch.is_open:
                state = OVER
            elif _is_taken(batch, token):
                state = TAKEN
            elif (whom := by or _starter(site, batch)) is None:
                _close(site, batch, STOPPED, _("发起人的账号已停用。"))
            else:
                batch.runner = (token, clock.now() + _LEASE)
                if go_on(site, batch, whom, carefully=carefully, most=most, do=do) is not None:
                    raise _Refused
    return state


def _starter(site: SiteGroup, batch: Batch) -> Actor | None:
    user = site.directory.user(batch.by)
    return actor_for(user) if user is not None and not user.disabled else None


def _is_taken(batch: Batch, token: str) -> bool:
    return batch.runner is not None and batch.runner[0] != token and clock.now() < batch.runner[1]


def can_be_undone(batch: Batch) -> bool:
    """Whether a batch is over and has done something that may be taken back."""
    return (
        not batch.is_open
        and not batch.undone_by
        and batch.state != WAITING
        and (bool(batch.kept) or any(o.key for o in batch.outcomes.values()))
    )
