"""What accounts plug into the application."""

from __future__ import annotations

from matchmaker.accounts import desk, jobs, lists, signing, views
from matchmaker.accounts.rules import Permission
from matchmaker.accounts.services import members, personal
from matchmaker.core.feature import DeskSource, Feature, Job, Link

ANSWERERS = frozenset({"member", "handler"})

FEATURE = Feature(
    name="accounts",
    title="账号",
    blueprints=(views.bp,),
    jobs=(Job("accounts.retention", "清理过期的登录记录、会话和验证码", jobs.clean, daily_at="03:20"),),
    links=(
        Link("加入的单位", "accounts.organisations", None, icon="building-2", group="账号", order=80),
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
