"""What matching plugs into the application."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from matchmaker.accounts.rules import HELPERS, Permission
from matchmaker.core.feature import DeskSource, Feature, Job, Link, Panel, SearchSource
from matchmaker.matching import api, desk, gateways, jobs, lists, queries, views
from matchmaker.matching.services import personal, stamps, suggesting

OWNERS = frozenset({"individual", "member"})
MEASURING = frozenset({"handler", "approver", "leader"})


def setup(app: Any) -> None:
    """An empty index holder, and the watch on what profiles are made of."""
    gateways.init(app)
    if app.config["SETTINGS"].match_warm:
        gateways.warm_when_serving(app, suggesting.warm)
    stamps.init()


# What this feature writes into the activity log, in words.
ACTIVITIES = {
    "matching.stated": "提出需求",
    "matching.edited": "修改需求",
    "matching.draft_deleted": "删除草稿",
    "matching.need_withdrawn": "撤回需求",
    "matching.need_closed": "办结需求",
    "matching.asked": "发出邀请",
    "matching.reminded": "重新发送邀请",
    "matching.accepted": "接受邀请",
    "matching.declined": "婉拒邀请",
    "matching.request_withdrawn": "撤回邀请",
    "matching.expired": "逾期未答复",
    "matching.closed": "办结对接",
    "matching.proposed": "另提时间或条件",
    "matching.terms_agreed": "同意调整",
    "matching.terms_refused": "不同意调整",
    "matching.passed": "转请同事",
    "matching.session_recorded": "登记服务",
    "matching.session_confirmed": "确认服务",
    "matching.session_corrected": "更正服务记录",
    "matching.session_rated": "评分",
    "matching.session_removed": "删除服务记录",
    "matching.outcome_corrected": "更正结果",
    "matching.offered": "毛遂自荐",
    "matching.offer_agreed": "接受自荐",
    "matching.offer_refused": "未采纳自荐",
    "matching.offer_withdrawn": "收回自荐",
    "matching.dismissed": "不再显示",
    "matching.dismissal_undone": "恢复显示",
    "matching.digest_chosen": "订阅或退订每周推荐",
    "matching.taken": "接手保密需求",
    "matching.released": "移交保密需求",
    "matching.looked": "查看保密需求的单位",
    "matching.referred": "转请经办人联系",
    "matching.referral_resolved": "经办人已处理转请",
    "matching.weights_learnt": "学习推荐权重",
    "matching.weights_used": "启用学到的权重",
    "matching.weights_restored": "恢复设定的权重",
}

FEATURE = Feature(
    name="matching",
    title="智能匹配",
    activities=ACTIVITIES,
    blueprints=(views.bp, api.bp),
    jobs=(
        Job("matching.expire", "让逾期未答复的邀请失效并告知企业", jobs.expire, every=timedelta(minutes=10)),
        Job("matching.nearness", "更新数据库中的近邻索引", jobs.nearness, every=timedelta(minutes=15)),
        Job("matching.encode", "为新的文字生成语义向量", jobs.encode, every=timedelta(minutes=5)),
        Job("matching.digest", "每周给服务者发送推荐需求", jobs.write_digests, daily_at="08:30"),
    ),
    links=(
        Link("我的需求", "matching.own", Permission.NEEDS_OWN, icon="lightbulb", group="我的", order=10),
        Link("收到的邀请", "matching.inbox", Permission.REQUESTS_ANSWER, icon="inbox", group="我的", order=6),
        Link("找需求", "matching.browse", Permission.REQUESTS_ANSWER, icon="search", group="我的", order=7),
        Link("需求管理", "matching.manage", Permission.NEEDS_HANDLE, icon="handshake", group="组织", order=24),
        Link("待联系的服务者", "matching.referrals", Permission.NEEDS_HANDLE, icon="phone", group="组织", order=25),
        Link("对接成效", "matching.evaluation", Permission.NEEDS_MEASURE, icon="chart-column", group="组织", order=26),
    ),
    panels=(Panel("organisation", "需求", "matching.of_organisation", order=30),),
    lists=(lists.NEEDS, lists.REFERRALS, lists.MEASURED_NEEDS, lists.MEASURED_REQUESTS),
    desk=(
        DeskSource("matching.requests", frozenset(r.value for r in HELPERS), desk.waiting_for_helper, order=5),
        DeskSource("matching.answers", OWNERS, desk.answers_for_owner, order=8),
        DeskSource("matching.measures", MEASURING, desk.this_year, section="running", order=70),
        DeskSource("matching.referrals", frozenset({"handler"}), desk.waiting_for_handler, order=12),
    ),
    search=(SearchSource("需求", desk.find, order=30),),
    hidden_activities=queries.hidden_activities,
    hidden_messages=queries.hidden_messages,
    help_given=queries.help_given,
    personal_data=personal.held,
    forget=personal.forget,
    setup=setup,
)
