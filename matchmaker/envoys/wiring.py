"""What envoys' service plugs into the application."""

from __future__ import annotations

from matchmaker.accounts.rules import Permission
from matchmaker.core.feature import DeskSource, Feature, Job, Link
from matchmaker.envoys import desk, jobs, lists, queries, views
from matchmaker.envoys.models import EnvoyVisit
from matchmaker.envoys.services import personal

# What this feature writes into the activity log, in words.
ACTIVITIES = {
    "envoys.visited": "登记特派员服务",
    "envoys.link_sent": "发送确认链接",
    "envoys.confirmed": "企业确认服务",
    "envoys.disputed": "企业不认可服务",
    "envoys.retracted": "撤回服务记录",
    "envoys.declared": "登记亲属关系",
    "envoys.result_added": "登记服务成效",
    "envoys.result_checked": "核实服务成效",
}

FEATURE = Feature(
    name="envoys",
    title="特派员服务",
    activities=ACTIVITIES,
    blueprints=(views.bp,),
    jobs=(Job("envoys.missing", "提醒特派员补足服务次数", jobs.remind_missing, daily_at="08:30"),),
    links=(
        Link("特派员服务", "envoys.own", Permission.ROSTERS_OWN, icon="handshake", group="我的", order=43),
        Link("特派员到访", "envoys.own", Permission.ORGANISATION_OWN, icon="handshake", group="我的", order=47),
        Link("服务记录", "envoys.index", Permission.ROSTERS_READ, icon="notebook-pen", group="主体库", order=35),
        Link("特派员进度", "envoys.overview", Permission.ROSTERS_READ, icon="list-checks", group="主体库", order=36),
    ),
    lists=(lists.VISITS,),
    desk=(
        DeskSource("envoys.confirm", frozenset({"member"}), desk.to_confirm, order=19),
        DeskSource("envoys.results", frozenset({"handler"}), desk.to_check, order=35),
    ),
    file_access={EnvoyVisit.__tablename__: queries.may_see_photo},
    agenda=queries.agenda,
    personal_data=queries.personal_data,
    forget=personal.forget,
)
