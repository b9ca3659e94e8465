"""Publications and results from files: one work a row, found again by person and title."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from matchmaker.core import folding
from matchmaker.core.db import db
from matchmaker.core.errors import DomainError
from matchmaker.core.importing import ImportRun
from matchmaker.core.tabular import ImportField
from matchmaker.directory.models import Person
from matchmaker.directory.rules import DocumentKind
from matchmaker.rosters.importers.people import PARTS, mobile, text
from matchmaker.rosters.services import works


def kind(value: Any) -> DocumentKind:
    """论文, 专利, 项目, 其他."""
    wanted = folding.clean_text(str(value))
    for member in DocumentKind:
        if wanted in {member.value, member.label}:
            return member
    raise DomainError("类别应为：论文、专利、项目、其他")


def year(value: Any) -> int:
    """A year of four digits."""
    digits = folding.digits(str(value))[:4]
    if len(digits) != 4:
        raise DomainError("请填四位年份")
    return int(digits)


def words(value: Any) -> list[str]:
    """Several in a cell."""
    return [part.strip() for part in PARTS.split(str(value)) if part.strip()]


FIELDS = (
    ImportField("name", "姓名", required=True, aliases=("作者", "研究人员"), parse=text),
    ImportField("title", "题名", required=True, aliases=("题目", "标题", "成果名称"), parse=text),
    ImportField("phone", "手机", aliases=("电话", "手机号"), parse=mobile),
    ImportField("kind", "类别", aliases=("成果类别",), parse=kind),
    ImportField("text", "摘要", aliases=("简介", "内容"), parse=text),
    ImportField("keywords", "关键词", parse=words),
    ImportField("year", "年份", aliases=("发表年份",), parse=year),
)


def load(run: ImportRun) -> None:
    """One work a row; the person must be in the region's directory, and by phone where two share a name."""
    for row in run.rows():
        values = {key: value for key, value in row.values.items() if value not in (None, "", [])}
        try:
            with db.session.begin_nested():
                outcome = _take(_person(run.region, values), values)
        except DomainError as error:
            run.refuse(row.line, error)
            continue
        {"created": run.created, "updated": run.updated, "unchanged": run.unchanged}[outcome](row.line)


def _take(person: Person, values: dict[str, Any]) -> str:
    known = works.find(person, values["title"])
    facts = {key: values[key] for key in ("kind", "text", "keywords", "year") if key in values}
    works.check_year(facts.get("year"))
    if known is None:
        works.add_work(person, actor=None, title=values["title"], **{"kind": DocumentKind.PAPER, **facts})
        return "created"
    changes = {key: value for key, value in facts.items() if getattr(known, key) != value}
    for key, value in changes.items():
        setattr(known, key, value)
    db.session.flush()
    return "updated" if changes else "unchanged"


def _person(region: str, values: dict[str, Any]) -> Person:
    statement = sa.select(Person).where(Person.folded_name == folding.fold(values["name"]), Person.region == region)
    if values.get("phone"):
        statement = statement.where(Person.phone == values["phone"])
    found = db.session.execute(statement.limit(2)).unique().scalars().all()
    if not found:
        raise DomainError("没有找到这位人员，请先导入名册")
    if len(found) > 1:
        raise DomainError("有同名人员，请填写手机以便区分")
    return found[0]
