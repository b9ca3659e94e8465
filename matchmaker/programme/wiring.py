"""What the programme plugs into the application."""

from __future__ import annotations

from matchmaker.core.feature import Feature, Part, Tab
from matchmaker.programme import access, lists, queries, views
from matchmaker.programme.services import copies, people
from matchmaker.programme.views import calendars, parts

# What this feature writes into the activity log, in words.
ACTIVITIES = {
    "programme.added": "新增日程环节",
    "programme.changed": "修改日程环节",
    "programme.cancelled": "取消日程环节",
    "programme.deleted": "删除日程环节",
    "programme.room_kept": "保存场地",
    "programme.room_dropped": "删除场地",
    "programme.speaker_kept": "保存嘉宾",
    "programme.speaker_dropped": "删除嘉宾",
    "programme.signed_up": "选择场次",
    "programme.left": "退出场次",
    "programme.series_made": "新建系列活动",
    "programme.series_renamed": "修改系列名称",
    "programme.series_changed": "批量修改系列活动",
}

FEATURE = Feature(
    name="programme",
    title="日程",
    activities=ACTIVITIES,
    blueprints=(views.bp,),
    lists=(lists.SIGN_UPS,),
    tabs=(Tab("event", "日程", "programme.plan", "event_id", access.may_plan, order=20),),
    parts=(
        Part("event_public", "programme/_timetable.html", parts.timetable, order=10),
        Part("registration", "programme/_own.html", parts.own_sessions, order=20),
        Part("event_steps", "", parts.step, order=10),
        Part("event", "programme/_more.html", parts.copying, order=60),
    ),
    copies={"events": copies.copy},
    calendar_entries=calendars.session_entries,
    machine_data={"events": parts.machine_data},
    personal_data=queries.personal_data,
    forget=people.forget,
)
