"""What alliances plug into the application."""

from __future__ import annotations

from matchmaker.accounts.rules import Permission
from matchmaker.alliances import desk, lists, queries, views
from matchmaker.alliances.services import members
from matchmaker.core.feature import DeskSource, Feature, Link, Panel, SearchSource

# What this feature writes into the activity log, in words.
ACTIVITIES = {
    "alliances.founded": "发起联盟",
    "alliances.edited": "修改协议",
    "alliances.forming": "退回筹建",
    "alliances.signing": "发起签署",
    "alliances.filing": "提交备案",
    "alliances.running": "备案运行",
    "alliances.reporting": "年度报告",
    "alliances.rectifying": "要求整改",
    "alliances.dissolved": "解散联盟",
    "alliances.member_added": "增加成员",
    "alliances.signed": "签署协议",
    "alliances.member_left": "成员退出",
    "alliances.lead_changed": "移交牵头",
    "alliances.project_opened": "登记联合项目",
    "alliances.project_edited": "修改联合项目",
    "alliances.project_running": "项目立项",
    "alliances.project_closed": "项目结题",
    "alliances.project_stopped": "项目终止",
}

FEATURE = Feature(
    name="alliances",
    title="产学研联盟",
    activities=ACTIVITIES,
    blueprints=(views.bp,),
    links=(
        Link("产学研联盟", "alliances.index", "public", icon="network", group="公开服务", order=50),
        Link("我的联盟", "alliances.own", Permission.ALLIANCES_OWN, icon="handshake", group="我的", order=36),
        Link("联盟备案", "alliances.manage", Permission.ALLIANCES_MANAGE, icon="network", group="组织", order=45),
    ),
    panels=(Panel("organisation", "参加的联盟", "alliances.of_organisation", order=40),),
    lists=(lists.ALLIANCES,),
    desk=(
        DeskSource("alliances.signing", frozenset({"member"}), desk.waiting_for_member, order=20),
        DeskSource("alliances.filing", frozenset({"handler"}), desk.waiting_for_handler, order=30),
    ),
    search=(SearchSource("产学研联盟", desk.find, order=32),),
    merges=(members.keep_apart,),
    file_access={"alliances": queries.may_read_files},
)
