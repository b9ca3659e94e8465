"""The lists of incubation: carriers, tenants, stays that end."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask import url_for

from matchmaker.accounts.rules import Permission
from matchmaker.core import clock, folding
from matchmaker.core.db import db
from matchmaker.core.lists import BulkAction, Column, Filter, ListSpec
from matchmaker.directory.models import Organisation
from matchmaker.incubation import queries
from matchmaker.incubation.models import Carrier, Tenancy
from matchmaker.incubation.rules import (
    NEAR_DAYS,
    BuildState,
    CarrierState,
    CarrierType,
    Stage,
    TenancyState,
    Urgency,
)
from matchmaker.incubation.services import applications, stays

REMIND = BulkAction(
    "remind",
    "提醒到期",
    Permission.TENANCY_MANAGE,
    "企业会收到到期提醒；尚未发出的提醒可以撤销",
    stays.check_remindable,
    stays.remind,
    stays.undo_remind,
)
ACCEPT = BulkAction(
    "accept",
    "受理",
    Permission.TENANCY_MANAGE,
    "申请进入评审，企业会收到通知",
    applications.check_acceptable,
    applications.accept,
    applications.undo_accept,
)


def choices(kind: Any, *, but: tuple[Any, ...] = ()) -> Any:
    """All members of an enumeration as (value, label)."""
    return lambda _viewer: [(member.value, member.label) for member in kind if member not in but]


def carrier_choices(viewer: Any) -> list[tuple[str, str]]:
    """The carriers this person keeps."""
    statement = queries.kept_by(viewer).with_only_columns(Carrier.id, Carrier.name).order_by(Carrier.name, Carrier.id)
    return [(str(key), name) for key, name in db.session.execute(statement)]


def _search(statement: sa.Select[Any], text: str) -> sa.Select[Any]:
    folded = folding.fold(text)
    firms = sa.select(Organisation.id).where(
        sa.or_(
            Organisation.folded_name.contains(folded, autoescape=True),
            Organisation.pinyin.startswith(folded, autoescape=True),
            Organisation.uscc == folding.fold_uscc(text),
        )
    )
    words = [Tenancy.team_name, Tenancy.project, Tenancy.contract]
    return statement.where(
        sa.or_(Tenancy.organisation_id.in_(firms), *(column.icontains(text, autoescape=True) for column in words))
    )


def _carrier_search(statement: sa.Select[Any], text: str) -> sa.Select[Any]:
    return statement.where(
        sa.or_(Carrier.name.icontains(text, autoescape=True), Carrier.address.icontains(text, autoescape=True))
    )


def _entry_year(statement: sa.Select[Any], text: str) -> sa.Select[Any]:
    if not (text.isascii() and text.isdigit() and len(text) == 4):
        return statement
    return statement.where(sa.extract("year", Tenancy.entered) == int(text))


def _of_carrier(statement: sa.Select[Any], text: str) -> sa.Select[Any]:
    return statement.where(Tenancy.carrier_id == int(text))


def _urgent(statement: sa.Select[Any], text: str) -> sa.Select[Any]:
    today = clock.today()
    near = today + timedelta(days=NEAR_DAYS)
    bounds = {
        Urgency.LATE: Tenancy.due < today,
        Urgency.NEAR: sa.and_(Tenancy.due >= today, Tenancy.due <= near),
        Urgency.SOON: Tenancy.due > near,
    }
    return statement.where(bounds[Urgency(text)])


def days_left(row: Tenancy) -> int | None:
    """Days until the stay ends; negative when it is over."""
    return (row.due - clock.today()).days if row.is_present and row.due else None


def _url(row: Tenancy) -> str:
    return url_for("incubation.tenancy", tenancy_id=row.id)


CARRIERS = ListSpec(
    name="carriers",
    title="孵化载体",
    permission=None,
    select=lambda viewer, _scope: queries.kept_by(viewer),
    key=Carrier.id,
    order=(Carrier.name,),
    columns=(
        Column("name", "载体", lambda c: c.name, sort=Carrier.name, hint=lambda c: c.operator.name),
        Column("kind", "类型", lambda c: c.kind, sort=Carrier.kind),
        Column("level", "级别", lambda c: c.level, "state", sort=Carrier.level),
        Column("state", "状态", lambda c: c.state, "state", sort=Carrier.state),
        Column("target", "计划指标", lambda c: c.target, sort=Carrier.target),
        Column("build_state", "建设情况", lambda c: c.build_state, "state"),
        Column("papers", "证明文件", lambda c: len(c.papers), "number"),
        Column("total_m2", "总面积（㎡）", lambda c: c.total_m2, "number", sort=Carrier.total_m2),
        Column("usable_m2", "可使用面积（㎡）", lambda c: c.usable_m2, "number", export_only=True),
        Column("tenant_m2", "在孵企业使用面积（㎡）", lambda c: c.tenant_m2, "number", export_only=True),
        Column("operator", "运营单位", lambda c: c.operator.name, export_only=True),
        Column("address", "地址", lambda c: c.address, export_only=True),
    ),
    filters=(
        Filter("q", "搜索", _carrier_search, "search"),
        Filter("kind", "类型", lambda s, v: s.where(Carrier.kind == v), choices=choices(CarrierType)),
        Filter("state", "状态", lambda s, v: s.where(Carrier.state == v), choices=choices(CarrierState)),
        Filter("build", "建设情况", lambda s, v: s.where(Carrier.build_state == v), choices=choices(BuildState)),
    ),
    url=lambda c: url_for("incubation.show", carrier_id=c.id),
    empty_title="还没有载体",
    empty_text="由科技局经办登记后会出现在这里",
)

FIRM = (
    Column("who", "企业或团队", lambda t: t.who, hint=lambda t: t.project),
    Column("carrier", "载体", lambda t: t.carrier.name, sort=Carrier.name),
)

TENANTS = ListSpec(
    name="tenants",
    title="入驻名录",
    permission=None,
    select=queries.tenants,
    key=Tenancy.id,
    order=(Tenancy.applied.desc(),),
    columns=(
        *FIRM,
        Column("state", "状态", lambda t: t.state, "state", sort=Tenancy.state),
        Column("stage", "阶段", lambda t: t.stage),
        Column("applied", "申请", lambda t: t.applied, "day", sort=Tenancy.applied),
        Column("entered", "入驻", lambda t: t.entered, "day", sort=Tenancy.entered),
        Column("due", "到期", lambda t: t.due, "day", sort=Tenancy.due),
        Column("left", "毕业或离开", lambda t: t.left, "day", sort=Tenancy.left),
        Column("uscc", "统一社会信用代码", lambda t: t.organisation.uscc if t.organisation else None, export_only=True),
        Column("project", "入驻项目", lambda t: t.project, export_only=True),
        Column("contract", "合同编号", lambda t: t.contract, export_only=True),
        Column("months", "孵化时限（月）", lambda t: t.stay_months_max, "number", export_only=True),
        Column("rule", "依据文件", lambda t: t.rule_doc_no, export_only=True),
        Column("proof", "毕业条件", lambda t: t.proof, export_only=True),
        Column("historic", "历史补录", lambda t: t.historic, export_only=True),
        Column("reason", "理由", lambda t: t.reason, export_only=True),
    ),
    filters=(
        Filter("q", "搜索", _search, "search"),
        Filter("state", "状态", lambda s, v: s.where(Tenancy.state == v), choices=choices(TenancyState)),
        Filter("carrier", "载体", _of_carrier, choices=carrier_choices),
        Filter("stage", "阶段", lambda s, v: s.where(Tenancy.stage == v), choices=choices(Stage)),
        Filter("year", "入驻年份", _entry_year, "year"),
    ),
    url=_url,
    bulk=(ACCEPT, REMIND),
    empty_title="还没有入驻记录",
    empty_text="企业提交入驻申请后会出现在这里；过去的记录可以导入",
)

DUE = ListSpec(
    name="due-stays",
    title="到期提醒",
    permission=None,
    select=queries.due_stays,
    key=Tenancy.id,
    order=(Tenancy.due,),
    columns=(
        *FIRM,
        Column("urgency", "紧急程度", lambda t: t.urgency_on(clock.today()), "state"),
        Column("due", "到期", lambda t: t.due, "day", sort=Tenancy.due),
        Column("days", "剩余天数", days_left, "number", sort=Tenancy.due),
        Column("entered", "入驻", lambda t: t.entered, "day", sort=Tenancy.entered),
        Column("months", "孵化时限（月）", lambda t: t.stay_months_max, "number"),
        Column("reminded", "上次提醒", lambda t: t.reminded, "moment", sort=Tenancy.reminded),
    ),
    filters=(
        Filter("q", "搜索", _search, "search"),
        Filter("urgency", "紧急程度", _urgent, choices=choices(Urgency, but=(Urgency.FAR,))),
        Filter("carrier", "载体", _of_carrier, choices=carrier_choices),
    ),
    url=_url,
    bulk=(REMIND,),
    empty_title="90 天内没有到期的企业",
    empty_text="孵化期限临近或超期的企业会出现在这里",
)
