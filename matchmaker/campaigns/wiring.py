"""What campaigns plug into the application."""

from __future__ import annotations

from datetime import timedelta

from matchmaker.accounts.rules import Role
from matchmaker.campaigns import access, desk, jobs, lists, queries, views
from matchmaker.campaigns.services import writing
from matchmaker.core.feature import DeskSource, Feature, Job, Part, Tab

# What this feature writes into the activity log, in words.
ACTIVITIES = {
    "campaigns.drafted": "起草消息",
    "campaigns.edited": "修改消息",
    "campaigns.planned": "排定消息",
    "campaigns.unplanned": "撤回排定的消息",
    "campaigns.sent": "消息发送完成",
    "campaigns.missed": "消息错过未发",
    "campaigns.cancelled": "取消消息",
}

EVERYBODY = frozenset(role.value for role in Role)

FEATURE = Feature(
    name="campaigns",
    title="活动消息",
    activities=ACTIVITIES,
    blueprints=(views.bp,),
    jobs=(Job("campaigns.send", "发送到点的活动消息", jobs.send, every=timedelta(minutes=1)),),
    lists=(lists.CAMPAIGNS, lists.LOG),
    tabs=(Tab("event", "消息", "campaigns.index", "event_id", access.may_write, order=40),),
    parts=(
        Part("registration", "campaigns/_messages.html", desk.messages_of, order=60),
        Part("registration_manage", "campaigns/_messages.html", desk.messages_of, order=60),
    ),
    desk=(DeskSource("campaigns.missed", EVERYBODY, desk.missed, order=12),),
    copies={"events": writing.copy},
    personal_data=queries.personal_data,
)
