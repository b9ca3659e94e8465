"""What publicity plugs into the application."""

from __future__ import annotations

from datetime import timedelta

from matchmaker.accounts.rules import Permission
from matchmaker.core.feature import DeskSource, Feature, Job, Link, SearchSource
from matchmaker.publicity import access, api, desk, jobs, lists, queries, views
from matchmaker.publicity.models import Objection
from matchmaker.publicity.services import objections

CASES = frozenset({"handler", "approver"})
PREPARES = frozenset({"handler", "organiser"})
PUBLIC = frozenset({"individual", "member", "mentor", "envoy", "researcher", "investor", "incubator_manager"})

# What this feature writes into the activity log, in words.
ACTIVITIES = {
    "publicity.year_announced": "公布年度放假安排",
    "publicity.issued": "制发证书",
    "publicity.revoked": "撤销证书",
    "publicity.proposed": "提请双人审批",
    "publicity.confirmed": "双人审批通过",
    "publicity.returned": "双人审批退回",
    "publicity.lapsed": "双人审批失效",
    "publicity.lapsed_paper": "证书失效",
    "publicity.drafted": "建立公示草稿",
    "publicity.edited": "修改公示",
    "publicity.published": "发布公示",
    "publicity.withdrawn": "撤回公示",
    "publicity.effective": "公示生效",
    "publicity.objected": "收到异议",
    "publicity.objection_accepted": "受理异议",
    "publicity.objection_decided": "异议办结",
    "publicity.objection_withdrawn": "异议人撤回",
}

FEATURE = Feature(
    name="publicity",
    title="公示",
    activities=ACTIVITIES,
    blueprints=(views.bp, api.bp),
    jobs=(Job("publicity.tell_ended", "公示期满提醒经办人", jobs.tell_ended, every=timedelta(hours=1)),),
    links=(
        Link("公示", "publicity.index", "public", icon="megaphone", group="公开服务", order=30),
        Link("证书查验", "publicity.check", "public", icon="badge-check", group="公开服务", order=60),
        Link("公示管理", "publicity.manage_index", Permission.NOTICES_MANAGE, icon="megaphone", group="组织", order=40),
        Link(
            "异议办理", "publicity.objection_index", Permission.OBJECTIONS_HANDLE, icon="scale", group="组织", order=41
        ),
        Link(
            "双人复核",
            "publicity.decision_index",
            Permission.NOTICES_DECIDE,
            icon="check-check",
            group="组织",
            order=42,
        ),
        Link(
            "证书管理", "publicity.certificate_index", Permission.NOTICES_MANAGE, icon="award", group="组织", order=43
        ),
        Link("工作日表", "publicity.workdays", Permission.CALENDAR_EDIT, icon="calendar-clock", group="系统", order=80),
    ),
    lists=(lists.PUBLIC_NOTICES, lists.NOTICES, lists.OBJECTIONS, lists.DECISIONS, lists.CERTIFICATES),
    desk=(
        DeskSource("publicity.decisions", frozenset({"approver"}), desk.decisions, order=5),
        DeskSource("publicity.objections", CASES, desk.objections, order=6),
        DeskSource("publicity.ended", PREPARES, desk.ended, order=15),
        DeskSource("publicity.running", PUBLIC, desk.running, section="new", order=45),
    ),
    search=(SearchSource("公示", desk.find, order=30),),
    personal_data=queries.personal_data,
    forget=objections.forget,
    file_access={Objection.__tablename__: access.may_see_evidence},
)
