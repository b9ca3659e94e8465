"""What mentoring plugs into the application."""

from __future__ import annotations

from datetime import timedelta

from matchmaker.accounts.rules import Permission
from matchmaker.core.feature import DeskSource, Feature, Job, Link
from matchmaker.mentoring import desk, jobs, lists, queries, views
from matchmaker.mentoring.services import personal

CLIENTS = frozenset({"individual", "member"})
BOTH = CLIENTS | {"mentor"}

# What this feature writes into the activity log, in words.
ACTIVITIES = {
    "mentoring.window_added": "增加可预约时间",
    "mentoring.window_dropped": "删除可预约时间",
    "mentoring.day_off": "设置不可预约日期",
    "mentoring.serves": "登记载体导师",
    "mentoring.stops": "导师结束服务载体",
    "mentoring.booked": "预约辅导",
    "mentoring.confirmed": "确认辅导时间",
    "mentoring.reported": "一方登记辅导完成",
    "mentoring.done": "双方确认辅导完成",
    "mentoring.rated": "评价辅导",
    "mentoring.cancelled": "取消辅导",
    "mentoring.no_show": "登记爽约",
}

FEATURE = Feature(
    name="mentoring",
    title="导师辅导",
    activities=ACTIVITIES,
    blueprints=(views.bp,),
    jobs=(
        Job("mentoring.remind", "提醒辅导双方", jobs.remind, every=timedelta(hours=1)),
        Job("mentoring.missing", "提醒导师补足辅导次数", jobs.remind_missing, daily_at="08:40"),
    ),
    links=(
        Link("预约导师", "mentoring.index", Permission.NEEDS_OWN, icon="calendar-clock", group="我的", order=44),
        Link("我的辅导", "mentoring.own", None, icon="calendar-check", group="我的", order=45),
        Link("可预约时间", "mentoring.times", Permission.ROSTERS_OWN, icon="clock", group="我的", order=42),
        Link("辅导记录", "mentoring.sessions", Permission.ROSTERS_READ, icon="list-checks", group="主体库", order=33),
        Link("导师配比与进度", "mentoring.overview", Permission.ROSTERS_READ, icon="percent", group="主体库", order=34),
        Link("载体导师", "mentoring.overview", Permission.TENANCY_MANAGE, icon="users", group="我的", order=47),
    ),
    lists=(lists.SESSIONS,),
    desk=(
        DeskSource("mentoring.waiting", BOTH, desk.waiting, order=18),
        DeskSource("mentoring.rate", CLIENTS, desk.to_rate, order=38),
        DeskSource("mentoring.coming", BOTH, desk.coming, section="running", order=20),
    ),
    agenda=queries.agenda,
    personal_data=queries.personal_data,
    forget=personal.forget,
)
