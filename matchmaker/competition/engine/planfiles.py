"""Reads what the planning of judges needs (entries, judges, conflicts, affinities).

    entries    entry, track
    judges     judge, track, min, max [, standby]     several rows of one judge are several tracks
    conflicts  judge, entry
    affinity   judge, entry, score                    missing: 1 in the judge's track, 0 elsewhere
    pairs      entry, judge                           an earlier plan

Anything wrong is refused in one sentence with its line.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite

from matchmaker.competition.engine.assigning import Judge, Pair
from matchmaker.core.errors import DomainError
from matchmaker.core.tabular import Row, Table, fold_header

_SCORE = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?")
_COUNT = re.compile(r"\+?\d{1,9}(\.0*)?")
YES, NO = {"1", "yes", "y", "true", "是"}, {"", "0", "no", "n", "false", "否"}


def read_entries(table: Table) -> dict[str, str]:
    """Track by entry."""
    entries: dict[str, str] = {}
    for row, cells in _lines(table, ("entry", "track"), filled=("entry",), name="项目"):
        if cells["entry"] in entries:
            raise DomainError(
                "项目表第 {line} 行的项目“{id}”重复，请删去一行", field="file", line=row.line, id=cells["entry"][:50]
            )
        entries[cells["entry"]] = cells["track"]
    if not entries:
        raise DomainError("项目表里没有项目，请检查后重新提供", field="entries")
    return entries


@dataclass
class _Seat:
    tracks: set[str] = field(default_factory=set)
    least: int | None = None
    most: int | None = None
    standby: bool = False

    def judge(self, name: str) -> Judge:
        """An empty track in any row stands for all."""
        tracks = frozenset() if "" in self.tracks else frozenset(self.tracks)
        return Judge(name, tracks, self.least or 0, self.most, self.standby)


def read_judges(table: Table) -> list[Judge]:
    """The judges; rows of one judge may not contradict each other."""
    seats: dict[str, _Seat] = {}
    wanted = ("judge", "track", "min", "max")
    for row, cells in _lines(table, wanted, ("standby",), filled=("judge",), name="评委"):
        seat = seats.setdefault(cells["judge"], _Seat())
        if cells["track"] in seat.tracks:
            raise DomainError(
                "评委表第 {line} 行重复：评委“{id}”的这一赛道已经有了",
                field="file",
                line=row.line,
                id=cells["judge"][:50],
            )
        seat.tracks.add(cells["track"])
        seat.least = _agreed(row, cells, "min", seat.least)
        seat.most = _agreed(row, cells, "max", seat.most)
        seat.standby = _flag(row, cells["standby"]) or seat.standby
    for name, seat in seats.items():
        if seat.most is not None and (seat.least or 0) > seat.most:
            raise DomainError(
                "评委“{id}”的下限 {least} 大于上限 {most}，请改正",
                field="judges",
                id=name[:50],
                least=seat.least,
                most=seat.most,
            )
    if not seats:
        raise DomainError("评委表里没有评委，请检查后重新提供", field="judges")
    return [seat.judge(name) for name, seat in seats.items()]


def read_conflicts(table: Table, entries: Collection[str], judges: Collection[str]) -> frozenset[Pair]:
    """Pairs that must never be made."""
    pairs: set[Pair] = set()
    for row, cells in _lines(table, ("judge", "entry"), filled=("judge", "entry"), name="回避"):
        pairs.add(_pair(row, cells, entries, judges, pairs, name="回避"))
    return frozenset(pairs)


def read_affinity(table: Table, entries: Collection[str], judges: Collection[str]) -> dict[Pair, float]:
    """How well a judge suits an entry, zero or more."""
    scores: dict[Pair, float] = {}
    for row, cells in _lines(table, ("judge", "entry", "score"), filled=("judge", "entry", "score"), name="匹配度"):
        text = unicodedata.normalize("NFKC", cells["score"])
        score = float(text) if _SCORE.fullmatch(text) else -1.0
        if score < 0 or not isfinite(score):
            raise DomainError(
                "匹配度表第 {line} 行的分值“{id}”不是大于或等于 0 的数字，请改正",
                field="file",
                line=row.line,
                id=cells["score"][:50],
            )
        scores[_pair(row, cells, entries, judges, scores, name="匹配度")] = score
    return scores


def read_pairs(table: Table) -> frozenset[Pair]:
    """An earlier plan; entries that were withdrawn and judges who have left may be in it."""
    rows = _lines(table, ("entry", "judge"), filled=("entry", "judge"), name="原方案")
    return frozenset((cells["entry"], cells["judge"]) for _row, cells in rows)


def _lines(
    table: Table, needed: Sequence[str], optional: Sequence[str] = (), *, filled: Sequence[str], name: str
) -> Iterator[tuple[Row, dict[str, str]]]:
    """Rows that are not blank, with their cells by column."""
    headers = {fold_header(header): header for header in reversed(table.headers)}
    missing = [key for key in needed if key not in headers]
    if missing:
        raise DomainError("{table}表缺少列：{names}", field="file", table=name, names="、".join(missing))
    for row in table:
        if row.errors:
            raise DomainError(
                "{table}表第 {line} 行的格数比表头多，请检查是否错位", field="file", line=row.line, table=name
            )
        cells = {key: _cell(row, headers.get(key)) for key in (*needed, *optional)}
        empty = next((key for key in filled if not cells[key]), None)
        if empty and any(cells.values()):
            raise DomainError(
                "{table}表第 {line} 行的“{key}”是空的，请补上", field="file", line=row.line, table=name, key=empty
            )
        if not empty:
            yield row, cells


def _cell(row: Row, header: str | None) -> str:
    value = row.values.get(header, "") if header else ""
    return (value if isinstance(value, str) else "、".join(value)).strip()


def _agreed(row: Row, cells: Mapping[str, str], key: str, before: int | None) -> int | None:
    """The load of a judge, who may stand in several rows: each says the same or nothing."""
    text = unicodedata.normalize("NFKC", cells[key])
    if not text:
        return before
    if not _COUNT.fullmatch(text):
        raise DomainError(
            "评委表第 {line} 行的“{key}”不是大于或等于 0 的整数：“{id}”",
            field="file",
            line=row.line,
            key=key,
            id=cells[key][:50],
        )
    value = int(float(text))
    if before is not None and before != value:
        raise DomainError(
            "评委表第 {line} 行的“{key}”与前面不一致：评委“{id}”",
            field="file",
            line=row.line,
            key=key,
            id=cells["judge"][:50],
        )
    return value


def _flag(row: Row, text: str) -> bool:
    if text.casefold() not in YES | NO:
        raise DomainError("评委表第 {line} 行的“standby”应为 1 或空：“{id}”", field="file", line=row.line, id=text[:50])
    return text.casefold() in YES


def _pair(row: Row, cells: Mapping[str, str], entries, judges, before: Collection[Pair], *, name: str) -> Pair:
    if cells["judge"] not in judges:
        raise DomainError(
            "{table}表第 {line} 行的评委“{id}”不在评委表里，请改正",
            field="file",
            line=row.line,
            table=name,
            id=cells["judge"][:50],
        )
    if cells["entry"] not in entries:
        raise DomainError(
            "{table}表第 {line} 行的项目“{id}”不在项目表里，请改正",
            field="file",
            line=row.line,
            table=name,
            id=cells["entry"][:50],
        )
    pair = cells["entry"], cells["judge"]
    if pair in before:
        raise DomainError("{table}表第 {line} 行与前面重复，请删去一行", field="file", line=row.line, table=name)
    return pair
