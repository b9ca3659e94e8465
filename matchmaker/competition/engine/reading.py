"""Reads a table of scores into ballots; what is wrong is refused with its line, or by the entry's name.

Columns `entry`, `judge`, `score`; optionally `criterion`, `weight`, `track`, `stage`. A ballot is
Σ weight · score ÷ Σ weight over its criteria. Other columns are ignored; an optional column that is empty from top to
bottom counts as absent.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from matchmaker.competition.engine.ballots import Ballot, in_order
from matchmaker.core.errors import DomainError
from matchmaker.core.tabular import Row, Table, fold_header

NEEDED = ("entry", "judge", "score")
OPTIONAL = ("criterion", "weight", "track", "stage")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")
LONGEST_NUMBER = 30


@dataclass(frozen=True, slots=True)
class Mark:
    """One line: a judge's points for one criterion of one entry."""

    line: int
    entry: str
    judge: str
    score: Fraction
    criterion: str
    weight: Fraction
    track: str


def read_ballots(table: Table, *, stage: str | None = None, by_track: bool = False) -> list[Ballot]:
    """The ballots of one stage. With `by_track`, every track may have criteria and weights of its own.

    Raises DomainError on the first thing that is wrong.
    """
    headers = _headers(table)
    rows = list(_rows(table, headers))
    if not rows:
        raise DomainError("文件里只有表头，没有评分；请检查后重新提供", field="file")
    used = {key for key in OPTIONAL if key in headers and any(_cell(row, headers[key]) for row in rows)}
    rows = _of_stage(rows, headers, stage=stage, used="stage" in used)
    marks = [_mark(row, headers, used) for row in rows]
    _check_tracks(marks)
    _check_weights(marks, by_track=by_track)
    return _totals(marks, by_track=by_track)


def number(text: str) -> Fraction | None:
    """A plain decimal number, full-width digits too; None for anything else (NaN, 1e5, 85分)."""
    typed = unicodedata.normalize("NFKC", text).strip()
    if len(typed) > LONGEST_NUMBER or not typed.isascii() or not _NUMBER.fullmatch(typed):
        return None
    return Fraction(typed)


def _headers(table: Table) -> dict[str, str]:
    """The file's own header for each column that we read."""
    found: dict[str, str] = {}
    for key in (*NEEDED, *OPTIONAL):
        named = [header for header in table.headers if fold_header(header) == key]
        if len(named) > 1 and key not in named:
            raise DomainError("有两列都叫“{key}”；请删去一列", field="file", key=key)
        if named:
            found[key] = key if key in named else named[0]
    missing = [key for key in NEEDED if key not in found]
    if missing:
        raise DomainError("缺少必需的列：{names}", field="file", names="、".join(missing))
    return found


def _rows(table: Table, headers: Mapping[str, str]) -> Iterable[Row]:
    for row in table:
        if row.errors:
            raise DomainError("第 {line} 行的格数比表头多，请检查是否错位", field="file", line=row.line)
        if any(_cell(row, header) for header in headers.values()):
            yield row


def _cell(row: Row, header: str) -> str:
    value = row.values.get(header, "")
    return (value if isinstance(value, str) else "、".join(value)).strip()


def _of_stage(rows: list[Row], headers: Mapping[str, str], *, stage: str | None, used: bool) -> list[Row]:
    if not used:
        if stage is not None:
            raise DomainError("文件没有阶段（stage）列，不能指定阶段", field="stage")
        return rows
    stages = list(dict.fromkeys(_cell(row, headers["stage"]) for row in rows))
    if stage is None and len(stages) > 1:
        names = "、".join(name or "（空）" for name in stages[:10])
        raise DomainError("文件里有多个阶段：{names}；请用 --stage 指定其中一个", field="stage", names=names)
    wanted = stages[0] if stage is None else stage.strip()
    if wanted not in stages:
        names = "、".join(name or "（空）" for name in stages[:10])
        raise DomainError("文件里没有阶段“{stage}”，只有：{names}", field="stage", stage=wanted[:50], names=names)
    return [row for row in rows if _cell(row, headers["stage"]) == wanted]


def _mark(row: Row, headers: Mapping[str, str], used: set[str]) -> Mark:
    cells = {key: _cell(row, header) for key, header in headers.items()}
    for key in ("entry", "judge", "score", *(["criterion"] if "criterion" in used else [])):
        if not cells[key]:
            raise DomainError("第 {line} 行的“{key}”是空的，请补上", field="file", line=row.line, key=key)
    weight = Fraction(1)
    if {"criterion", "weight"} <= used:  # without criteria the ballot is the score, whatever its weight
        weight = _number_in(row, "weight", cells["weight"])
        if weight <= 0:
            raise DomainError("第 {line} 行的权重应大于 0", field="file", line=row.line)
    return Mark(
        line=row.line,
        entry=cells["entry"],
        judge=cells["judge"],
        score=_number_in(row, "score", cells["score"]),
        criterion=cells["criterion"] if "criterion" in used else "",
        weight=weight,
        track=cells["track"] if "track" in used else "",
    )


def _number_in(row: Row, key: str, text: str) -> Fraction:
    value = number(text)
    if value is None:
        raise DomainError(
            "第 {line} 行的“{key}”不是数字：“{text}”；请写成 85 或 85.5 这样的数字",
            field="file",
            line=row.line,
            key=key,
            text=text[:30],
        )
    return value


def _check_tracks(marks: Iterable[Mark]) -> None:
    tracks: dict[str, str] = {}
    for mark in marks:
        if tracks.setdefault(mark.entry, mark.track) != mark.track:
            raise DomainError(
                "项目“{entry}”同时在“{one}”和“{other}”两个赛道，请改为一个",
                field="file",
                entry=mark.entry[:50],
                one=tracks[mark.entry] or "（空）",
                other=mark.track or "（空）",
            )


def _check_weights(marks: Iterable[Mark], *, by_track: bool) -> None:
    weights: dict[tuple[str, str], Mark] = {}
    for mark in marks:
        first = weights.setdefault((mark.track if by_track else "", mark.criterion), mark)
        if first.weight != mark.weight:
            raise DomainError(
                "评分项“{criterion}”的权重前后不一致（第 {one} 行和第 {other} 行），请统一",
                field="file",
                criterion=mark.criterion[:50],
                one=first.line,
                other=mark.line,
            )


def _totals(marks: list[Mark], *, by_track: bool) -> list[Ballot]:
    """One ballot for each judge of an entry; every ballot has every criterion, once."""
    sheets: dict[tuple[str, str], dict[str, Mark]] = {}
    criteria: dict[str, set[str]] = {}
    for mark in marks:
        sheet = sheets.setdefault((mark.entry, mark.judge), {})
        if mark.criterion in sheet:
            raise DomainError(
                "评委“{judge}”对项目“{entry}”的评分重复（第 {one} 行和第 {other} 行），请删去一行",
                field="file",
                judge=mark.judge[:50],
                entry=mark.entry[:50],
                one=sheet[mark.criterion].line,
                other=mark.line,
            )
        sheet[mark.criterion] = mark
        criteria.setdefault(mark.track if by_track else "", set()).add(mark.criterion)
    ballots = []
    for (entry, judge), sheet in sheets.items():
        track = next(iter(sheet.values())).track
        missing = sorted(criteria[track if by_track else ""] - sheet.keys())
        if missing:
            raise DomainError(
                "评委“{judge}”对项目“{entry}”缺少评分项“{criterion}”，请补上",
                field="file",
                judge=judge[:50],
                entry=entry[:50],
                criterion=missing[0][:50],
            )
        total = sum((mark.weight * mark.score for mark in sheet.values()), Fraction(0))
        ballots.append(Ballot(entry, judge, total / sum(mark.weight for mark in sheet.values()), track))
    return in_order(ballots)
