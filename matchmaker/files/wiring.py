"""What files plugs into the application."""

from __future__ import annotations

from matchmaker.core.feature import Feature, Job
from matchmaker.files import jobs, queries, services, views

# What this feature writes into the activity log, in words.
ACTIVITIES = {
    "files.detached": "删除附件",
}

FEATURE = Feature(
    name="files",
    title="附件",
    activities=ACTIVITIES,
    blueprints=(views.bp,),
    jobs=(Job("files.clear_orphans", "清理没有记录引用的文件内容", jobs.clear_orphans, daily_at="03:40"),),
    personal_data=queries.personal_data,
    forget=services.forget,
)
