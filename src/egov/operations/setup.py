"""Making a site group in an empty database."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from persistent.mapping import PersistentMapping

from egov.base import clock
from egov.base.errors import Conflict
from egov.base.i18n import _
from egov.catalog.index import Catalog
from egov.history.audit import AuditLog
from egov.history.handover import SigningKey
from egov.model.site import SiteGroup
from egov.operations.content import validated
from egov.operations.record import record
from egov.search.guide import Guide
from egov.security.grants import EVERYONE, Grant
from egov.security.policy import table_for
from egov.security.principals import SYSTEM_ACTOR, Directory
from egov.security.sessions import Sessions
from egov.security.throttle import Attempts

ROOT_KEY = "site"


def make_site(root: PersistentMapping, values: Mapping[str, Any]) -> SiteGroup:
    """Make the site group in the database's root; raises Conflict if there is one, Invalid for unfit values.

    The public may read it because of one grant, which stands on the portal for everybody to see.
    """
    if ROOT_KEY in root:
        raise Conflict(_("数据库中已有网站群，不会重新建立。"))
    clean = validated(SiteGroup, values)
    site = SiteGroup(clean["title"], SYSTEM_ACTOR.id, clean)
    site.state = table_for(site).start
    site.directory = Directory()
    site.sessions = Sessions()
    site.attempts = Attempts()
    site.audit = AuditLog()
    site.catalog = Catalog()
    site.guide = Guide()
    site.register("signing", SigningKey)
    site.grants = (Grant(EVERYONE, "reader", SYSTEM_ACTOR.id, clock.now()),)
    root[ROOT_KEY] = site
    site.catalog.index(site)
    record(SYSTEM_ACTOR, "create", site)
    return site
