"""What each action on record is called, for people."""

from __future__ import annotations

from egov.base.i18n import Message, _

ACTIONS: dict[str, Message] = {
    "create": _("建立"), "edit": _("编辑"), "submit": _("提交审核"), "retract": _("收回修改"),
    "approve": _("审核通过"), "return": _("退回修改"), "publish": _("发布"), "withdraw": _("撤回"),
    "unpublish": _("下线"), "republish": _("重新发布"), "restore": _("恢复旧版"), "rename": _("重命名"),
    "move": _("移动"), "copy": _("复制"), "grant": _("授权"), "revoke": _("收回授权"), "delete": _("删除"),
    "undelete": _("从回收站恢复"), "configure": _("修改设置"), "arrange": _("调整顺序"), "place": _("引用"),
    "open": _("开放"), "hide": _("不开放"), "discard_draft": _("放弃修改稿"), "set_workflow": _("指定工作流"),
    "waive": _("放行"), "hand_over": _("移交"), "schedule": _("定时"), "offer": _("报送"),
    "take_back": _("取消报送"), "adopt": _("被采用"),
    "remark": _("批注"), "resolve": _("处理批注"), "assign": _("交办"),
    "force": _("紧急发布"), "confirm": _("补审通过"), "backdate": _("更改发布时间"),
    "supersede": _("指定取代"), "make_pass": _("生成链接"), "revoke_pass": _("收回链接"), "roll_back": _("整体退回"),
    "set_table": _("更改流程"), "drop_table": _("取消流程"), "remap": _("随流程更改移动"),
    "undo": _("撤销"), "change": _("批量修改"),
    "review_date": _("设定复核日期"), "reviewed": _("复核无误"),
    "inherit": _("继承上级权限"), "stop_inheriting": _("不继承上级权限"),
}  # fmt: skip
