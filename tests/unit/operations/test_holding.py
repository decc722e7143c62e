"""Who has a permission is told person by person, and is what `permits` says of each."""

from egov.base.permissions import NODE_PERMISSIONS, Permission
from egov.operations.accounts import add_group, set_disabled
from egov.operations.holding import holders
from egov.operations.organisation import add_unit, set_member, set_posts
from egov.operations.rights import grant
from egov.security.grants import EVERYBODY
from egov.security.policy import permits
from egov.security.principals import SYSTEM_ACTOR, Post, actor_for
from tests.support import world


def test_everybody_is_named_who_may_and_nobody_else(site):
    group = add_group(site, "press", "宣传组", by=SYSTEM_ACTOR)
    unit = add_unit(site, "bureau", "局", "department", by=SYSTEM_ACTOR)
    unit.reaches_below = True
    add_unit(site, "room", "室", "department", by=SYSTEM_ACTOR, parent="bureau")
    users = site.directory.users
    set_member(site, group, users["outsider"], True, by=SYSTEM_ACTOR)
    set_posts(site, users["reader"], [Post("room")], by=SYSTEM_ACTOR)
    grant(site["health"], "group:press", "editor", by=SYSTEM_ACTOR)
    grant(site["finance"]["news"], "unit:bureau", "publisher", by=SYSTEM_ACTOR)
    item = world.article(site)
    set_disabled(site, users["editor"], True, by=SYSTEM_ACTOR)
    open_users = [user for user in users.values() if not user.disabled]
    for node in (site, site["finance"], site["finance"]["news"], site["health"]["news"], item):
        for permission in NODE_PERMISSIONS:
            found = list(holders(node, permission))
            named = {h.user.id for h in found if h.user is not None}
            may = {u.id for u in open_users if permits(actor_for(u), permission, node)}
            if {h.principal for h in found} & EVERYBODY:
                assert named <= may
            else:
                assert named == may, (node, permission)


def test_each_with_the_grants_that_decide(site):
    unit = add_unit(site, "bureau", "局", "department", by=SYSTEM_ACTOR)
    set_posts(site, site.directory.user("outsider"), [Post(unit.id)], by=SYSTEM_ACTOR)
    grant(site["finance"], "unit:bureau", "editor", by=SYSTEM_ACTOR)
    item = world.article(site)
    told = {
        h.principal: ([s.grant.principal for s in h.sources], h.is_owner)
        for h in holders(item, Permission.EDIT)
    }
    assert told["user:outsider"] == (["unit:bureau"], False)
    assert told["user:author"][1]
