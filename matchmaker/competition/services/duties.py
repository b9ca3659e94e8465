"""What each judge does in a stage: judging, standing by, learning beside the others, or absent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from matchmaker.activity import services as activity
from matchmaker.competition.models import Ballot, ContestStage, JudgeSeat, StageSeat
from matchmaker.competition.queries import judging
from matchmaker.competition.rules.ballots import BallotState
from matchmaker.competition.rules.stages import SeatDuty
from matchmaker.competition.services.guards import check_manages, check_unconflicted
from matchmaker.competition.services.stages import competing_in
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict, DomainError


def set_duty(
    stage: ContestStage, seat: JudgeSeat, *, actor: Any, duty: SeatDuty, least: int = 0, most: int | None = None
) -> None:
    """What a judge does in a stage and for how many entries; a trainee has no ballot that counts."""
    _check(stage, actor)
    most = seat.load if most is None else most
    if not 0 <= least <= most <= 500:
        raise DomainError("最少评审不能多于最多评审，最多不超过 500", field="least")
    row = _row(stage, seat)
    if duty is SeatDuty.SHADOW and row.duty is not SeatDuty.SHADOW and _has(stage, seat, shadow=False):
        raise Conflict("{name}在本阶段已有计分的评分表，不能改为见习", name=seat.user.name)
    if duty is not SeatDuty.SHADOW and row.duty is SeatDuty.SHADOW and _has(stage, seat, shadow=True):
        raise Conflict("{name}在本阶段已有见习评分表，不能改为计分的评委", name=seat.user.name)
    if (row.duty, row.least, row.most) == (duty, least, most):
        return
    row.duty, row.least, row.most = duty, least, most
    activity.record("competition.duty_set", subject=stage.contest, actor=actor, judge=seat.user.name, duty=duty.value)
    db.session.flush()


def register_absence(stage: ContestStage, seat: JudgeSeat, *, actor: Any, reason: str) -> None:
    """A judge does not go on: what is signed stays, what is open is given to others by the next plan."""
    _check(stage, actor)
    if not reason.strip():
        raise DomainError("请写明缺席的原因", field="reason")
    row = _row(stage, seat)
    if row.absent is not None:
        raise Conflict("{name}已经登记缺席", name=seat.user.name)
    row.absent, row.absence = clock.now(), reason.strip()[:500]
    activity.record(
        "competition.judge_absent", subject=stage.contest, actor=actor, judge=seat.user.name, reason=row.absence
    )
    db.session.flush()


def end_absence(stage: ContestStage, seat: JudgeSeat, *, actor: Any) -> None:
    """The judge is back and may be given entries again."""
    _check(stage, actor)
    row = _row(stage, seat)
    if row.absent is None:
        raise Conflict("{name}没有登记缺席", name=seat.user.name)
    row.absent, row.absence = None, ""
    activity.record("competition.judge_back", subject=stage.contest, actor=actor, judge=seat.user.name)
    db.session.flush()


def hand_to_trainees(stage: ContestStage, *, actor: Any) -> int:
    """Ballots for trainees, up to each one's limit, on the entries that the fewest trainees have; returns how many."""
    _check(stage, actor)
    if not _trainees(stage):
        raise DomainError("本阶段没有见习评委，请先设置职责")
    return give_trainees(stage, actor=actor)


def give_trainees(stage: ContestStage, *, actor: Any) -> int:
    """The same as part of another step: whoever learns in a stage gets ballots when the others do."""
    trainees = _trainees(stage)
    if not trainees:
        return 0
    blocked = {(e, s) for e, s in db.session.execute(judging.blocked_pairs(stage.contest_id))}
    every = sa.select(Ballot.entry_id, Ballot.seat_id, Ballot.shadow).where(Ballot.stage_id == stage.id)
    known = db.session.execute(every).all()
    taken = {(e, s) for e, s, _shadow in known}
    entries, now, made = [entry.id for entry in competing_in(stage)], clock.now(), 0
    times = {entry: sum(1 for e, _s, shadow in known if shadow and e == entry) for entry in entries}
    for seat in trainees:
        free = [e for e in entries if (e, seat.id) not in blocked | taken]
        room = seat.bounds_in(stage)[1] - sum(1 for _e, s, shadow in known if shadow and s == seat.id)
        for entry in sorted(free, key=lambda e: (times[e], e))[: max(room, 0)]:
            times[entry] += 1
            made += 1
            db.session.add(
                Ballot(
                    stage_id=stage.id, entry_id=entry, seat_id=seat.id, state=BallotState.ASSIGNED, shadow=True,
                    created=now, updated=now,
                )
            )  # fmt: skip
    if made:
        activity.record("competition.trainees_assigned", subject=stage.contest, actor=actor, ballots=made)
    db.session.flush()
    return made


def _trainees(stage: ContestStage) -> list[JudgeSeat]:
    seats = db.session.execute(judging.seats_of(stage.contest_id)).unique().scalars()
    return [seat for seat in seats if seat.duty_in(stage) is SeatDuty.SHADOW]


@dataclass(frozen=True)
class Compared:
    """A trainee's total beside the mean of those that counted."""

    ballot: Ballot
    mean: Decimal | None

    @property
    def difference(self) -> Decimal | None:
        return None if self.mean is None or self.ballot.total is None else self.ballot.total - self.mean


def compare_trainees(stage: ContestStage, *, actor: Any) -> Sequence[Compared]:
    """After the lock: what trainees gave beside the panel's mean; the look is recorded."""
    check_manages(actor, stage.contest)
    check_unconflicted(actor, stage.contest)
    if stage.locked is None:
        raise Conflict("成绩锁定以后才能查看；锁定前任何人都看不到分数")
    activity.record("competition.scores_viewed", subject=stage.contest, actor=actor, stage=stage.code.value)
    totals: dict[int, list[Decimal]] = {}
    counting = judging.ballots_of(stage.id).where(Ballot.state == BallotState.SUBMITTED)
    for ballot in db.session.execute(counting).unique().scalars():
        totals.setdefault(ballot.entry_id, []).append(ballot.total or Decimal(0))
    means = {entry: (sum(marks, Decimal(0)) / len(marks)).quantize(Decimal("0.01")) for entry, marks in totals.items()}
    trained = sa.select(Ballot).where(
        Ballot.stage_id == stage.id, Ballot.shadow.is_(True), Ballot.state == BallotState.SUBMITTED
    )
    rows = db.session.execute(trained.order_by(Ballot.seat_id, Ballot.entry_id)).unique().scalars()
    return [Compared(row, means.get(row.entry_id)) for row in rows]


def _check(stage: ContestStage, actor: Any) -> None:
    check_manages(actor, stage.contest)
    check_unconflicted(actor, stage.contest)
    if stage.locked is not None:
        raise Conflict("成绩已锁定，不能再改评委的职责")


def _row(stage: ContestStage, seat: JudgeSeat) -> StageSeat:
    """The judge's row in a stage; the first one brings rows for the others, where they go on judging as before."""
    if not seat.duties:
        for each in seat.contest.stages:
            seat.duties.append(
                StageSeat(stage=each, seat=seat, duty=SeatDuty.JUDGING, least=0, most=seat.load, absence="")
            )
        db.session.flush()
    row = next((row for row in seat.duties if row.stage_id == stage.id), None)
    if row is None:
        row = StageSeat(stage=stage, seat=seat, duty=SeatDuty.JUDGING, least=0, most=seat.load, absence="")
        seat.duties.append(row)
        db.session.flush()
    return row


def _has(stage: ContestStage, seat: JudgeSeat, *, shadow: bool) -> bool:
    own = sa.select(Ballot.id).where(
        Ballot.stage_id == stage.id,
        Ballot.seat_id == seat.id,
        Ballot.shadow.is_(shadow),
        Ballot.state != BallotState.VOID,
    )
    return db.session.execute(own.limit(1)).first() is not None
