"""Tenants from a file: present ones and those of the past, with the days as they were."""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa

from matchmaker.core import clock, folding
from matchmaker.core.calendar import parse_day
from matchmaker.core.db import db
from matchmaker.core.errors import DomainError
from matchmaker.core.importing import ImportRun
from matchmaker.core.labels import Labelled
from matchmaker.core.regions import region_prefix
from matchmaker.core.tabular import ImportField
from matchmaker.incubation.models import Carrier, Tenancy
from matchmaker.incubation.rules import NEVER_ADMITTED, GraduationProof, SpecialField, TenancyState
from matchmaker.incubation.services import records


def _one_of(kind: type[Labelled]) -> Any:
    """Reads an enumeration by its code or its Chinese label."""
    names = {name: member for member in kind for name in (member.value, member.label)}

    def parse(text: str) -> Labelled:
        found = names.get(folding.clean_text(str(text)))
        if found is None:
            raise ValueError(text)
        return found

    return parse


FIELDS = (
    ImportField("carrier", "载体", required=True, aliases=("孵化器", "载体名称", "所在载体"), parse=folding.clean_text),
    ImportField(
        "organisation",
        "企业",
        required=True,
        aliases=("企业名称", "单位名称", "统一社会信用代码", "信用代码"),
        parse=folding.clean_text,
        hint="全称或统一社会信用代码",
    ),
    ImportField(
        "entered",
        "入驻日期",
        required=True,
        aliases=("入驻时间", "进驻日期"),
        parse=parse_day,
        hint="请写成 2026-03-02",
    ),
    ImportField(
        "left", "离开日期", aliases=("毕业日期", "退出日期", "毕业或离开"), parse=parse_day, hint="请写成 2026-03-02"
    ),
    ImportField("state", "状态", parse=_one_of(TenancyState), hint="请写成名录里的状态，例如：在孵、毕业、退出"),
    ImportField("project", "入驻项目", aliases=("项目", "项目名称"), parse=folding.clean_text),
    ImportField("contract", "合同编号", aliases=("合同号",), parse=folding.clean_text),
    ImportField("due", "到期日期", aliases=("到期", "合同到期"), parse=parse_day, hint="请写成 2026-03-02"),
    ImportField(
        "special_field", "特殊领域", parse=_one_of(SpecialField), hint="请填写：生物医药、集成电路设计或现代农业"
    ),
    ImportField("proof", "毕业条件", parse=_one_of(GraduationProof), hint="请填写四项毕业条件之一"),
    ImportField("proof_document", "证明文件", aliases=("证书号",), parse=folding.clean_text),
    ImportField("reason", "说明", aliases=("理由", "备注"), parse=folding.clean_text),
)


def load(run: ImportRun) -> None:
    """Take the rows in the order of entry, so that moving from carrier to carrier is understood."""
    rows = list(run.rows())
    carriers = _carriers(run.region)
    firms = records.organisations_named([row.values["organisation"] for row in rows])
    stays = _stays([firm.id for firm in firms.values()])
    for row in sorted(rows, key=lambda row: (row.values["entered"], row.line)):
        values = {key: value for key, value in row.values.items() if value is not None}
        try:
            _take(run, row.line, values, carriers=carriers, firms=firms, stays=stays)
        except DomainError as error:
            run.refuse(row.line, error)


def _carriers(region: str) -> dict[str, Carrier]:
    statement = sa.select(Carrier).where(Carrier.region.like(region_prefix(region) + "%"))
    return {folding.fold(row.name): row for row in db.session.execute(statement).unique().scalars()}


def _stays(firms: list[int]) -> dict[int, list[Tenancy]]:
    """Every stay of the firms in the file, by firm: one query for the whole file."""
    statement = sa.select(Tenancy).where(Tenancy.entered.is_not(None), Tenancy.organisation_id.in_(firms))
    found: dict[int, list[Tenancy]] = {}
    for row in db.session.execute(statement).unique().scalars():
        found.setdefault(row.organisation_id or 0, []).append(row)
    return found


def _take(
    run: ImportRun,
    line: int,
    values: dict[str, Any],
    *,
    carriers: dict[str, Carrier],
    firms: dict[str, Any],
    stays: dict[int, list[Tenancy]],
) -> None:
    carrier = carriers.get(folding.fold(values.pop("carrier")))
    if carrier is None:
        raise DomainError("没有登记过这家载体，请先登记或改正名称", field="carrier")
    firm = firms.get(values.pop("organisation"))
    if firm is None:
        raise DomainError("主体库中没有这家企业，请先导入企业", field="organisation")
    known = stays.setdefault(firm.id, [])
    entered: date = values["entered"]
    row = next((stay for stay in known if stay.carrier_id == carrier.id and stay.entered == entered), None)
    values.setdefault("state", row.state if row else _usual_state(values))
    if values["state"] in NEVER_ADMITTED:
        raise DomainError("只导入已入驻的记录；申请请在线提交", field="state")
    if row is None:
        row = records.record(carrier, firm, others=known, actor=run.actor, today=clock.today(), **values)
        known.append(row)
        if row.historic:
            run.warn(line, "入驻时已超过年限，按历史补录记入")
        run.created(line)
    elif records.change(row, others=known, actor=run.actor, **values):
        run.updated(line)
    else:
        run.unchanged(line)


def _usual_state(values: dict[str, Any]) -> TenancyState:
    """What a row without a state means: there, graduated with a proof, or gone."""
    if "left" not in values:
        return TenancyState.INCUBATING
    return TenancyState.GRADUATED if "proof" in values else TenancyState.LEFT
