"""What questionnaires plug into the application."""

from __future__ import annotations

from matchmaker.core.feature import Feature, Job
from matchmaker.questionnaires import jobs, queries, services

# What this feature writes into the activity log, in words.
ACTIVITIES = {
    "questionnaires.created": "新建表单",
    "questionnaires.published": "启用表单新版本",
    "questionnaires.erased": "按规定删除表单回答",
}

FEATURE = Feature(
    name="questionnaires",
    title="表单与问卷",
    activities=ACTIVITIES,
    jobs=(Job("questionnaires.clear_staged", "清理没有随表单提交的文件", jobs.clear_staged, daily_at="03:25"),),
    file_access={
        "answer_sheets": queries.may_read_file,
        "questionnaires": queries.may_read_staff_file,
        "staged_uploads": lambda _viewer, _id: False,
    },
    personal_data=queries.personal_data,
    forget=services.forget,
)
