"""A small world for tests: a portal, two departments, sections, one person for each role."""

from __future__ import annotations

import itertools

import transaction
import ZODB.config
from argon2 import PasswordHasher

from egov.app import configure, make_app
from egov.features.content import TYPES
from egov.model import types
from egov.model.placement import Placement
from egov.model.site import Section, SiteGroup, Subsite
from egov.operations.accounts import add_user, set_duty
from egov.operations.content import create
from egov.operations.rights import grant
from egov.operations.setup import make_site
from egov.security import passwords
from egov.security.principals import SYSTEM_ACTOR, actor_for
from egov.web.connections import Connections

PASSWORD = "Right-Horse-7"
ROLES = ("reader", "author", "editor", "reviewer", "publisher", "manager")

_names = itertools.count()

passwords.use_hasher(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


def open_database():
    """A database in memory that takes blobs."""
    return ZODB.config.databaseFromString(
        f"<zodb>\n<demostorage world{next(_names)}>\n</demostorage>\n</zodb>"
    )


def register_types():
    """Make all types known, as the application does."""
    for cls in (SiteGroup, Subsite, Section, Placement, *TYPES):
        types.register(cls)


def application(database, settings):
    """The application on a database that is open."""
    config = configure({"zodbconn.uri": "memory://", **settings})
    config.commit()
    for unused in config.registry._zodb_databases.values():
        unused.close()
    _turn(config.registry, database)
    return make_app(config)


def serve(app, database):
    """Let an application serve another database from now on."""
    _turn(app.registry, database)
    app.registry.marks_known.clear()


def _turn(registry, database):
    registry._zodb_databases = {"": database}
    registry.connections = Connections(database)


def build(root):
    """Make the world in a database root and commit it; returns the site."""
    register_types()
    site = make_site(root, {"title": "临江市人民政府", "code": "4299000001", "organiser": "市府办"})
    for name, title in (("finance", "市财政局"), ("health", "市卫生健康委员会")):
        subsite = create(site, "subsite", {"title": title}, by=SYSTEM_ACTOR, name=name)
        for section, label in (("news", "工作动态"), ("notices", "通知公告")):
            create(subsite, "section", {"title": label}, by=SYSTEM_ACTOR, name=section)
    for role in ROLES:
        add_user(site, role, f"测试{role}", PASSWORD, by=SYSTEM_ACTOR)
        grant(
            site["finance"], f"user:{role}", role, by=SYSTEM_ACTOR, may_delegate=role == "manager"
        )
    for extra in ("reviewer2", "reviewer3"):
        add_user(site, extra, f"测试{extra}", PASSWORD, by=SYSTEM_ACTOR)
        grant(site["finance"], f"user:{extra}", "reviewer", by=SYSTEM_ACTOR)
    for duty in ("system", "security", "audit"):
        user = add_user(site, f"{duty}-admin", f"测试{duty}", PASSWORD, by=SYSTEM_ACTOR)
        set_duty(site, user, duty, by=SYSTEM_ACTOR)
    add_user(site, "outsider", "外人", PASSWORD, by=SYSTEM_ACTOR)
    transaction.commit()
    return site


def actor(site, user_id):
    """The Actor of one of the world's people."""
    return actor_for(site.directory.user(user_id), "127.0.0.1")


def article(site, by="author", title="关于春节放假的通知", where="news"):
    """A draft article in the finance department."""
    values = {"title": title, "body": "<p>正文。</p>", "source": "市财政局"}
    return create(site["finance"][where], "article", values, by=actor(site, by))
