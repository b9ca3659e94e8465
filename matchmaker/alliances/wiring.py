"""What alliances plug into the application."""

from __future__ import annotations

from matchmaker.accounts.rules import Permission
from matchmaker.alliances import desk, lists, queries, views
from matchmaker.alliances.services import members
from matchmaker.core.feature import DeskSource, Feature, Link, Panel, SearchSource

FEATURE = Feature(
    name="alliances",
    title="产学研联盟",
    blueprints=(views.bp,),
    links=(
        Link("产学研联盟", "alliances.index", "public", icon="network", group="参与", order=40),
        Link("我的联盟", "alliances.own", Permission.ALLIANCES_OWN, icon="handshake", group="参与", order=41),
        Link("联盟备案", "alliances.manage", Permission.ALLIANCES_MANAGE, icon="network", group="监管", order=45),
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
