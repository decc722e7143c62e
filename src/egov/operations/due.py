"""Doing what is due: publishing, taking down, letting a release go out; by a job, in nobody's name."""

from __future__ import annotations

import logging

from egov.base import clock
from egov.base.errors import EgovError, Invalid
from egov.base.i18n import _, told
from egov.catalog.agenda import PUBLISH, RELEASE, Due
from egov.model.item import Item
from egov.model.site import SiteGroup
from egov.operations.notices import tell, writers
from egov.operations.releases import items_of, publish_release
from egov.operations.workflow import advance
from egov.security.principals import SYSTEM_ACTOR

log = logging.getLogger(__name__)


def do_due(site: SiteGroup, due: Due) -> bool:
    """Do one thing that is due, and forget it; False where it could not be done, which is recorded.

    Whoever does it again finds nothing to do.
    """
    site.catalog.agenda.drop(due)
    if due.what == RELEASE:
        return _release(site, due)
    item = site.catalog.node(due.uid)
    if not isinstance(item, Item):
        return False
    at = item.publish_at if due.what == PUBLISH else item.expire_at
    if at is None or clock.micros(at) != due.at:
        return False  # set anew meanwhile
    try:
        if due.what == PUBLISH:
            item.publish_at = None
            advance(item, "publish", by=SYSTEM_ACTOR, comment=str(_("按时发布")))
        else:
            item.expire_at = None
            advance(item, "unpublish", by=SYSTEM_ACTOR, comment=str(_("到期下线")))
    except EgovError as error:
        log.warning("due %s of %s not done: %s", due.what, item.uid, error)
        reason = told(error.message)
        site.audit.append(SYSTEM_ACTOR, due.what, item, outcome="failed", reason=reason)
        tell(writers(item), "failed", item, by=SYSTEM_ACTOR, text=reason)
        return False
    return True


def _release(site: SiteGroup, due: Due) -> bool:
    release = site.releases.get(due.uid)
    if release is None or release.publish_at is None or clock.micros(release.publish_at) != due.at:
        return False
    release.publish_at = None
    try:
        publish_release(site, release, by=SYSTEM_ACTOR)
    except Invalid as error:
        reason = told(error.message) + "、".join(error.fields)
        log.warning("due release %s not done: %s", release.key, reason)
        site.audit.append(SYSTEM_ACTOR, "release_failed", outcome="failed", reason=reason)
        for item in items_of(site, release)[:1]:
            tell({release.by, *writers(item)}, "failed", item, by=SYSTEM_ACTOR, text=reason)
        return False
    return True
