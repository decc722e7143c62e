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
    "take_back": _("取消报送"), "adopt": _("被采用"), "offer_changes": _("报送需修改"),
    "offer_declined": _("报送未采用"),
    "remark": _("批注"), "resolve": _("处理批注"), "assign": _("交办"),
    "force": _("紧急发布"), "confirm": _("补审通过"), "backdate": _("更改发布时间"),
    "supersede": _("指定取代"), "make_pass": _("生成链接"), "revoke_pass": _("收回链接"), "roll_back": _("整体退回"),
    "set_table": _("更改流程"), "drop_table": _("取消流程"), "remap": _("随流程更改移动"),
    "undo": _("撤销"), "change": _("批量修改"),
    "review_date": _("设定复核日期"), "reviewed": _("复核无误"),
    "arrange_blocks": _("编排页面"), "publish_arrangement": _("发布编排"), "discard_arrangement": _("放弃编排"),
    "commission": _("约稿"),
    "inherit": _("继承上级权限"), "stop_inheriting": _("不继承上级权限"),
    "pass_on_grants": _("移交授权"), "change_owner": _("改归属单位"),
    "set_synonyms": _("设定同义词"), "pin_result": _("置顶搜索结果"), "unpin_result": _("取消置顶结果"),
}  # fmt: skip

# What stands for good, and what is done instead of taking it back.
LASTING: dict[str, Message] = {
    "make_pass": _("不需要的链接，请在“预览链接”页收回。"),
    "revoke_pass": _("收回的链接不再有效，需要时请另行生成。"),
    "roll_back": _("整体退回的批次，请重新整体发布。"),
}

# What concerns no node of the tree, or what its own history does not tell.
OTHER_ACTIONS: dict[str, Message] = {
    "log_in": _("登录"), "log_out": _("退出登录"), "second_factor": _("第二因素验证"),
    "recovery_code_used": _("使用备用码"), "renew_recovery_codes": _("重新生成备用码"),
    "change_password": _("修改密码"), "set_password": _("重设他人密码"),
    "make_reset": _("生成重设密码链接"), "use_reset": _("使用重设密码链接"),
    "second_factor_on": _("启用第二因素"), "second_factor_off": _("停用第二因素"),
    "confirm_oneself": _("核对本人密码"),
    "add_passkey": _("登记安全密钥"), "remove_passkey": _("移除安全密钥"),
    "end_session": _("结束一个登录"), "end_sessions": _("结束全部登录"),
    "link_outside": _("关联外部账号"), "unlink_outside": _("取消外部账号关联"),
    "add_user": _("建立账号"), "disable_user": _("停用账号"), "enable_user": _("恢复账号"),
    "disable_dormant": _("停用久未使用的账号"), "leave": _("办理离岗移交"), "take_back_leave": _("撤销离岗移交"),
    "set_duty": _("设定管理员职责"), "set_groups": _("设定所属用户组"), "add_group": _("建立用户组"),
    "rename_group": _("重命名用户组"), "add_unit": _("建立单位"), "change_unit": _("修改单位"),
    "close_unit": _("撤销单位"), "open_unit": _("恢复单位"), "merge_unit": _("并入单位"),
    "set_posts": _("设定职务"),
    "see_as": _("以他人身份查看"), "read_personal": _("查看个人信息"), "refused": _("越权操作"),
    "export_audit": _("导出审计记录"), "hand_over_audit": _("移交审计记录"), "verify_audit": _("核对审计记录"),
    "audit_hash": _("更换审计校验算法"),
    "begin_batch": _("开始批量任务"), "cancel_batch": _("停止批量任务"), "make_release": _("建立发布批次"),
    "release_add": _("加入发布批次"), "release_remove": _("移出发布批次"), "release_schedule": _("定时发布批次"),
    "release_failed": _("发布批次失败"), "correction": _("收到纠错"),
    "correction_handled": _("处理纠错"), "purge": _("彻底删除"), "warn_purge": _("提示即将彻底删除"),
    "subscription_ended": _("订阅结束"), "repair": _("修复数据"), "evolve": _("升级数据库"),
    "command": _("命令行办理"), "rescue": _("控制台应急操作"), "shell": _("在控制台直接修改数据"),
}  # fmt: skip


def title_of_action(name: str) -> Message:
    """What an action on record is called; its own name for one that has none."""
    return ACTIONS.get(name) or OTHER_ACTIONS.get(name, name)
