"""What notifications plug into the application."""

from __future__ import annotations

from datetime import timedelta

from matchmaker.accounts.rules import Permission
from matchmaker.core.feature import Feature, Job, Link
from matchmaker.notifications import cli, gateways, jobs, lists, queries, services, views

# What this feature writes into the activity log, in words.
ACTIVITIES = {
    "notifications.suppressed": "停止向地址发送",
    "notifications.lifted": "恢复向地址发送",
}

FEATURE = Feature(
    name="notifications",
    title="通知",
    activities=ACTIVITIES,
    blueprints=(views.bp,),
    jobs=(Job("notifications.deliver", "发送待发邮件和短信", jobs.deliver, every=timedelta(seconds=15)),),
    commands=(cli.notifications,),
    lists=(lists.DELIVERIES, lists.SUPPRESSIONS),
    links=(
        Link("发送记录", "notifications.delivery_log", Permission.ACCOUNTS_MANAGE, icon="send", group="系统", order=94),
        Link("停发地址", "notifications.suppressions", Permission.ACCOUNTS_MANAGE, icon="ban", group="系统", order=95),
    ),
    personal_data=queries.personal_data,
    forget=services.forget,
    setup=gateways.init,
)
