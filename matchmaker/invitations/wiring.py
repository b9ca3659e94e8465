"""What invitations plug into the application."""

from __future__ import annotations

from typing import Any

from matchmaker.accounts.rules import Permission
from matchmaker.core.feature import Feature, Importer, Part, Tab
from matchmaker.events.access import has_duty
from matchmaker.events.rules import EventDuty
from matchmaker.invitations import importers, lists, queries, views
from matchmaker.invitations.services import inviting
from matchmaker.invitations.views import organiser

# What this feature writes into the activity log, in words.
ACTIVITIES = {
    "invitations.added": "添加邀请",
    "invitations.edited": "修改邀请",
    "invitations.imported": "导入嘉宾名单",
    "invitations.registered": "由名单直接登记报名",
    "invitations.sent": "群发邀请消息",
    "invitations.sent_one": "发送邀请消息",
    "invitations.withdrawn": "取消邀请",
    "invitations.restored": "恢复邀请",
    "invitations.link_replaced": "更换邀请链接",
    "invitations.accepted": "接受邀请",
    "invitations.declined": "婉拒邀请",
    "invitations.delegated": "转交邀请",
}


def _takes_care(viewer: Any, event: Any) -> bool:
    return has_duty(viewer, event, EventDuty.REGISTRATIONS)


FEATURE = Feature(
    name="invitations",
    title="嘉宾邀请",
    activities=ACTIVITIES,
    blueprints=(views.bp,),
    lists=(lists.INVITATIONS,),
    tabs=(Tab("event", "嘉宾邀请", "invitations.index", "event_id", _takes_care, order=20),),
    parts=(Part("event_steps", "", organiser.step, order=20),),
    importers=(
        Importer(
            "invitations",
            "嘉宾名单（发邀请）",
            Permission.EVENTS_MANAGE,
            importers.FIELDS,
            importers.load_invitations,
            options=importers.OPTIONS,
            hint="每行一位嘉宾，手机号或邮箱有一项即可；导入后再选择发送",
        ),
        Importer(
            "event-registrations",
            "嘉宾名单（直接登记报名）",
            Permission.EVENTS_MANAGE,
            importers.FIELDS,
            importers.load_registrations,
            options=importers.OPTIONS,
            hint="每行一位嘉宾，直接成为已通过的报名，占用名额，不另发通知",
        ),
    ),
    personal_data=queries.personal_data,
    forget=inviting.forget,
)
