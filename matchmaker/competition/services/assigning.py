"""Who judges what: an exact proposal, looked at before it is made."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from matchmaker.activity import services as activity
from matchmaker.competition.models import Ballot, ContestStage, Entry, JudgeSeat
from matchmaker.competition.queries import judging
from matchmaker.competition.rules.ballots import BallotState
from matchmaker.competition.rules.stages import SeatDuty
from matchmaker.competition.rules.states import ContestState
from matchmaker.competition.services.guards import check_manages, check_unconflicted, count_change
from matchmaker.competition.services.stages import competing_in
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict, DomainError
from matchmaker.notifications import services as notifications

KNOWN_TRACK, OTHER_TRACK = 1.0, 0.2
SECONDS = 10.0

Pair = tuple[int, int]


@dataclass
class Plan:
    """Who would judge what. `kept` pairs stand already; `obstacles` say in plain words why there is no plan."""

    entries: Sequence[Entry]
    seats: Sequence[JudgeSeat]
    blocked: frozenset[Pair]
    kept: frozenset[Pair]
    pairs: frozenset[Pair] = frozenset()
    obstacles: list[DomainError] = field(default_factory=list)

    @property
    def new(self) -> list[Pair]:
        return sorted(self.pairs - self.kept)

    def load_of(self, seat_id: int) -> int:
        """How many entries a judge would have."""
        return sum(1 for _entry, seat in self.pairs if seat == seat_id)

    def panel_of(self, entry_id: int) -> list[JudgeSeat]:
        """The judges of an entry."""
        return [seat for seat in self.seats if (entry_id, seat.id) in self.pairs]


def propose(stage: ContestStage, *, actor: Any, seed: int = 1) -> Plan:
    """The best plan that keeps every recusal, every load and every ballot that stands; nothing is changed."""
    check_manages(actor, stage.contest)
    check_unconflicted(actor, stage.contest)
    plan = _facts(stage)
    if not plan.entries:
        plan.obstacles.append(DomainError("还没有通过审查的项目，请先完成资格审查"))
    elif not plan.seats:
        plan.obstacles.append(DomainError("还没有评委，请先添加评委"))
    else:
        _solve(plan, per_entry=stage.per_entry, seed=seed)
    return plan


def confirm(stage: ContestStage, *, actor: Any, pairs: Iterable[Pair]) -> int:
    """Make the new pairs of a plan, each checked again on what is true now; returns how many ballots went out."""
    contest = stage.contest
    check_manages(actor, contest)
    check_unconflicted(actor, contest)
    ready = contest.state in (ContestState.SCREENING, ContestState.JUDGING) and stage is contest.current
    if not ready or stage.locked is not None:
        raise Conflict("现在不能分配评委：须在审查或评审阶段，且成绩没有锁定")
    plan = _facts(stage)
    new = sorted(set(pairs) - plan.kept)
    plan.pairs = plan.kept | frozenset(new)
    _check(plan, new, per_entry=stage.per_entry)
    if stage.opened is not None and new:
        count_change(stage)
    now = clock.now()
    void = _void_ballots(stage)
    for entry_id, seat_id in new:
        ballot = void.get((entry_id, seat_id))
        if ballot is None:
            db.session.add(
                Ballot(
                    stage_id=stage.id,
                    entry_id=entry_id,
                    seat_id=seat_id,
                    state=BallotState.ASSIGNED,
                    created=now,
                    updated=now,
                )
            )
        else:
            ballot.state, ballot.version, ballot.updated = BallotState.DRAFT, ballot.version + 1, now
            ballot.signed = ballot.total = None
    activity.record("competition.assigned", subject=contest, actor=actor, stage=stage.code.value, ballots=len(new))
    _tell_judges(stage, plan, {seat for _entry, seat in new})
    db.session.flush()
    return len(new)


def _facts(stage: ContestStage) -> Plan:
    competing = competing_in(stage)
    seats = [
        seat
        for seat in db.session.execute(judging.seats_of(stage.contest_id)).unique().scalars()
        if seat.duty_in(stage) is SeatDuty.JUDGING
    ]
    blocked = frozenset((e, s) for e, s in db.session.execute(judging.blocked_pairs(stage.contest_id)))
    live = {entry.id for entry in competing}
    kept = frozenset(
        (e, s) for e, s, _state in db.session.execute(judging.progress(stage.id)) if e in live and (e, s) not in blocked
    )
    return Plan(entries=competing, seats=seats, blocked=blocked, kept=kept)


def _solve(plan: Plan, *, per_entry: int, seed: int) -> None:
    """Balanced loads first; where these cannot be kept, up to each judge's limit."""
    import numpy as np

    from matchmaker.core.assignment import Infeasible, Unsolved, assign

    loads = np.array([seat.load for seat in plan.seats])
    share = per_entry * len(plan.entries) / len(plan.seats)
    held = np.array([sum(1 for _e, s in plan.kept if s == seat.id) for seat in plan.seats])
    balanced = np.maximum(np.minimum(loads, math.ceil(share)), held)
    least = np.minimum(balanced, math.floor(share))
    affinity, forbidden, fixed = _matrices(plan)
    attempts = [(least, balanced), (least * 0, np.maximum(loads, held))]
    for position, (low, high) in enumerate(attempts):
        try:
            pairs = assign(
                affinity,
                per_item=np.maximum(per_entry, fixed.sum(axis=1)),
                min_load=low,
                max_load=high,
                forbidden=forbidden,
                fixed=fixed,
                seed=seed,
                time_limit_seconds=SECONDS,
            )
        except Unsolved as unsolved:
            if unsolved.best is None:
                raise
            pairs = unsolved.best
        except Infeasible as infeasible:
            if position == len(attempts) - 1:
                plan.obstacles.extend(_in_words(plan, infeasible))
            continue
        rows, columns = np.nonzero(pairs)
        plan.pairs = frozenset(
            (plan.entries[int(i)].id, plan.seats[int(j)].id) for i, j in zip(rows, columns, strict=True)
        )
        return


def _matrices(plan: Plan) -> tuple[Any, Any, Any]:
    import numpy as np

    shape = (len(plan.entries), len(plan.seats))
    affinity, forbidden, fixed = np.full(shape, OTHER_TRACK), np.zeros(shape, bool), np.zeros(shape, bool)
    for i, entry in enumerate(plan.entries):
        for j, seat in enumerate(plan.seats):
            if entry.track.code in seat.tracks:
                affinity[i, j] = KNOWN_TRACK
            forbidden[i, j] = (entry.id, seat.id) in plan.blocked
            fixed[i, j] = (entry.id, seat.id) in plan.kept
    return affinity, forbidden, fixed


def _in_words(plan: Plan, infeasible: Any) -> list[DomainError]:
    items = [f"“{entry.title}”" for entry in plan.entries]
    people = [seat.user.name for seat in plan.seats]
    return [DomainError(block.sentence, **block.values(items, people)) for block in infeasible.blocking]


def _check(plan: Plan, new: Sequence[Pair], *, per_entry: int) -> None:
    known_entries = {entry.id: entry for entry in plan.entries}
    known_seats = {seat.id: seat for seat in plan.seats}
    for entry_id, seat_id in new:
        if entry_id not in known_entries or seat_id not in known_seats:
            raise Conflict("分配方案与现在的项目或评委不一致，请重新生成方案")
        if (entry_id, seat_id) in plan.blocked:
            raise Conflict("{name}须回避“{title}”，请重新生成方案", name=known_seats[seat_id].user.name, title=known_entries[entry_id].title)  # fmt: skip  # noqa: E501
    for entry in plan.entries:
        standing = sum(1 for entry_id, _seat in plan.kept if entry_id == entry.id)
        if len(plan.panel_of(entry.id)) != max(per_entry, standing):
            raise DomainError(
                "“{title}”应有 {n} 位评委，方案不符，请重新生成", field="pairs", title=entry.title, n=per_entry
            )
    over = next((seat for seat in plan.seats if plan.load_of(seat.id) > seat.load), None)
    if over is not None and any(seat_id == over.id for _entry, seat_id in new):
        raise DomainError("{name}的任务超过上限 {n}，请重新生成方案", field="pairs", name=over.user.name, n=over.load)


def _void_ballots(stage: ContestStage) -> dict[Pair, Ballot]:
    statement = sa.select(Ballot).where(Ballot.stage_id == stage.id, Ballot.state == BallotState.VOID)
    return {(b.entry_id, b.seat_id): b for b in db.session.execute(statement).unique().scalars()}


def _tell_judges(stage: ContestStage, plan: Plan, seats: set[int]) -> None:
    for seat in plan.seats:
        if seat.id in seats:
            notifications.enqueue(
                "competition/mail/assigned",
                to=seat.user,
                about=stage.contest,
                url="/contests/ballots/",
                contest=stage.contest,
                stage=stage,
                n=plan.load_of(seat.id),
            )
