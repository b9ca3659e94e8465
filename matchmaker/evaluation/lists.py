"""The ledger of titles, described once for page and export."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import url_for

from matchmaker.accounts.rules import Permission
from matchmaker.core import calendar, clock, folding
from matchmaker.core.errors import DomainError
from matchmaker.core.lists import Column, Filter, ListSpec
from matchmaker.directory.models import Organisation
from matchmaker.evaluation import queries
from matchmaker.evaluation.models import Title
from matchmaker.evaluation.rules import PatentKind, TitleKind


def choices(kind: Any) -> Any:
    """All members of an enumeration as (value, label)."""
    return lambda _viewer: [(member.value, member.label) for member in kind]


def _search(statement: sa.Select[Any], text: str) -> sa.Select[Any]:
    folded = folding.fold_company(text)
    firms = sa.select(Organisation.id).where(
        sa.or_(
            Organisation.folded_name.contains(folded, autoescape=True),
            Organisation.pinyin.startswith(folding.fold(text), autoescape=True),
            Organisation.uscc == folding.fold_uscc(text),
        )
    )
    return statement.where(
        sa.or_(
            Title.number.contains(text.strip().upper(), autoescape=True),
            Title.name.icontains(text, autoescape=True),
            Title.folded_holder.contains(folded, autoescape=True),
            Title.organisation_id.in_(firms),
        )
    )


def _on(statement: sa.Select[Any], text: str) -> sa.Select[Any]:
    try:
        day = calendar.parse_day(text)
    except DomainError:
        return statement
    return statement.where(queries.live_on(day))


def _year(statement: sa.Select[Any], text: str) -> sa.Select[Any]:
    if not (text.isascii() and text.isdigit() and len(text) == 4):
        return statement
    return statement.where(sa.extract("year", Title.valid_from) == int(text))


TITLES = ListSpec(
    name="titles",
    title="资质台账",
    permission=Permission.TARGETS_READ,
    select=queries.listed,
    key=Title.id,
    order=(Title.valid_from.desc(),),
    columns=(
        Column("number", "编号", lambda t: t.number, sort=Title.number),
        Column("kind", "类别", lambda t: t.kind, sort=Title.kind),
        Column("holder", "持有单位", lambda t: t.who, sort=Title.folded_holder),
        Column("state", "今日状态", lambda t: t.standing_on(clock.today()), "state"),
        Column("valid_from", "有效期起", lambda t: t.valid_from, "day", sort=Title.valid_from),
        Column("valid_to", "有效期止", lambda t: t.valid_to, "day", sort=Title.valid_to),
        Column("name", "名称", lambda t: t.name, export_only=True),
        Column("subkind", "专利类型", lambda t: t.subkind, export_only=True),
        Column("document", "文号", lambda t: t.document),
        Column("ended", "终止日期", lambda t: t.ended, "day", export_only=True),
        Column("end_reason", "终止原因", lambda t: t.end_reason, export_only=True),
        Column("note", "备注", lambda t: t.note, export_only=True),
    ),
    filters=(
        Filter("q", "搜索", _search, "search"),
        Filter("kind", "类别", lambda s, v: s.where(Title.kind == v), choices=choices(TitleKind)),
        Filter("subkind", "专利类型", lambda s, v: s.where(Title.subkind == v), choices=choices(PatentKind)),
        Filter("on", "在某日有效", _on, "date"),
        Filter("year", "取得年份", _year, "year"),
    ),
    url=lambda t: url_for("evaluation.show", title_id=t.id),
    empty_title="还没有资质记录",
    empty_text="逐条登记，或用表格一次导入",
)
