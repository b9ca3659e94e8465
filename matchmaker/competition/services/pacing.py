"""The board of progress: who is done, who is silent, and a reminder to those who are; never a score."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from matchmaker.activity import services as activity
from matchmaker.competition.models import Ballot, ContestStage, Entry, JudgeSeat
from matchmaker.competition.queries import judging
from matchmaker.competition.queries import pacing as pacing_queries
from matchmaker.competition.rules.progress import Pace, Progress
from matchmaker.competition.rules.stages import StageState
from matchmaker.competition.services.guards import check_manages, check_unconflicted
from matchmaker.competition.services.stages import competing_in
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict, DomainError
from matchmaker.notifications import services as notifications


@dataclass(frozen=True)
class Line:
    """A judge or an entry, and how far it is."""

    row: Any
    progress: Progress
    pace: Pace
    reminded: bool = False


@dataclass(frozen=True)
class Board:
    judges: Sequence[Line]
    entries: Sequence[Line]

    def counts(self, lines: Sequence[Line]) -> dict[Pace, int]:
        """How many lines of each pace."""
        return {pace: sum(1 for line in lines if line.pace is pace) for pace in Pace}


def of(stage: ContestStage, *, actor: Any) -> Board:
    """How far every judge and every entry of a stage is, for organisers who have no part in the contest."""
    check_manages(actor, stage.contest)
    check_unconflicted(actor, stage.contest)
    seats = db.session.execute(judging.roster_of(stage.contest_id)).unique().scalars().all()
    by_seat, by_entry = _progress(stage, Ballot.seat_id), _progress(stage, Ballot.entry_id)
    keys = {_key(stage, seat): seat.id for seat in seats}
    reminded = {keys[key] for key in db.session.execute(pacing_queries.sent(list(keys))).scalars()}
    judges = [
        _line(stage, seat, by_seat.get(seat.id, Progress()), reminded=seat.id in reminded)
        for seat in seats
        if seat.id in by_seat or seat.duty_in(stage) is not None
    ]
    entries: list[Entry] = competing_in(stage)
    return Board(judges, [_line(stage, entry, by_entry.get(entry.id, Progress())) for entry in entries])


def remind(stage: ContestStage, *, actor: Any, seats: Iterable[int]) -> int:
    """One message to each chosen judge with ballots left, not more than one a day; returns how many were queued."""
    if stage.state is not StageState.JUDGING:
        raise Conflict("本阶段不在评审中，不用提醒评委")
    chosen = to_remind(of(stage, actor=actor), seats)
    if not chosen:
        raise DomainError("没有可以提醒的评委：所选评委已完成，或今天已经提醒过")
    for line in chosen:
        notifications.enqueue(
            "competition/mail/reminder",
            to=line.row.user,
            about=stage.contest,
            url="/contests/ballots/",
            dedupe=_key(stage, line.row),
            contest=stage.contest,
            stage=stage,
            n=line.progress.left,
        )
    activity.record(
        "competition.judges_reminded", subject=stage.contest, actor=actor, stage=stage.code.value, judges=len(chosen)
    )
    db.session.flush()
    return len(chosen)


def to_remind(board: Board, seats: Iterable[int]) -> list[Line]:
    """Those of the chosen who have ballots left and have not been reminded today."""
    wanted = set(seats)
    return [line for line in board.judges if line.row.id in wanted and line.progress.left and not line.reminded]


def _progress(stage: ContestStage, column: Any) -> dict[int, Progress]:
    rows = db.session.execute(pacing_queries.by(column, stage.id))
    return {key: Progress(ballots, done, last) for key, ballots, done, last in rows}


def _line(stage: ContestStage, row: Any, progress: Progress, *, reminded: bool = False) -> Line:
    return Line(row, progress, progress.pace(until=stage.judging_until, now=clock.now()), reminded)


def _key(stage: ContestStage, seat: JudgeSeat) -> str:
    return f"ballots-nudge:{stage.id}:{seat.user_id}:{clock.today().isoformat()}"
