"""What check-in plugs into the application."""

from __future__ import annotations

from matchmaker.checkin import access, lists, queries, views
from matchmaker.checkin.services import settling, setup
from matchmaker.checkin.views import organiser, ticket
from matchmaker.core.feature import Feature, Part, Tab

# What this feature writes into the activity log, in words.
ACTIVITIES = {
    "checkin.list_saved": "设置签到名单",
    "checkin.list_dropped": "删除签到名单",
    "checkin.gate_saved": "设置入口",
    "checkin.code_made": "发出签到口令",
    "checkin.code_revoked": "作废签到口令",
    "checkin.entered": "签到入场",
    "checkin.undone": "撤销签到记录",
    "checkin.settled": "处理签到冲突",
    "checkin.ticket_renewed": "更换入场码",
}

FEATURE = Feature(
    name="checkin",
    title="签到",
    activities=ACTIVITIES,
    blueprints=(views.bp,),
    lists=(lists.SCANS,),
    tabs=(Tab("event", "签到", "checkin.of_event", "event_id", access.may_run, order=40),),
    parts=(
        Part("registration", "checkin/_tickets.html", ticket.of_registration, order=10),
        Part("event_steps", "", organiser.step, order=30),
    ),
    copies={"events": setup.copy},
    personal_data=queries.personal_data,
    forget=settling.forget,
)
