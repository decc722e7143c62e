"""Regular work: what is due, stale sessions; each piece in a transaction of its own, safe to run twice at once."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from transaction import TransactionManager

from egov.base import clock
from egov.base.settings import Settings
from egov.model import kept_forms
from egov.model.btrees import NameTree
from egov.model.site import SiteGroup
from egov.operations import batch_work, people_work  # noqa: F401  make the kinds of work known
from egov.operations.assignments import remind
from egov.operations.batches import batches_of, end_what_stands_still, run_batches
from egov.operations.due import do_due
from egov.operations.forwarding import forward
from egov.operations.mailing import Send, send_letters
from egov.operations.outside import check_links
from egov.operations.presence import presence_of
from egov.operations.reviewing import remind_reviewers
from egov.operations.setup import ROOT_KEY
from egov.operations.subscription_letters import send_subscriptions
from egov.operations.trash import PIECE, clear_away, going_of, warn_and_purge
from egov.operations.waiting import AT_ONCE, remind_deciders

log = logging.getLogger(__name__)

_ATTEMPTS = 5
_NOTICES_KEPT = timedelta(days=90)
_EMPTY_KEPT = timedelta(days=7)
_WINDOWS_KEPT = timedelta(hours=1)


def run_jobs(
    database: Any,
    settings: Settings,
    send: Send | None = None,
    *,
    is_ending: Callable[[], bool] = lambda: False,
) -> int:
    """Do what is due by now, and send letters if there is a way; returns how many things were done.

    Catches up after any time of standing still. Leaves the rest for later when told that the process ends.
    """
    manager = TransactionManager()
    connection = database.open(manager)
    done = 0
    try:
        manager.begin()
        site: SiteGroup | None = connection.root().get(ROOT_KEY)
        if site is None:
            return 0
        for due in site.catalog.agenda.due():
            if is_ending():
                return done
            for attempt in manager.attempts(_ATTEMPTS):
                with attempt:
                    was_done = due in site.catalog.agenda and do_due(site, due)
            done += was_done
        done += run_batches(site, manager, is_ending)
        if is_ending():
            return done
        forward(site, manager, settings)
        done += _look_after(site, manager, settings)
        for attempt in manager.attempts(_ATTEMPTS):
            with attempt:
                reminded = remind(site)
                _sweep(site, settings)
        for attempt in manager.attempts(_ATTEMPTS):
            with attempt:
                _tidy(site)
        done += reminded
        if send is not None and not is_ending():
            done += send_letters(site, manager, settings, send)
            done += send_subscriptions(site, manager, settings, send)
    finally:
        manager.abort()
        connection.close()
    return done


def _sweep(site: SiteGroup, settings: Settings) -> None:
    """Clear away what is kept for a time only."""
    longest = timedelta(minutes=settings.session_absolute_minutes)
    site.sessions.sweep(clock.now() - longest)
    presence_of(site).sweep(clock.micros(clock.now() - _WINDOWS_KEPT))
    end_what_stands_still(site)
    batches_of(site).sweep(clock.now() - _NOTICES_KEPT)
    if kept_forms.REGISTER in site.registers:
        kept = site.registers[kept_forms.REGISTER]
        kept.sweep(clock.now() - kept_forms.KEPT_FOR)
    site.passes.sweep(clock.now() - _NOTICES_KEPT)
    site.notices.trim(clock.micros(clock.now() - _NOTICES_KEPT))


def _tidy(site: SiteGroup) -> None:
    """Once a day, give up the places in the catalog where nothing has stood for a while."""
    done, today = site.register("tidied", NameTree), clock.today().isoformat()
    if done.get("catalog") != today:
        site.catalog.give_up_empty(clock.now() - _EMPTY_KEPT)
        done["catalog"] = today


def _look_after(site: SiteGroup, manager: Any, settings: Settings) -> int:
    """The trash, reviews and decisions that are due, links to other sites; returns how much was done."""
    done = 0
    for attempt in manager.attempts(_ATTEMPTS):
        with attempt:
            done = remind_reviewers(site) + warn_and_purge(site, settings.trash_days)
    while going_of(site):
        for attempt in manager.attempts(_ATTEMPTS):
            with attempt:
                clear_away(site, PIECE)
    told = AT_ONCE
    while told:
        for attempt in manager.attempts(_ATTEMPTS):
            with attempt:
                told = remind_deciders(site)
        done += told
    return done + check_links(site, manager, settings)
