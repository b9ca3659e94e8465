"""What candidacies plug into the application."""

from __future__ import annotations

from matchmaker.accounts.rules import Permission
from matchmaker.candidacies import desk, lists, queries, views
from matchmaker.candidacies.models import Agreement, Candidacy
from matchmaker.candidacies.services import personal
from matchmaker.core.feature import DeskSource, Feature, Link

HANDLERS = frozenset({"handler"})
PEOPLE = frozenset({"individual", "member", "mentor", "envoy", "researcher", "investor", "incubator_manager"})
UNITS = frozenset({"member", "incubator_manager"})
SIGNERS = PEOPLE | HANDLERS

# What this feature writes into the activity log, in words.
ACTIVITIES = {
    "candidacies.applied": "提交聘任申报",
    "candidacies.corrected": "修改聘任申报",
    "candidacies.withdrawn": "撤回聘任申报",
    "candidacies.recommended": "推荐人选",
    "candidacies.step": "办理聘任申报",
    "candidacies.chose": "双向选择",
    "candidacies.parted": "取消双向选择",
    "candidacies.matched": "完成双向选择",
    "candidacies.appointed": "双人复核后聘任",
    "candidacies.renewal_proposed": "提请续聘",
    "candidacies.ending_proposed": "提请结束聘任",
    "candidacies.term_returned": "退回聘期提请",
    "candidacies.agreement_drawn": "建立三方协议",
    "candidacies.agreement_scanned": "上传三方协议扫描件",
    "candidacies.agreement_signed": "签署三方协议",
    "candidacies.agreement_dropped": "删除未签协议",
    "candidacies.agreement_ended": "终止三方协议",
}

FEATURE = Feature(
    name="candidacies",
    title="聘任申报",
    activities=ACTIVITIES,
    blueprints=(views.bp,),
    links=(
        Link("我的聘任", "candidacies.own", None, icon="award", group="我的", order=39),
        Link("聘任申报", "candidacies.index", Permission.ROSTERS_READ, icon="user-plus", group="主体库", order=31),
        Link(
            "选择特派员", "candidacies.seeking", Permission.ORGANISATION_OWN, icon="handshake", group="我的", order=46
        ),
    ),
    lists=(lists.CANDIDACIES,),
    desk=(
        DeskSource("candidacies.review", HANDLERS, desk.to_review, order=22),
        DeskSource("candidacies.units", UNITS, desk.for_units, order=24),
        DeskSource("candidacies.sign", SIGNERS, desk.to_sign, order=25),
        DeskSource("candidacies.mine", PEOPLE, desk.mine, order=21),
    ),
    file_access={Candidacy.__tablename__: queries.may_read, Agreement.__tablename__: queries.may_read_agreement},
    personal_data=personal.held,
    forget=personal.forget,
)
