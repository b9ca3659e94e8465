"""What incubation plugs into the application."""

from __future__ import annotations

from matchmaker.accounts.rules import Permission
from matchmaker.core.feature import DeskSource, Feature, Importer, Job, Link, Panel, SearchSource
from matchmaker.incubation import desk, importers, jobs, lists, queries, views
from matchmaker.incubation.services import carriers

MANAGERS = frozenset({"incubator_manager"})
FIRMS = frozenset({"member", "individual"})
BUREAU = frozenset({"handler", "approver"})
KEEPS = Permission.TENANCY_MANAGE
OVERSEES = Permission.TENANCY_OVERSEE

# What this feature writes into the activity log, in words.
ACTIVITIES = {
    "incubation.applied": "提交申请",
    "incubation.revised": "补正申请",
    "incubation.reviewing": "受理，进入评审",
    "incubation.undone": "撤销受理",
    "incubation.refused": "不予入驻",
    "incubation.cancelled": "撤回申请",
    "incubation.admitted": "办理入驻",
    "incubation.incubating": "开始在孵",
    "incubation.extended": "续期",
    "incubation.graduated": "毕业",
    "incubation.accelerating": "转入加速",
    "incubation.in_park": "转入产业园",
    "incubation.left": "退出",
    "incubation.removed": "清退",
    "incubation.recorded": "记录入驻",
    "incubation.corrected": "更正记录",
    "incubation.carrier_opened": "登记载体",
    "incubation.carrier_edited": "修改载体资料",
    "incubation.carrier_moved": "变更载体状态",
    "incubation.paper_added": "登记证明文件",
    "incubation.paper_dropped": "删除证明文件",
}

FEATURE = Feature(
    name="incubation",
    title="孵化载体",
    activities=ACTIVITIES,
    blueprints=(views.bp,),
    jobs=(Job("incubation.remind_due", "提醒 90 天内到期或超期的在孵企业", jobs.remind_due, daily_at="08:30"),),
    links=(
        Link("孵化载体", "incubation.index", "public", icon="building-2", group="公开服务", order=40),
        Link("我的入驻", "incubation.own", Permission.TENANCY_OWN, icon="door-open", group="我的", order=35),
        Link("入驻看板", "incubation.board", KEEPS, icon="square-kanban", group="孵化", order=10),
        Link("到期提醒", "incubation.due", KEEPS, icon="hourglass", group="孵化", order=11),
        Link("入驻名录", "incubation.manage_tenants", KEEPS, icon="list-checks", group="孵化", order=12),
        Link("载体登记", "incubation.manage_carriers", KEEPS, icon="landmark", group="孵化", order=13),
        Link("入驻看板", "incubation.board", OVERSEES, icon="square-kanban", group="孵化", order=40),
        Link("到期提醒", "incubation.due", OVERSEES, icon="hourglass", group="孵化", order=41),
        Link("入驻名录", "incubation.manage_tenants", OVERSEES, icon="list-checks", group="孵化", order=42),
        Link("载体登记", "incubation.manage_carriers", OVERSEES, icon="landmark", group="孵化", order=43),
    ),
    panels=(Panel("organisation", "入驻记录", "incubation.of_organisation", order=30),),
    lists=(lists.CARRIERS, lists.TENANTS, lists.DUE),
    desk=(
        DeskSource("incubation.waiting", MANAGERS, desk.waiting_for_manager, order=10),
        DeskSource("incubation.late", BUREAU, desk.late_in_region, order=40),
        DeskSource("incubation.own", FIRMS, desk.own_stays, section="mine", order=32),
    ),
    search=(
        SearchSource("孵化载体", desk.find_carriers, order=30),
        SearchSource("入驻记录", desk.find_tenants, order=31),
    ),
    importers=(
        Importer(
            "tenants",
            "在孵企业",
            Permission.CARRIERS_MANAGE,
            importers.FIELDS,
            importers.load,
            hint="过去的入驻记录也可以导入：当年已超过年限的，标为历史补录后照实记入",
        ),
    ),
    merges=(carriers.keep_apart,),
    file_access={"tenancies": queries.may_read_files},
)
