"""What the privacy ledger plugs into the application."""

from __future__ import annotations

from matchmaker.core.feature import DeskSource, Feature, Job, Tab
from matchmaker.events import access
from matchmaker.retention import desk, jobs, views
from matchmaker.retention.services import terms

# What this feature writes into the activity log, in words.
ACTIVITIES = {
    "retention.term_set": "修改个人信息保存时间",
    "retention.deleted": "删除个人信息",
}

FEATURE = Feature(
    name="retention",
    title="个人信息台账",
    activities=ACTIVITIES,
    blueprints=(views.bp,),
    jobs=(Job("retention.purge", "删除活动中到期的个人信息", jobs.purge, daily_at="03:40"),),
    tabs=(Tab("event", "个人信息", "retention.index", "event_id", access.may_manage, order=95),),
    desk=(DeskSource("retention.overdue", frozenset({"organiser"}), desk.overdue, order=60),),
    copies={"events": terms.copy},
)
