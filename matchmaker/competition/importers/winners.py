"""Earlier winners from a file: one line a prize, known by year, level, firm and project."""

from __future__ import annotations

import hashlib
from typing import Any

import sqlalchemy as sa

from matchmaker.competition.models import PriorWin
from matchmaker.competition.rules.eligibility import Group, Level
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.errors import DomainError
from matchmaker.core.folding import clean_text, fold, fold_company
from matchmaker.core.importing import ImportRun
from matchmaker.core.tabular import ImportField, MappedRow
from matchmaker.directory.rules import check_uscc_shape

FIRST_YEAR, LAST_YEAR = 2000, 2100
OTHER_WORDS = {"省级": Level.PROVINCIAL, "自治区": Level.PROVINCIAL, "国家级": Level.NATIONAL, "全国": Level.NATIONAL}


def level_of(value: Any) -> Level:
    """A level by its value or the words people use for it."""
    text = clean_text(str(value)).removesuffix("赛")
    names = {**OTHER_WORDS, **{m.value: m for m in Level}, **{m.label.removesuffix("赛"): m for m in Level}}
    names |= {"自治区级": Level.PROVINCIAL, "省": Level.PROVINCIAL, "市": Level.CITY, "区": Level.DISTRICT}
    names |= {"区级": Level.DISTRICT, "县级": Level.DISTRICT, "国家": Level.NATIONAL}
    if text not in names:
        raise DomainError("级别应为 {names} 之一", names="、".join(member.label for member in Level))
    return names[text]


def group_of(value: Any) -> Group:
    """A group by its value or its Chinese name."""
    text = clean_text(str(value))
    found = next((m for m in Group if text == m.value or _short(text) == _short(m.label)), None)
    if found is None:
        raise DomainError("组别应为 {names} 之一", names="、".join(member.label for member in Group))
    return found


def _short(text: str) -> str:
    return text.removesuffix("组").removesuffix("企业")


def year_of(value: Any) -> int:
    """A year of four digits."""
    text = fold(str(value)).removesuffix("年").removesuffix("年度")
    if not (text.isascii() and text.isdigit() and FIRST_YEAR <= int(text) <= LAST_YEAR):
        raise DomainError("请填四位年份")
    return int(text)


def _text(longest: int) -> Any:
    def parse(value: Any) -> str:
        text = clean_text(str(value))
        if len(text) > longest:
            raise DomainError("有 {n} 个字，最多 {limit} 个字", n=len(text), limit=longest)
        return text

    return parse


FIELDS = (
    ImportField("year", "年度", required=True, aliases=("年份", "届次年度"), parse=year_of),
    ImportField("level", "级别", required=True, aliases=("赛事级别", "大赛级别"), parse=level_of),
    ImportField("name", "获奖单位", required=True, aliases=("企业名称", "单位名称", "单位或团队"), parse=_text(200)),
    ImportField("uscc", "统一社会信用代码", aliases=("信用代码",), parse=lambda v: check_uscc_shape(str(v))),
    ImportField("project", "项目名称", aliases=("获奖项目", "项目"), parse=_text(200)),
    ImportField("prize", "奖项", aliases=("获奖等级", "等次"), parse=_text(60)),
    ImportField("group_code", "组别", aliases=("参赛组别",), parse=group_of),
    ImportField("contest", "大赛名称", aliases=("赛事名称", "大赛"), parse=_text(200)),
)


def load(run: ImportRun) -> None:
    """Record what is new, correct what is known; a line written twice counts once."""
    rows = list(run.rows())
    keys = {row.line: _key(row) for row in rows}
    statement = sa.select(PriorWin).where(PriorWin.region == run.region)
    known = {row.key: row for row in db.session.execute(statement).scalars()}
    seen: dict[str, int] = {}
    for row in rows:
        key = keys[row.line]
        if key in seen:
            run.refused(row.line, "与第 {first} 行是同一个奖项", first=seen[key])
            continue
        seen[key] = row.line
        _take(run, row, key, known.get(key))


def _key(row: MappedRow) -> str:
    values = row.values
    parts = (values["year"], values["level"].value, fold_company(values["name"]), fold(values.get("project") or ""))
    return hashlib.sha256("\n".join(str(part) for part in parts).encode()).hexdigest()


def _take(run: ImportRun, row: MappedRow, key: str, win: PriorWin | None) -> None:
    values = {name: value for name, value in row.values.items() if value is not None}
    facts = {
        **values,
        "folded_name": fold_company(values["name"])[:200],
        "folded_project": fold(values.get("project") or "")[:200],
    }
    if win is None:
        db.session.add(PriorWin(region=run.region, key=key, source=run.source[:200], created=clock.now(), **facts))
        run.created(row.line)
        return
    changed = [name for name, value in facts.items() if getattr(win, name) != value]
    for name in changed:
        setattr(win, name, facts[name])
    if changed:
        run.updated(row.line)
    else:
        run.unchanged(row.line)
