"""What rosters plug into the application."""

from __future__ import annotations

from matchmaker.accounts.rules import Permission
from matchmaker.core.feature import DeskSource, Feature, Importer, Job, Link, Panel
from matchmaker.rosters import desk, jobs, lists, views
from matchmaker.rosters.importers import people as importers
from matchmaker.rosters.importers import works as imports_works
from matchmaker.rosters.services import personal

# What this feature writes into the activity log, in words.
ACTIVITIES = {
    "rosters.appointed": "聘任",
    "rosters.renewed": "续聘",
    "rosters.ended": "结束聘任",
    "rosters.resignation_noted": "登记知悉辞任",
    "rosters.serving": "聘期开始",
    "rosters.expired": "聘期结束",
    "rosters.work_added": "登记论文与成果",
    "rosters.work_dropped": "删除论文与成果",
    "rosters.deal_added": "登记投资案例",
    "rosters.deal_dropped": "删除投资案例",
    "rosters.reviewed": "年度考核",
    "rosters.linked": "关联人员与账号",
    "rosters.profile_edited": "修改服务资料",
    "rosters.service_recorded": "登记服务记录",
    "rosters.service_confirmed": "确认服务记录",
    "rosters.service_corrected": "更正服务记录",
}

FEATURE = Feature(
    name="rosters",
    title="导师与科技特派员",
    activities=ACTIVITIES,
    blueprints=(views.bp,),
    jobs=(Job("rosters.turn", "按聘期更新聘任状态", jobs.turn_states, daily_at="00:20"),),
    links=(
        Link("我的服务资料", "rosters.own", Permission.ROSTERS_OWN, icon="circle-user", group="我的", order=40),
        Link("考核与到期", "rosters.todo", Permission.ROSTERS_READ, icon="calendar-clock", group="主体库", order=37),
        Link("聘任名册", "rosters.index", Permission.ROSTERS_READ, icon="user-check", group="主体库", order=32),
    ),
    panels=(Panel("person", "聘任", "rosters.of_person", order=20),),
    lists=(lists.APPOINTMENTS, lists.REVIEWS),
    desk=(
        DeskSource("rosters.ending", frozenset({"handler"}), desk.ending_soon, section="running", order=40),
        DeskSource("rosters.resigned", frozenset({"handler"}), desk.resignations, order=23),
    ),
    personal_data=personal.held,
    forget=personal.forget,
    importers=(
        Importer("mentors", "创业导师", Permission.ROSTERS_MANAGE, importers.MENTOR_FIELDS, importers.load_mentors),
        Importer(
            "roster_researchers",
            "研究人员名册",
            Permission.ROSTERS_MANAGE,
            importers.COMMON,
            importers.load_researchers,
        ),
        Importer("experts", "评审专家", Permission.ROSTERS_MANAGE, importers.COMMON, importers.load_experts),
        Importer("investors", "投资人", Permission.ROSTERS_MANAGE, importers.INVESTOR_FIELDS, importers.load_investors),
        Importer("works", "论文与成果", Permission.ROSTERS_MANAGE, imports_works.FIELDS, imports_works.load),
        Importer("envoys", "科技特派员", Permission.ROSTERS_MANAGE, importers.ENVOY_FIELDS, importers.load_envoys),
    ),
)
