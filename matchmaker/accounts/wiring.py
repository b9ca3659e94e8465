"""What accounts plug into the application."""

from __future__ import annotations

from matchmaker.accounts import desk, jobs, lists, signing, views
from matchmaker.accounts.rules import Permission
from matchmaker.accounts.services import members, personal
from matchmaker.core.feature import DeskSource, Feature, Job, Link

ANSWERERS = frozenset({"member", "handler"})

# What this feature writes into the activity log, in words.
ACTIVITIES = {
    "accounts.created": "注册账号",
    "accounts.profile_edited": "修改个人资料",
    "accounts.address_changed": "更换邮箱或手机号",
    "accounts.identity_linked": "绑定统一身份认证",
    "accounts.identity_unlinked": "解除统一身份认证绑定",
    "accounts.password_changed": "修改登录密码",
    "accounts.second_factor_on": "启用两步验证",
    "accounts.second_factor_off": "关闭两步验证",
    "accounts.recovery_code_used": "使用恢复码",
    "accounts.signed_out_everywhere": "强制退出所有设备",
    "accounts.token_created": "创建 API 令牌",
    "accounts.token_revoked": "停用 API 令牌",
    "accounts.role_granted": "授予账号身份",
    "accounts.role_ended": "收回账号身份",
    "accounts.disabled": "停用登录账号",
    "accounts.enabled": "恢复登录账号",
    "accounts.joined": "加入单位成员",
    "accounts.join_asked": "申请加入单位",
    "accounts.join_answered": "答复加入申请",
    "accounts.left": "退出单位成员",
    "accounts.level_changed": "更改成员级别",
    "accounts.erasure_asked": "申请注销账号",
    "accounts.erasure_withdrawn": "撤回注销申请",
    "accounts.erased": "注销账号",
    "accounts.id_number_set": "登记身份证号",
    "accounts.id_number_read": "查看身份证号",
    "directory.founded": "自行登记单位",
}

FEATURE = Feature(
    name="accounts",
    title="账号",
    activities=ACTIVITIES,
    blueprints=(views.bp,),
    jobs=(Job("accounts.retention", "清理过期的登录记录、会话和验证码", jobs.clean, daily_at="03:20"),),
    links=(
        Link("加入的单位", "accounts.organisations", None, icon="building-2", group="我的", order=60),
        Link("账号管理", "accounts.users_index", Permission.ACCOUNTS_MANAGE, icon="users", group="系统", order=90),
        Link("注销申请", "accounts.erasures", Permission.ACCOUNTS_MANAGE, icon="trash-2", group="系统", order=91),
        Link("操作记录", "accounts.log", Permission.LOG_READ, icon="history", group="系统", order=92),
        Link("登录记录", "accounts.sign_ins", Permission.LOG_READ, icon="log-in", group="系统", order=93),
    ),
    lists=(lists.USERS, lists.JOIN_REQUESTS, lists.ERASURES, lists.ACTIVITY, lists.SIGN_INS),
    desk=(
        DeskSource("accounts.joins", ANSWERERS, desk.joins, order=60),
        DeskSource("accounts.erasures", frozenset({"administrator"}), desk.erasures, order=60),
    ),
    merges=(members.merge,),
    personal_data=personal.of_accounts,
    forget=personal.forget_person,
    setup=signing.init,
)
