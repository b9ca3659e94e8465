"""From the signed ballots of a stage to its standings: the announced rule, the tie chain, the cut of every cell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from matchmaker.competition.models import Ballot, ContestGroup, ContestStage, Entry
from matchmaker.competition.queries import entries as entry_queries
from matchmaker.competition.queries import judging
from matchmaker.competition.queries import standings as standing_queries
from matchmaker.competition.rules import editions, ties
from matchmaker.competition.rules.aggregation import Aggregation, entry_score
from matchmaker.competition.rules.ballots import BallotState
from matchmaker.competition.rules.rubric import ballot_total
from matchmaker.competition.rules.stages import TieBreak
from matchmaker.competition.rules.states import EntryState
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict

BREAK_PLACES = Decimal("0.000001")


@dataclass(frozen=True)
class Score:
    """What a rule gives an entry; `error` is its standard error where the rule has one."""

    value: Decimal
    error: Decimal | None = None


@dataclass(frozen=True)
class Line:
    """An entry's place in its cell, with the ballots' totals it was counted from."""

    group: ContestGroup
    entry: Entry
    place: ties.Place
    prize: str | None
    marks: tuple[Decimal, ...]
    error: Decimal | None


def competing(stage: ContestStage) -> Sequence[Entry]:
    """The entries judged in a stage that still stand."""
    statement = entry_queries.in_contest(stage.contest_id, EntryState(stage.code.value))
    return db.session.execute(statement).unique().scalars().all()


def signed(stage: ContestStage) -> Sequence[Ballot]:
    """The ballots that count."""
    statement = judging.ballots_of(stage.id).where(Ballot.state == BallotState.SUBMITTED)
    return db.session.execute(statement).unique().scalars().all()


def scores(stage: ContestStage, *, entries: Iterable[int]) -> dict[int, Score]:
    """The score of each entry by the announced rule, from the raw points."""
    marks = _marks(stage, signed(stage))
    titles = {entry.id: entry.title for entry in competing(stage)}
    if stage.aggregation in (Aggregation.PLAIN, Aggregation.TRIMMED):
        return {
            entry: Score(entry_score(marks.get(entry, []), rule=stage.aggregation, entry=titles.get(entry, str(entry))))
            for entry in entries
        }
    raise Conflict("这种计分方式还不能使用，请改用平均分")


def count(stage: ContestStage) -> list[Line]:
    """The standings of every cell from the raw points of the ballots."""
    ballots = signed(stage)
    marks = _marks(stage, ballots)
    entered = competing(stage)
    found = scores(stage, entries=[entry.id for entry in entered])
    breaks = _breaks(stage, entered, ballots, marks)
    lines: list[Line] = []
    for group in stage.contest.groups:
        for members, places in _cells(stage, group, entered):
            results = [ties.Result(entry.id, found[entry.id].value, breaks[entry.id]) for entry in members.values()]
            for place in ties.standings(results, places=places):
                prize = editions.prize_at(place.rank, group.prize_list) if stage.last else None
                entry = members[place.result.entry]
                lines.append(
                    Line(
                        group,
                        entry,
                        place,
                        prize.title if prize else None,
                        tuple(marks[entry.id]),
                        found[entry.id].error,
                    )
                )
    return lines


def _cells(stage: ContestStage, group: ContestGroup, entered: Sequence[Entry]) -> list[tuple[dict[int, Entry], int]]:
    """(entries, places) of each cell of a group: by track where places are given so, else the whole group."""
    members = {entry.id: entry for entry in entered if entry.group_id == group.id}
    if stage.last:
        return [(members, group.places)]
    given = [cell for cell in stage.places if cell["group"] == group.code.value]
    if not any(cell.get("track") for cell in given):
        return [(members, given[0]["places"] if given else len(members))]
    by_track = {cell["track"]: cell["places"] for cell in given if cell.get("track")}
    tracks = dict.fromkeys(entry.track.code for entry in members.values())
    return [
        ({key: entry for key, entry in members.items() if entry.track.code == track}, by_track.get(track, 0))
        for track in tracks
    ]


def _marks(stage: ContestStage, ballots: Sequence[Ballot]) -> dict[int, list[Decimal]]:
    marks: dict[int, list[Decimal]] = {}
    for ballot in ballots:
        marks.setdefault(ballot.entry_id, []).append(total_of(ballot))
    return marks


def total_of(ballot: Ballot) -> Decimal:
    """Counted anew from the points; what was stored at signing must agree."""
    total = ballot_total(ballot.stage.rubric_of(ballot.entry.group), ballot.points)
    if ballot.total is None or total != ballot.total:
        raise Conflict("评分表与提交时的总分不一致，不能计算成绩，请联系管理员核对")
    return total


def _breaks(
    stage: ContestStage, entered: Sequence[Entry], ballots: Sequence[Ballot], marks: Mapping[int, Sequence[Decimal]]
) -> dict[int, tuple[Decimal | None, ...]]:
    """What decides between equal scores, in the announced order."""
    before = stage.contest.before(stage)
    earlier: dict[int, Any] = {}
    if before is not None and TieBreak.PREVIOUS in stage.tie_chain:
        rows = db.session.execute(standing_queries.of_stage(before.id)).unique().scalars()
        earlier = {row.entry_id: row.score for row in rows}
    points: dict[int, list[Ballot]] = {}
    for ballot in ballots:
        points.setdefault(ballot.entry_id, []).append(ballot)
    found = {}
    for entry in entered:
        values: list[Decimal | None] = []
        for tie in stage.tie_chain:
            if tie is TieBreak.PREVIOUS:
                values.append(earlier.get(entry.id))
            elif tie is TieBreak.ALL_JUDGES:
                values.append(sum(marks.get(entry.id, ()), Decimal(0)))
            else:
                values.extend(_by_criterion(stage, entry, points.get(entry.id, [])))
        found[entry.id] = tuple(values)
    return found


def _by_criterion(stage: ContestStage, entry: Entry, ballots: Sequence[Ballot]) -> list[Decimal]:
    """The mean points of each criterion, the heaviest first."""
    rows = sorted(stage.criteria_of(entry.group), key=lambda row: (-row.weight, row.position))
    return [
        (sum((ballot.points[row.key] for ballot in ballots), Decimal(0)) / max(len(ballots), 1)).quantize(BREAK_PLACES)
        for row in rows
    ]
