"""What webhooks plug into the application."""

from __future__ import annotations

from datetime import timedelta

from matchmaker.accounts.rules import Permission
from matchmaker.core.feature import Feature, Job, Link
from matchmaker.webhooks import cli, jobs, lists, queries, views
from matchmaker.webhooks.services import queueing

# What this feature writes into the activity log, in words.
ACTIVITIES: dict[str, str] = {
    "webhooks.ping": "测试推送",
    "webhooks.created": "设置推送",
    "webhooks.edited": "修改推送",
    "webhooks.rotated": "更换推送密钥",
    "webhooks.paused": "暂停推送",
    "webhooks.resumed": "启用推送",
    "webhooks.disabled": "推送因连续失败停用",
    "webhooks.deleted": "删除推送",
}

FEATURE = Feature(
    name="webhooks",
    title="推送",
    activities=ACTIVITIES,
    blueprints=(views.bp,),
    jobs=(
        Job("webhooks.deliver", "发送待发推送", jobs.deliver, every=timedelta(seconds=15)),
        Job("webhooks.sweep", "清理旧的推送记录", jobs.sweep, daily_at="03:40"),
    ),
    commands=(cli.webhooks,),
    lists=(lists.WEBHOOKS, lists.DELIVERIES),
    links=(
        Link("数据推送", "webhooks.index", Permission.EVENTS_MANAGE, icon="share-2", group="组织", order=90),
        Link("数据推送", "webhooks.index", Permission.ACCOUNTS_MANAGE, icon="share-2", group="系统", order=96),
    ),
    personal_data=queries.personal_data,
    after_record=queueing.after_record,
)
