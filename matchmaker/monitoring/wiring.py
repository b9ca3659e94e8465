"""What monitoring plugs into the application."""

from __future__ import annotations

from matchmaker.accounts.rules import Permission
from matchmaker.core.feature import DeskSource, Feature, Job, Link
from matchmaker.monitoring import desk, jobs, lists, views

READ = Permission.TARGETS_READ

# What this feature writes into the activity log, in words.
ACTIVITIES = {
    "monitoring.target_changed": "修改规划目标",
    "monitoring.baseline_changed": "修改基准年",
    "monitoring.snapshot_taken": "采集指标快照",
    "monitoring.snapshot_collected_again": "重新采集快照",
    "monitoring.snapshot_locked": "锁定快照",
    "monitoring.snapshot_published": "发布快照",
    "monitoring.snapshot_corrected": "更正快照",
    "monitoring.year_closed": "关闭年度",
}

FEATURE = Feature(
    name="monitoring",
    title="指标监测",
    activities=ACTIVITIES,
    blueprints=(views.bp,),
    jobs=(Job("monitoring.snapshot", "保存上月末的指标快照", jobs.take_monthly, daily_at="02:10"),),
    links=(
        Link("指标看板", "monitoring.index", READ, icon="target", group="指标", order=40),
        Link("指标快照", "monitoring.snapshots", READ, icon="history", group="指标", order=42),
        Link("计划措施", "monitoring.measures", READ, icon="list-checks", group="指标", order=43),
        Link("年度关闭", "monitoring.years", READ, icon="lock", group="指标", order=44),
    ),
    lists=(lists.SNAPSHOTS,),
    desk=(
        DeskSource("monitoring.late", frozenset({"leader", "handler"}), desk.late, order=60),
        DeskSource("monitoring.snapshots", frozenset({"approver"}), desk.to_check, order=50),
        DeskSource("monitoring.years", frozenset({"approver"}), desk.years_to_close, order=51),
    ),
)
