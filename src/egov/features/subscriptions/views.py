"""The reader's forms: to subscribe, to confirm, to change, to end; and the manager's page."""

from __future__ import annotations

from collections import Counter
from typing import Any
from urllib.parse import parse_qsl

from pyramid.httpexceptions import HTTPNotFound
from pyramid.view import view_config

from egov.base import clock
from egov.base.errors import EgovError, NotFound
from egov.base.i18n import Message, _
from egov.base.permissions import Permission
from egov.manage.frame import done
from egov.manage.frame import page as manage_page
from egov.model.container import Container
from egov.model.site import Section, SiteGroup, Subsite
from egov.model.subscriptions import Subscription
from egov.operations.subscription_letters import title_of
from egov.operations.subscriptions import (
    MAX_EMAIL,
    confirm,
    end,
    end_for,
    is_offered,
    look_up,
    set_rhythm,
    subscribe,
    subscriptions_of,
)
from egov.public.frame import page
from egov.search.questions import as_query
from egov.security.principals import ANONYMOUS
from egov.web.cache import never_keep
from egov.web.urls import public_url

VIEW = "subscriptions"
SHOWN = 100


@view_config(context=SiteGroup, name="subscribe", permission=Permission.VIEW, request_method="GET",
             renderer="templates/subscribe.pt")  # fmt: skip
@view_config(context=Subsite, name="subscribe", permission=Permission.VIEW, request_method="GET",
             renderer="templates/subscribe.pt")  # fmt: skip
@view_config(context=Section, name="subscribe", permission=Permission.VIEW, request_method="GET",
             renderer="templates/subscribe.pt")  # fmt: skip
def show_form(context: Container, request: Any) -> dict[str, Any]:
    """The form: where to send what is new here, or for a question."""
    return _form(context, request, as_query(request.GET))


def _form(
    context: Container, request: Any, question: str, error: Message = "", is_done: bool = False
) -> dict[str, Any]:
    never_keep(request)
    shown = page(request, context, context, title=_("邮件订阅"), place=context.title)
    shown["page"].robots = "noindex"
    return shown | {
        "place": context.title,
        "words": dict(parse_qsl(question)).get("q", ""),
        "question": question,
        "sent": {key: request.POST.get(key, "") for key in ("email", "weekly")},
        "max_email": MAX_EMAIL,
        "error": error,
        "is_done": is_done,
        "is_offered": is_offered(request.site, request.registry.egov),
        "back": public_url(context),
    }


@view_config(context=SiteGroup, name="subscribe", permission=Permission.VIEW, request_method="POST",
             renderer="templates/subscribe.pt")  # fmt: skip
@view_config(context=Subsite, name="subscribe", permission=Permission.VIEW, request_method="POST",
             renderer="templates/subscribe.pt")  # fmt: skip
@view_config(context=Section, name="subscribe", permission=Permission.VIEW, request_method="POST",
             renderer="templates/subscribe.pt")  # fmt: skip
def send_form(context: Container, request: Any) -> dict[str, Any]:
    """Let the address be asked; a field that no person sees catches machines."""
    if not is_offered(request.site, request.registry.egov):
        raise HTTPNotFound
    sent = request.POST
    question = as_query(dict(parse_qsl(sent.get("question", ""))))
    if sent.get("website"):
        return _form(context, request, question, is_done=True)
    by = ANONYMOUS.at(request.client_addr or "")
    weekly = sent.get("weekly") == "1"
    try:
        subscribe(context, sent.get("email", ""), by=by, question=question, weekly=weekly)
    except EgovError as error:
        return _form(context, request, question, error.message)
    return _form(context, request, question, is_done=True)


@view_config(context=SiteGroup, name="subscription", permission=Permission.PUBLIC, request_method="GET",
             renderer="templates/subscription.pt")  # fmt: skip
def show_subscription(context: SiteGroup, request: Any) -> dict[str, Any]:
    """One subscription, for who has its letter. Looking changes nothing: mail filters open what stands in letters."""
    found = subscriptions_of(context).find(request.GET.get("t", ""))
    return _subscription_page(context, request, found)


def _subscription_page(
    site: SiteGroup, request: Any, found: Subscription | None, said: Message = ""
) -> dict[str, Any]:
    never_keep(request)
    shown = page(request, site, site, title=_("邮件订阅"))
    about = shown["page"]
    about.crumbs, about.robots = "", "noindex"
    return shown | {
        "found": found,
        "about": title_of(site, found) if found is not None else "",
        "said": said,
    }


# The token of the letter is the secret. RFC 8058: a mail program posts here by itself, without cookies.
@view_config(context=SiteGroup, name="subscription", permission=Permission.PUBLIC, request_method="POST",
             renderer="templates/subscription.pt", require_csrf=False)  # fmt: skip
def do_subscription(context: SiteGroup, request: Any) -> dict[str, Any]:
    """Confirm a subscription, change how often letters come, or end it."""
    token, what = request.GET.get("t", ""), request.POST.get("do", "end")
    try:
        if what == "confirm":
            return _subscription_page(
                context, request, confirm(context, token), _("订阅成功，今后有新内容会写信告诉您。")
            )
        if what in ("daily", "weekly"):
            found = set_rhythm(context, token, weekly=what == "weekly")
            return _subscription_page(context, request, found, _("已更改。"))
    except NotFound as error:
        return _subscription_page(context, request, None, error.message)
    end(context, token)
    return _subscription_page(context, request, None, _("已退订，您的邮箱地址已从系统中删除。"))


@view_config(route_name="manage", context=SiteGroup, name=VIEW, permission=Permission.CONFIGURE,
             request_method="GET", renderer="templates/subscriptions.pt")  # fmt: skip
def show_subscriptions(context: SiteGroup, request: Any) -> dict[str, Any]:
    """How many subscribe to what; no addresses."""
    return _manage_page(context, request)


def _manage_page(
    site: SiteGroup, request: Any, email: str = "", found: list[Subscription] | None = None
) -> dict[str, Any]:
    counts: Counter[str] = Counter()
    weekly: Counter[str] = Counter()
    for subscription in subscriptions_of(site).confirmed():
        title = title_of(site, subscription)
        counts[title] += 1
        weekly[title] += subscription.weekly
    rows = [(title, count, weekly[title]) for title, count in counts.most_common(SHOWN)]
    return manage_page(request, site, _("邮件订阅")) | {
        "rows": rows,
        "total": counts.total(),
        "email": email,
        "found": None if found is None else [_row(site, s) for s in found],
        "is_offered": is_offered(site, request.registry.egov),
    }


def _row(site: SiteGroup, found: Subscription) -> dict[str, Any]:
    return {
        "token": found.token,
        "about": title_of(site, found),
        "created": clock.stamp(found.created),
        "confirmed": clock.stamp(found.confirmed_at),
    }


@view_config(route_name="manage", context=SiteGroup, name=VIEW, permission=Permission.CONFIGURE,
             request_method="POST", renderer="templates/subscriptions.pt")  # fmt: skip
def do_subscriptions(context: SiteGroup, request: Any) -> Any:
    """Look an address up, or end one of its subscriptions, on its owner's behalf."""
    sent, by = request.POST, request.actor
    if sent.get("do") == "end":
        end_for(context, sent.get("token", ""), by=by)
        return done(request, context, _("已退订，地址已删除。"), VIEW)
    email = sent.get("email", "")[:MAX_EMAIL]
    return _manage_page(context, request, email, look_up(context, email, by=by))
