"""Error pages: one form for all, the same answer for what is hidden and what is missing."""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import quote

from pyramid.exceptions import BadCSRFToken
from pyramid.httpexceptions import (
    HTTPBadRequest,
    HTTPFound,
    HTTPMovedPermanently,
    HTTPRequestEntityTooLarge,
    HTTPServiceUnavailable,
    HTTPTooManyRequests,
)
from pyramid.renderers import render_to_response
from pyramid.view import exception_view_config, forbidden_view_config, notfound_view_config
from pyramid_retry import is_error_retryable, mark_error_retryable

from egov.base.errors import Conflict, Forbidden, Invalid, NotFound
from egov.base.i18n import Message, _
from egov.base.permissions import Permission
from egov.model.container import Container
from egov.model.item import Item
from egov.operations.publishing import successor_of
from egov.security.policy import permits
from egov.storage.away import is_away
from egov.storage.errors import Damaged, damage_of
from egov.web.away import DatabaseAway
from egov.web.full_disk import FULL, note_full
from egov.web.kept_forms import note_form
from egov.web.refusals import note_refusal
from egov.web.urls import manage_url, public_url

log = logging.getLogger(__name__)

TEMPLATE = "egov.web:templates/error.pt"


def error_page(request: Any, status: int, title: Message, message: Message) -> Any:
    """A page that says what happened and where to go on; plain where the site's own surroundings fail too."""
    in_manage = request.path_info.startswith("/manage")
    template, values = TEMPLATE, {"home": "/manage" if in_manage else "/"}
    surround = request.registry.error_frames.get("manage" if in_manage else "public")
    is_plain = surround is None or status in (500, 503)
    if not is_plain and not (in_manage and request.actor.is_anonymous):
        template, values = surround(request, title)
    told = {"title": title, "message": message}
    response = render_to_response(template, values | told, request=request)
    response.status_int = status
    return response


@notfound_view_config()
@forbidden_view_config()
@exception_view_config(context=NotFound)
@exception_view_config(context=Forbidden)
def missing(error: Any, request: Any) -> Any:
    """A thing that is not there, or that this person may not know of."""
    in_manage = request.path_info.startswith("/manage")
    if in_manage and request.actor.is_anonymous:
        return _to_sign_in(request)
    if isinstance(error, Forbidden) or getattr(error, "result", None) is not None:
        note_refusal(request)
    if (moved := _moved_to(request, in_manage)) is not None:
        return HTTPMovedPermanently(moved)
    if not in_manage and _is_gone(request):
        if (new := _successor(request)) is not None:
            return HTTPFound(public_url(new))
        return error_page(
            request, 410, _("该页面已下线"), _("发布单位已将这一页面下线，不再提供。")
        )
    hint = _("网址可能已经改变，或者输入有误。您可以从首页开始查找。")
    if in_manage:
        hint = _("它可能已被移动或移入回收站，也可能您没有查看它的权限。")
    return error_page(request, 404, _("没有找到这个页面"), hint)


def _to_sign_in(request: Any) -> HTTPFound:
    """To the page for signing in, and from there back; a form that was sent is found again there."""
    target = _kept_at(request)
    if not target:
        return HTTPFound("/login?came_from=" + quote(request.path_qs))
    return HTTPFound("/login?kept=1&came_from=" + quote(target))


def _kept_at(request: Any) -> str:
    """Where a form that was refused is found again; empty where it is not kept."""
    form = note_form(request)
    if form is None:
        return ""
    return request.path_qs if form.view in request.registry.filled_views else "/manage/@@resume"


def _moved_to(request: Any, in_manage: bool) -> str | None:
    context, name = getattr(request, "context", None), getattr(request, "view_name", "")
    if not isinstance(context, Container) or context.moved is None or name not in context.moved:
        return None
    node: Any = request.site.catalog.node(context.moved[name])
    rest = list(request.subpath)
    while isinstance(node, Container) and rest and rest[0] in node:
        node = node[rest.pop(0)]
    permission = Permission.PREVIEW if in_manage else Permission.VIEW
    if node is None or not permits(request.actor, permission, node):
        return None
    base = manage_url(node) if in_manage else public_url(node)
    tail = "/".join(quote(part, safe="@") for part in rest)
    url = f"{base.rstrip('/')}/{tail}" if tail else base
    return f"{url}?{request.query_string}" if request.query_string else url


def _successor(request: Any) -> Item | None:
    """What took the place of a page that has gone, where this person may read it."""
    new = successor_of(request.context)
    return new if new is not None and permits(request.actor, Permission.VIEW, new) else None


def _is_gone(request: Any) -> bool:
    node = getattr(request, "context", None)
    if not isinstance(node, Item) or node.live_state != "unpublished" or node.__parent__ is None:
        return False
    return permits(request.actor, Permission.VIEW, node.__parent__)


@exception_view_config(context=Invalid)
def invalid(error: Invalid, request: Any) -> Any:
    """What was sent cannot be taken."""
    return error_page(request, 400, _("无法完成这一操作"), error.message)


@exception_view_config(context=Conflict)
def conflict(error: Conflict, request: Any) -> Any:
    """Somebody else was faster."""
    return error_page(request, 409, _("内容已被他人修改"), error.message)


@exception_view_config(context=HTTPBadRequest)
def bad_request(error: Any, request: Any) -> Any:
    """A form without its token, or one that has grown too old: of an earlier session of this person, it comes back."""
    if isinstance(error, BadCSRFToken) and (target := _kept_at(request)):
        return HTTPFound(target)
    return error_page(
        request, 400, _("页面已过期"), _("请返回上一页，刷新后再试一次；您填写的内容不会丢失。")
    )


@exception_view_config(context=HTTPRequestEntityTooLarge)
def too_large(error: Any, request: Any) -> Any:
    """More at once than is taken."""
    return error_page(
        request, 413, _("内容过大"), _("一次发送的内容太多，没有保存。请减少文件，分几次上传。")
    )


@exception_view_config(context=HTTPTooManyRequests)
def too_many(error: Any, request: Any) -> Any:
    """More often than a person would."""
    response = error_page(
        request, 429, _("操作过于频繁"), _("这一地址提交得太频繁，请一分钟后再试。")
    )
    response.headers["Retry-After"] = "60"
    return response


@exception_view_config(context=HTTPServiceUnavailable)
def unavailable(error: Any, request: Any) -> Any:
    """No site group yet."""
    return error.__class__(error.detail)


@exception_view_config(context=OSError)
def disk_full(error: OSError, request: Any) -> Any:
    """What was sent could not be kept; a request that only reads is repeated without its own small writes."""
    if error.errno not in FULL:
        return broken(error, request)
    note_full(request.registry)
    if request.method in ("GET", "HEAD"):
        mark_error_retryable(error)
    request.registry.metrics.full.inc()
    log.error("disk full: %s %s, request %s", request.method, request.path, request.id)
    text = _(
        "服务器的磁盘已满，您的内容没有保存，原有内容没有改动，网站仍可浏览。"
        "请保留好您填写的内容，并将编号 ${number} 告诉管理员；腾出空间后再保存一次即可。",
        mapping={"number": request.id},
    )
    return error_page(request, 507, _("磁盘已满，未能保存"), text)


@exception_view_config(context=DatabaseAway)
def database_away(error: Exception, request: Any) -> Any:
    """The database server does not answer; whether what was sent just then is kept, nobody can know yet."""
    log.warning("database away: %s, request %s: %r", request.path_info, request.id, error)
    text = _("数据库暂时连接不上，恢复后网站会自动继续。请过一会儿再试。")
    if request.method not in ("GET", "HEAD"):
        text = _(
            "数据库暂时连接不上，不能确定您刚才提交的内容是否已经保存。"
            "请保留好您填写的内容，恢复后先查看，再决定是否重新提交。"
        )
    response = error_page(request, 503, _("暂时不能访问"), text)
    response.headers["Retry-After"] = "10"
    return response


@exception_view_config(context=Damaged)
def damaged(error: Damaged, request: Any) -> Any:
    """What was asked for is not on the disk as it was written; everything else is answered as always."""
    request.registry.damage.note(error, request)
    text = _(
        "这一内容的存储数据已损坏，为避免显示错误的内容，暂不提供；其他内容不受影响。"
        "请将编号 ${number} 告诉管理员，由管理员从备份取回。",
        mapping={"number": request.id},
    )
    return error_page(request, 500, _("内容暂不可用"), text)


@exception_view_config(context=Exception)
def broken(error: Exception, request: Any) -> Any:
    """An error of ours; the number on the page is the one in the log."""
    if is_away(error):
        return database_away(error, request)
    if (damage := damage_of(error)) is not None:  # sent by a database server
        return damaged(damage, request)
    if not is_error_retryable(request, error):  # else it is only begun again
        log.error("request %s failed", request.id, exc_info=error)
    text = _(
        "请稍后再试；如仍不行，请将编号 ${number} 告诉管理员。",
        mapping={"number": request.id},
    )
    return error_page(request, 500, _("系统出现错误"), text)
