"""What questionnaires plug into the application."""

from __future__ import annotations

from flask import Flask

from matchmaker.core.feature import Feature, Job
from matchmaker.questionnaires import jobs, queries, services
from matchmaker.questionnaires.views import building

# What this feature writes into the activity log, in words.
ACTIVITIES = {
    "questionnaires.created": "新建表单",
    "questionnaires.published": "启用表单新版本",
    "questionnaires.erased": "按规定删除表单回答",
}


def _setup(app: Flask) -> None:
    app.jinja_env.globals["answers_of"] = queries.shown  # what the macro answers_shown(sheet) shows


FEATURE = Feature(
    name="questionnaires",
    title="表单与问卷",
    activities=ACTIVITIES,
    blueprints=(building.bp,),
    jobs=(Job("questionnaires.clear_staged", "清理没有随表单提交的文件", jobs.clear_staged, daily_at="03:25"),),
    file_access={
        "answer_sheets": queries.may_read_file,
        "questionnaires": queries.may_read_staff_file,
        "staged_uploads": lambda _viewer, _id: False,
    },
    personal_data=queries.personal_data,
    forget=services.forget,
    setup=_setup,
)
