"""From the signed ballots of a stage to its standings: the announced rule, the tie chain, the cut of every cell.

Every group is counted by itself, from its own ballots and rubric, under the codes of entries and judges: so whoever
has the published package counts the same.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

import sqlalchemy as sa

from matchmaker.competition.models import Ballot, ContestGroup, ContestStage, Entry, StageEntry
from matchmaker.competition.queries import entries as entry_queries
from matchmaker.competition.queries import judging
from matchmaker.competition.queries import standings as standing_queries
from matchmaker.competition.rules import editions, ties
from matchmaker.competition.rules.aggregation import Aggregation
from matchmaker.competition.rules.ballots import BallotState
from matchmaker.competition.rules.rubric import ballot_total
from matchmaker.competition.rules.stages import TieBreak
from matchmaker.competition.rules.states import EntryState
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict, DomainError
from matchmaker.core.money import round_half_up

if TYPE_CHECKING:
    from matchmaker.competition.engine.ballots import Ballot as Mark
    from matchmaker.competition.engine.ranking import Ranking

BREAK_PLACES = 6
ENGINE_RULES = {
    Aggregation.PLAIN: "mean",
    Aggregation.TRIMMED: "trimmed",
    Aggregation.STANDARD: "standard",
    Aggregation.CALIBRATED: "calibrated",
    Aggregation.SCALED: "scaled",
}


@dataclass(frozen=True)
class Line:
    """An entry's place in its cell, with the ballots' totals it was counted from."""

    entry: Entry
    code: str
    track: str | None
    place: ties.Place
    breaks: tuple[Decimal | None, ...]
    prize: str | None
    marks: tuple[Decimal, ...]
    error: Decimal | None


@dataclass(frozen=True)
class Cell:
    """Entries that compete for the same places: a group, or a track of it."""

    track: str | None
    places: int
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class GroupCount:
    """A group as it was counted: `marks` are what the rule saw, `ranking` what it made of them."""

    group: ContestGroup
    ballots: tuple[Ballot, ...]
    marks: tuple[Mark, ...]
    ranking: Ranking
    cells: tuple[Cell, ...]
    lines: tuple[Line, ...]
    codes: Mapping[int, str]

    @property
    def by_track(self) -> bool:
        return any(cell.track is not None for cell in self.cells)


def competing(stage: ContestStage) -> Sequence[Entry]:
    """The entries judged in a stage that still stand; who was vetoed is not among them."""
    statement = entry_queries.in_contest(stage.contest_id, EntryState(stage.code.value))
    vetoed = {row.entry_id for row in places_of(stage).values() if row.vetoed is not None}
    return [entry for entry in db.session.execute(statement).unique().scalars() if entry.id not in vetoed]


def places_of(stage: ContestStage) -> dict[int, StageEntry]:
    """What stands for each entry in a stage, by entry."""
    rows = db.session.execute(sa.select(StageEntry).where(StageEntry.stage_id == stage.id)).unique().scalars()
    return {row.entry_id: row for row in rows}


def signed(stage: ContestStage) -> Sequence[Ballot]:
    """The ballots that count."""
    statement = judging.ballots_of(stage.id).where(Ballot.state == BallotState.SUBMITTED)
    return db.session.execute(statement).unique().scalars().all()


def count(
    stage: ContestStage, *, entries: Sequence[Entry] | None = None, leave_out: Collection[int] = ()
) -> list[GroupCount]:
    """Every group of a stage from the raw points of its ballots; `entries` for a recount of those counted then.

    `leave_out` are ids of ballots that do not count this once.
    """
    entered = competing(stage) if entries is None else entries
    rows = places_of(stage)
    codes = {entry.id: rows[entry.id].code for entry in entered}
    ballots = [ballot for ballot in signed(stage) if ballot.entry_id in codes and ballot.id not in leave_out]
    earlier = _earlier(stage)
    found = []
    for group in stage.contest.groups:
        members = [entry for entry in entered if entry.group_id == group.id]
        if members:
            of_group = tuple(ballot for ballot in ballots if ballot.entry.group_id == group.id)
            found.append(_count_group(stage, group, members, of_group, codes, earlier))
    return found


def mark_of(ballot: Ballot, code: str) -> Mark:
    """A ballot as the engine takes it, under codes alone."""
    from matchmaker.competition.engine.ballots import Ballot as Mark

    return Mark(code, judge_code(ballot), Fraction(total_of(ballot)), ballot.entry.track.code)


def judge_code(ballot: Ballot) -> str:
    """What stands for the judge; every judge has a code by the time anything is counted for good."""
    return ballot.seat.code or f"S{ballot.seat_id}"


def ranking_of(
    marks: Sequence[Mark], rule: Aggregation, *, by_track: bool, titles: Mapping[str, str] | None = None
) -> Ranking:
    """The rule's scores and ranks before the tie chain; a refusal names the entry by its title."""
    from matchmaker.competition.engine.ranking import Rule, rank

    try:
        return rank(marks, Rule(ENGINE_RULES[rule]), by_track=by_track)
    except DomainError as error:
        if titles and "entry" in error.values:
            error.values["entry"] = titles.get(str(error.values["entry"]), "")
        raise


def _count_group(
    stage: ContestStage,
    group: ContestGroup,
    members: Sequence[Entry],
    ballots: tuple[Ballot, ...],
    codes: Mapping[int, str],
    earlier: Mapping[int, Decimal],
) -> GroupCount:
    panels: dict[int, list[Ballot]] = {entry.id: [] for entry in members}
    for ballot in ballots:
        panels[ballot.entry_id].append(ballot)
    for entry in members:
        if not panels[entry.id]:
            raise DomainError("项目“{entry}”还没有评分，请先完成评分", field="ballots", entry=entry.title)
    marks = tuple(mark_of(ballot, codes[ballot.entry_id]) for ballot in ballots)
    cells = cells_of(stage, group, members)
    by_track = any(cell.track is not None for cell in cells)
    ranking = ranking_of(marks, stage.aggregation, by_track=by_track, titles={codes[e.id]: e.title for e in members})
    scored = {line.entry: line for line in ranking.lines}
    breaks = {entry.id: breaks_of(stage, entry, panels[entry.id], earlier) for entry in members}
    lines: list[Line] = []
    for cell in cells:
        inside = {entry.id: entry for entry in cell.entries}
        results = [ties.Result(key, scored[codes[key]].score, breaks[key]) for key in inside]
        for place in ties.standings(results, places=cell.places):
            key = place.result.entry
            prize = editions.prize_at(place.rank, group.prize_list) if stage.last else None
            lines.append(
                Line(
                    entry=inside[key],
                    code=codes[key],
                    track=cell.track,
                    place=place,
                    breaks=breaks[key],
                    prize=prize.title if prize else None,
                    marks=tuple(total_of(ballot) for ballot in panels[key]),
                    error=scored[codes[key]].error,
                )
            )
    return GroupCount(group, ballots, marks, ranking, tuple(cells), tuple(lines), codes)


def cells_of(stage: ContestStage, group: ContestGroup, members: Sequence[Entry]) -> list[Cell]:
    """The cells of a group: by track where places are given so, else the whole group."""
    if stage.last:
        return [Cell(None, group.places, tuple(members))]
    given = [cell for cell in stage.places if cell["group"] == group.code.value]
    if not any(cell.get("track") for cell in given):
        return [Cell(None, given[0]["places"] if given else len(members), tuple(members))]
    by_track = {cell["track"]: cell["places"] for cell in given if cell.get("track")}
    tracks = sorted({entry.track.code for entry in members})
    return [
        Cell(track, by_track.get(track, 0), tuple(entry for entry in members if entry.track.code == track))
        for track in tracks
    ]


def total_of(ballot: Ballot) -> Decimal:
    """Counted anew from the points; what was stored at signing must agree."""
    total = ballot_total(ballot.stage.rubric_of(ballot.entry.group), ballot.points)
    if ballot.total is None or total != ballot.total:
        raise Conflict("评分表与提交时的总分不一致，不能计算成绩，请联系管理员核对")
    return total


def breaks_of(
    stage: ContestStage, entry: Entry, ballots: Sequence[Ballot], earlier: Mapping[int, Decimal]
) -> tuple[Decimal | None, ...]:
    """What decides between equal scores, in the announced order."""
    values: list[Decimal | None] = []
    for tie in stage.tie_chain:
        if tie is TieBreak.PREVIOUS:
            values.append(earlier.get(entry.id))
        elif tie is TieBreak.ALL_JUDGES:
            values.append(sum((total_of(ballot) for ballot in ballots), Decimal(0)))
        else:
            values.extend(_by_criterion(stage, entry, ballots))
    return tuple(values)


def _earlier(stage: ContestStage) -> dict[int, Decimal]:
    """The scores of the stage before, where the tie chain asks for them."""
    before = stage.contest.before(stage)
    if before is None or TieBreak.PREVIOUS not in stage.tie_chain:
        return {}
    rows = db.session.execute(standing_queries.of_stage(before.id)).unique().scalars()
    return {row.entry_id: row.score for row in rows}


def _by_criterion(stage: ContestStage, entry: Entry, ballots: Sequence[Ballot]) -> list[Decimal]:
    """The mean points of each criterion, the heaviest first."""
    rows = sorted(stage.criteria_of(entry.group), key=lambda row: (-row.weight, row.position))
    n = max(len(ballots), 1)
    sums = [sum((ballot.points[row.key] for ballot in ballots), Decimal(0)) for row in rows]
    return [round_half_up(total / n, BREAK_PLACES) for total in sums]
