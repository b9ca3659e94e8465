"""What rosters plug into the application."""

from __future__ import annotations

from matchmaker.accounts.rules import Permission
from matchmaker.core.feature import DeskSource, Feature, Importer, Job, Link, Panel
from matchmaker.rosters import desk, importers, jobs, lists, views
from matchmaker.rosters.services import personal

# What this feature writes into the activity log, in words.
ACTIVITIES = {
    "rosters.appointed": "聘任",
    "rosters.renewed": "续聘",
    "rosters.ended": "结束聘任",
    "rosters.serving": "聘期开始",
    "rosters.expired": "聘期结束",
    "rosters.reviewed": "年度考核",
    "rosters.linked": "关联人员与账号",
    "rosters.profile_edited": "修改服务资料",
    "rosters.service_recorded": "登记服务记录",
    "rosters.service_confirmed": "确认服务记录",
}

FEATURE = Feature(
    name="rosters",
    title="导师与科技特派员",
    activities=ACTIVITIES,
    blueprints=(views.bp,),
    jobs=(Job("rosters.turn", "按聘期更新聘任状态", jobs.turn_states, daily_at="00:20"),),
    links=(
        Link("我的服务资料", "rosters.own", Permission.ROSTERS_OWN, icon="circle-user", group="我的", order=40),
        Link("聘任名册", "rosters.index", Permission.ROSTERS_READ, icon="user-check", group="主体库", order=32),
    ),
    panels=(Panel("person", "聘任", "rosters.of_person", order=20),),
    lists=(lists.APPOINTMENTS,),
    desk=(DeskSource("rosters.ending", frozenset({"handler"}), desk.ending_soon, section="running", order=40),),
    personal_data=personal.held,
    forget=personal.forget,
    importers=(
        Importer("mentors", "创业导师", Permission.ROSTERS_MANAGE, importers.MENTOR_FIELDS, importers.load_mentors),
        Importer("envoys", "科技特派员", Permission.ROSTERS_MANAGE, importers.ENVOY_FIELDS, importers.load_envoys),
    ),
)
