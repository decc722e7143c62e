"""Telling people what happened to what they work on; never more than they may see, never what they muted."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from egov.base import clock
from egov.base.errors import Invalid
from egov.base.i18n import Message, _
from egov.base.permissions import Permission
from egov.history.actions import title_of_action
from egov.model.item import Item
from egov.model.node import Node
from egov.model.notices import Notice
from egov.model.site import SiteGroup, site_of
from egov.security.policy import permits
from egov.security.principals import Actor, User, actor_for

ARRANGED = "arranged"
EVENTS: dict[str, Message] = {
    "return": _("稿件被退回"),
    "approve": _("稿件审核通过"),
    "publish": _("稿件已发布"),
    "withdraw": _("内容被撤回"),
    "unpublish": _("内容被下线"),
    "remark": _("有人写了批注"),
    "assign": _("有稿件交给您办理"),
    "due": _("交给您的稿件今天到期"),
    "overdue": _("交办的稿件已过期"),
    "waiting": _("等您审核的稿件已超过期限"),
    "neglected": _("稿件超过审核期限后仍无人处理"),
    "offer": _("报送有了结果"),
    "failed": _("定时操作没有完成"),
    "review": _("有内容到期须复核"),
    "purge": _("回收站的内容即将彻底删除"),
    ARRANGED: _("有页面编排等您发布"),
    "batch": _("您的批量任务已结束"),
    "undo": _("您的操作被撤销"),
}
RESCUE = "rescue"
CREDENTIALS = "credentials"
# These cannot be muted: that would be the first step of whoever misuses what they tell of.
TITLES = EVENTS | {
    RESCUE: _("服务器控制台进行了应急操作"),
    CREDENTIALS: _("有职责的账号被重设了密码或第二重验证"),
}
DIGEST = "digest"
MAIL = "mail:"


def tell(people: Iterable[str], event: str, node: Node, *, by: Actor, text: str = "") -> None:
    """Tell people of something; not who did it, nor who may not see the node or does not want to hear of it."""
    site = site_of(node)
    for user_id in sorted(set(people) - {by.id, ""}):
        user = site.directory.user(user_id)
        if user is None or user.disabled or event in site.notices.muted.get(user_id, ()):
            continue
        if permits(actor_for(user), Permission.PREVIEW, node):
            told = Notice(clock.now(), event, node.uid, node.title, by.name, text)
            site.notices.add(user_id, told)


def tell_auditors(site: SiteGroup, event: str, what: str, *, by: Actor, also: str = "") -> None:
    """Tell the audit administrators, and one other, of something that they are there to ask about."""
    for user in site.directory.users.values():
        if not user.disabled and (Permission.AUDIT.value in user.duties or user.id == also):
            told = Notice(clock.now(), event, site.uid, site.title, by.name or by.address, what)
            site.notices.add(user.id, told)


def tell_of_credentials(site: SiteGroup, user: User, action: str, *, by: Actor) -> None:
    """Tell of a way in that was set for somebody who has a duty: who sets it could use it, and would have two."""
    if user.duties and by.id != user.id and not by.is_system:
        told = f"{user.name}（{user.id}）：{title_of_action(action)}"
        tell_auditors(site, CREDENTIALS, told, by=by, also=user.id)


def writers(item: Item) -> set[str]:
    """Who made an item and who wrote the edition at work."""
    return {item.owner, *item.work.authors}


def mark_read(site: SiteGroup, *, by: Actor) -> None:
    """Note that a person has read all that they were told until now."""
    site.notices.read_until[by.id] = clock.micros(clock.now())


def set_muted(site: SiteGroup, muted: Collection[str], *, by: Actor) -> None:
    """Set what a person does not want to hear of, here or by mail; raises Invalid for an event that does not exist."""
    known = {*EVENTS, *(MAIL + event for event in (*EVENTS, DIGEST))}
    if not known.issuperset(muted):
        raise Invalid(_("没有这种提醒。"))
    site.notices.muted[by.id] = frozenset(muted)
