"""What tally officers see beside the standings: other rules, judges, who is near the cut, and what an objection moves.

Nothing here is kept and nothing touches the locked result; each look is written down.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from matchmaker.activity import services as activity
from matchmaker.competition.models import Ballot, ContestGroup, ContestStage, Entry, JudgeSeat, Standing
from matchmaker.competition.queries import standings as standing_queries
from matchmaker.competition.rules.aggregation import Aggregation
from matchmaker.competition.services import counting, tallies
from matchmaker.competition.services.counting import ENGINE_RULES, GroupCount
from matchmaker.competition.services.results.locking import check_complete
from matchmaker.competition.services.results.steps import check_officer
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict, DomainError

if TYPE_CHECKING:
    from matchmaker.competition.engine.calibration import Fit
    from matchmaker.competition.engine.diagnostics import Comparison, JudgeReport
    from matchmaker.competition.engine.gains import Scales
    from matchmaker.competition.engine.whatif import WhatIf


@dataclass(frozen=True)
class GroupBoard:
    """A group under every rule; entries and judges by their codes."""

    group: ContestGroup
    rule: str
    comparisons: tuple[Comparison, ...]
    judges: tuple[JudgeReport, ...]
    seats: Mapping[str, JudgeSeat]
    entries: Mapping[str, Entry]
    what_if: WhatIf
    near: frozenset[str]
    fit: Fit
    scales: Scales


@dataclass(frozen=True)
class Moved:
    """An entry before and after what is simulated; None: not counted then."""

    entry: Entry
    code: str
    before: counting.Line
    after: counting.Line | None

    @property
    def changes(self) -> bool:
        if self.after is None:
            return True
        old, new = self.before, self.after
        return (old.place.rank, old.prize, old.place.advances) != (new.place.rank, new.prize, new.place.advances)


def board(stage: ContestStage, *, actor: Any) -> list[GroupBoard]:
    """Every group of a locked stage under all rules, with its judges and its awards in every variant."""
    _look(stage, actor, "board")
    return [_group_board(stage, group) for group in _locked(stage)]


def standings(stage: ContestStage) -> Sequence[Standing]:
    """The locked lines of a stage in force, for what stands beside them; whoever asks has looked at the board."""
    return db.session.execute(standing_queries.of_stage(stage.id)).unique().scalars().all()


def grey_zone(stage: ContestStage, *, actor: Any) -> list[tuple[ContestGroup, list[str]]]:
    """Before the lock, when every ballot is in: the codes of entries that the cut hardly separates, and no score."""
    check_officer(actor, stage.contest)
    if stage.locked is not None:
        raise Conflict("本阶段成绩已锁定，不能再增加评委")
    check_complete(stage)
    activity.record("competition.grey_zone_viewed", subject=stage.contest, actor=actor, stage=stage.code.value)
    return [(group.group, sorted(_near(stage.aggregation, group))) for group in counting.count(stage)]


def simulate(
    stage: ContestStage, *, actor: Any, entry: str = "", judge: str = "", ballot: str = ""
) -> list[tuple[ContestGroup, list[Moved]]]:
    """What the ranking were without an entry, a judge or one ballot (`entry:judge`); the locked result stays."""
    if not (entry or judge or ballot):
        raise DomainError("请选择要去掉的项目、评委或评分", field="entry")
    _look(stage, actor, "simulation", entry=entry, judge=judge, ballot=ballot)
    counted = _locked(stage)
    every = [row for group in counted for row in group.ballots]
    codes = {key: code for group in counted for key, code in group.codes.items()}
    left_out = {row.id for row in every if _is_meant(row, codes[row.entry_id], judge=judge, ballot=ballot)}
    staying = [line.entry for group in counted for line in group.lines if line.code != entry]
    if not staying:
        raise DomainError("去掉以后没有项目可以排名", field="entry")
    again = {
        line.entry.id: line
        for group in counting.count(stage, entries=staying, leave_out=left_out)
        for line in group.lines
    }
    return [
        (group.group, [Moved(line.entry, line.code, line, again.get(line.entry.id)) for line in group.lines])
        for group in counted
    ]


def choices(stage: ContestStage, *, actor: Any) -> tuple[list[GroupCount], dict[str, str]]:
    """The counted groups of a locked stage and the names behind the judges' codes, for the form of a simulation."""
    check_officer(actor, stage.contest)
    counted = _locked(stage)
    return counted, {counting.judge_code(row): row.seat.user.name for group in counted for row in group.ballots}


def _look(stage: ContestStage, actor: Any, what: str, **values: str) -> None:
    check_officer(actor, stage.contest)
    tally = tallies.in_force(stage)
    activity.record(
        "competition.scores_viewed",
        subject=stage.contest,
        actor=actor,
        stage=stage.code.value,
        version=tally.version,
        what=what,
        **{key: value for key, value in values.items() if value},
    )


def _locked(stage: ContestStage) -> list[GroupCount]:
    tallies.in_force(stage)
    rows = db.session.execute(standing_queries.of_stage(stage.id)).unique().scalars().all()
    return counting.count(stage, entries=[row.entry for row in rows])


def _is_meant(row: Ballot, code: str, *, judge: str, ballot: str) -> bool:
    of = counting.judge_code(row)
    return of == judge or f"{code}:{of}" == ballot


def _group_board(stage: ContestStage, group: GroupCount) -> GroupBoard:
    from matchmaker.competition.engine.calibration import calibrate
    from matchmaker.competition.engine.diagnostics import compare, judge_reports
    from matchmaker.competition.engine.gains import calibrate_scales
    from matchmaker.competition.engine.ranking import Rule
    from matchmaker.competition.engine.whatif import what_if

    fit = group.ranking.fit or calibrate(group.marks)
    places = max((cell.places for cell in group.cells), default=0)
    rule = ENGINE_RULES[stage.aggregation]
    return GroupBoard(
        group=group.group,
        rule=rule,
        comparisons=compare(group.marks, by_track=group.by_track),
        judges=judge_reports(group.marks, fit),
        seats={counting.judge_code(row): row.seat for row in group.ballots},
        entries={line.code: line.entry for line in group.lines},
        what_if=what_if(group.marks, rule=Rule(rule), places=places, by_track=group.by_track),
        near=_near(stage.aggregation, group),
        fit=fit,
        scales=group.ranking.scales or calibrate_scales(group.marks)[1],
    )


def _near(rule: Aggregation, group: GroupCount) -> frozenset[str]:
    """The codes of those within one standard error of the cut of their cell."""
    from matchmaker.competition.engine.diagnostics import grey_zone as zone

    errors = _errors(rule, group)
    track_of = {line.code: line.track for line in group.lines}
    found: set[str] = set()
    for cell in group.cells:
        lines = [line for line in group.ranking.lines if track_of[line.entry] == cell.track]
        around = zone(lines, cell.places, errors=errors)
        if around is not None:
            found |= {*around.entries, *around.tied}
    return frozenset(found)


def _errors(rule: Aggregation, group: GroupCount) -> dict[str, Decimal]:
    """Standard errors on the scale of the announced scores."""
    from matchmaker.competition.engine.ballots import Ballot as Mark
    from matchmaker.competition.engine.ballots import shown
    from matchmaker.competition.engine.calibration import calibrate
    from matchmaker.competition.engine.ranking import standard_marks

    marks: Sequence[Mark] = group.marks
    if rule is Aggregation.STANDARD:
        scaled = standard_marks(marks)
        marks = [Mark(mark.entry, mark.judge, scaled[mark.entry, mark.judge], mark.track) for mark in marks]
    fit = group.ranking.fit or calibrate(marks)
    return {entry: shown(error, 4) for entry, error in fit.errors.items()}
