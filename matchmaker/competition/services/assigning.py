"""Who judges what: an exact proposal, looked at before it is made."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from matchmaker.activity import services as activity
from matchmaker.competition.models import Ballot, ContestStage, Entry, JudgeSeat
from matchmaker.competition.queries import expertise, judging
from matchmaker.competition.rules import nearness
from matchmaker.competition.rules.ballots import BallotState, MarkKind
from matchmaker.competition.rules.stages import SeatDuty
from matchmaker.competition.rules.states import ContestState
from matchmaker.competition.services import chain, duties
from matchmaker.competition.services.guards import check_manages, check_unconflicted, count_change
from matchmaker.competition.services.stages import competing_in
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict, DomainError
from matchmaker.notifications import services as notifications

if TYPE_CHECKING:
    from matchmaker.competition.engine.assigning import Plan as Found
    from matchmaker.competition.engine.assigning import Task
    from matchmaker.competition.engine.linking import Connectivity, Linked
    from matchmaker.competition.engine.precision import Precision

SECONDS = 10.0

Pair = tuple[int, int]


class Balance(StrEnum):
    """How near to their share judges are kept: from both sides, from above, or only within their own limits."""

    EVEN = "even"
    NOT_ABOVE = "not above"
    LIMITS = "limits"


class Remedy(StrEnum):
    """What lets tracks be compared that separate judges would judge."""

    LINKS = "links"
    ANCHORS = "anchors"


@dataclass
class Plan:
    """Who would judge what.

    `standing` are the ballots that stand now; those not in `pairs` would be withdrawn. `obstacles` say in plain words
    why there is no plan, `remedies` what links or anchors cost and bring, `anchors` which entries nearly all judge.
    """

    stage: ContestStage
    entries: Sequence[Entry]
    seats: Sequence[JudgeSeat]
    left: Sequence[JudgeSeat]  # no longer in this stage, with ballots
    blocked: frozenset[Pair]
    standing: frozenset[Pair]
    signed: frozenset[Pair]
    near: dict[Pair, tuple[str, ...]] = field(default_factory=dict)  # the judge's terms that the entry is about
    pairs: frozenset[Pair] = frozenset()
    anchors: frozenset[int] = frozenset()
    obstacles: list[DomainError] = field(default_factory=list)
    found: Found | None = None
    connectivity: Connectivity | None = None
    precision: Precision | None = None
    remedies: dict[Remedy, Linked] = field(default_factory=dict)
    remedy: Remedy | None = None

    @property
    def kept(self) -> frozenset[Pair]:
        return self.standing & self.pairs

    @property
    def new(self) -> list[Pair]:
        return sorted(self.pairs - self.standing)

    @property
    def dropped(self) -> list[Pair]:
        return sorted(self.standing - self.pairs)

    @property
    def judges(self) -> list[JudgeSeat]:
        return [*self.seats, *self.left]

    def load_of(self, seat_id: int) -> int:
        """How many entries a judge would have."""
        return sum(1 for _entry, seat in self.pairs if seat == seat_id)

    def panel_of(self, entry_id: int) -> list[JudgeSeat]:
        """The judges of an entry."""
        return [seat for seat in self.judges if (entry_id, seat.id) in self.pairs]

    def reason(self, entry: Entry, seat: JudgeSeat) -> tuple[bool | None, tuple[str, ...]]:
        """Why this judge: does the judge know the track (None: every track), and which stated terms are met."""
        return (entry.track.code in seat.tracks) if seat.tracks else None, self.near.get((entry.id, seat.id), ())

    @property
    def met(self) -> int:
        """How many pairs share at least one stated term."""
        return sum(1 for pair in self.pairs if pair in self.near)

    def leaving(self, entry_id: int) -> list[JudgeSeat]:
        """The judges who would lose an entry."""
        return [seat for seat in self.judges if (entry_id, seat.id) in self.standing - self.pairs]


def propose(stage: ContestStage, *, actor: Any, seed: int = 1, remedy: Remedy | None = None) -> Plan:
    """The best plan that keeps every recusal, every load, every signed ballot and of the others as many as may stay."""
    check_manages(actor, stage.contest)
    check_unconflicted(actor, stage.contest)
    plan = _facts(stage)
    if not plan.entries:
        plan.obstacles.append(DomainError("还没有通过审查的项目，请先完成资格审查"))
    elif not plan.seats:
        plan.obstacles.append(DomainError("还没有评委，请先添加评委"))
    else:
        _solve(plan, seed=seed, remedy=remedy)
    return plan


def confirm(
    stage: ContestStage, *, actor: Any, pairs: Iterable[Pair], dropped: Iterable[Pair] = (), anchors: Iterable[int] = ()
) -> int:
    """Make the new pairs of a plan and withdraw what it gives up, each checked again on what is true now.

    Returns how many ballots went out.
    """
    contest = stage.contest
    check_manages(actor, contest)
    check_unconflicted(actor, contest)
    ready = contest.state in (ContestState.SCREENING, ContestState.JUDGING) and stage is contest.current
    if not ready or stage.locked is not None:
        raise Conflict("现在不能分配评委：须在审查或评审阶段，且成绩没有锁定")
    plan = _facts(stage)
    gone = sorted(set(dropped))
    new = sorted(set(pairs) - plan.standing)
    plan.pairs = (plan.standing - set(gone)) | frozenset(new)
    plan.anchors = frozenset(anchors)
    _check(plan, new, gone)
    if stage.opened is not None and (new or gone):
        count_change(stage)
    _withdraw(stage, gone, actor=actor)
    _send(stage, new)
    activity.record(
        "competition.assigned",
        subject=contest,
        actor=actor,
        stage=stage.code.value,
        ballots=len(new),
        withdrawn=len(gone),
    )
    _tell_judges(stage, plan, {seat for _entry, seat in new})
    duties.give_trainees(stage, actor=actor)
    db.session.flush()
    return len(new)


def _facts(stage: ContestStage) -> Plan:
    competing = competing_in(stage)
    sitting = db.session.execute(judging.seats_of(stage.contest_id)).unique().scalars()
    seats = [seat for seat in sitting if seat.duty_in(stage) in (SeatDuty.JUDGING, SeatDuty.STANDBY)]
    everybody = db.session.execute(judging.roster_of(stage.contest_id)).unique().scalars()
    blocked = frozenset((e, s) for e, s in db.session.execute(judging.blocked_pairs(stage.contest_id)))
    live = {entry.id for entry in competing}
    states = {
        (e, s): state
        for e, s, state in db.session.execute(judging.progress(stage.id))
        if e in live and (e, s) not in blocked
    }
    busy = {seat_id for _entry, seat_id in states} - {seat.id for seat in seats}
    return Plan(
        stage=stage,
        entries=competing,
        seats=seats,
        left=[seat for seat in everybody if seat.id in busy],
        blocked=blocked,
        standing=frozenset(states),
        signed=frozenset(pair for pair, state in states.items() if state is BallotState.SUBMITTED),
        near=expertise.met_terms(competing, seats),
    )


def _solve(plan: Plan, *, seed: int, remedy: Remedy | None) -> None:
    """Even loads without standby judges first; where they cannot be kept, looser, at last up to each judge's limit."""
    from matchmaker.competition.engine import linking
    from matchmaker.competition.engine.assigning import Impossible
    from matchmaker.competition.engine.assigning import plan as best
    from matchmaker.competition.engine.precision import expected

    for balance in Balance:
        task = _task(plan, seed=seed, balance=balance)
        try:
            found = best(task)
        except Impossible as impossible:
            if balance is Balance.LIMITS:
                names = {_key(seat.id): seat.user.name for seat in plan.judges}
                plan.obstacles += impossible.said({_key(e.id): f"“{e.title}”" for e in plan.entries}, names)
            continue
        except DomainError as refusal:
            plan.obstacles.append(refusal)
            return
        _take(plan, task, found)
        plan.connectivity = linking.connectivity(task.entries, found.pairs)
        plan.precision = expected(task.entries, found.pairs)
        if not linking.enough(plan.connectivity, task):
            _remedies(plan, _task(plan, seed=seed, balance=Balance.LIMITS), found)
        if remedy in plan.remedies:
            chosen = plan.remedies[remedy]
            _take(plan, chosen.task, chosen.plan)
            plan.remedy, plan.anchors = remedy, frozenset(int(entry) for entry in chosen.anchors)
        return


def _remedies(plan: Plan, task: Task, found: Found) -> None:
    """What would join what is apart, as far as recusals and each judge's own limit allow."""
    from matchmaker.competition.engine import linking

    linked = linking.with_links(task, found)
    anchored = linking.with_anchors(task, found) if len(plan.entries) > linking.ANCHORS else None
    plan.remedies = {
        remedy: way for remedy, way in ((Remedy.LINKS, linked), (Remedy.ANCHORS, anchored)) if way is not None
    }


def _take(plan: Plan, task: Task, found: Found) -> None:
    plan.found = found
    plan.pairs = frozenset((int(entry), int(seat)) for entry, seat in found.pairs)


def _key(record_id: int) -> str:
    """An id as the engine sorts it."""
    return f"{record_id:010d}"


def _task(plan: Plan, *, seed: int, balance: Balance) -> Task:
    """What is true now, as the engine takes it. Entries that more judges than planned judge already keep them."""
    from matchmaker.competition.engine.assigning import Judge, Task

    stage, seats = plan.stage, {seat.id for seat in plan.seats}
    judging_seats = [seat for seat in plan.seats if seat.duty_in(stage) is SeatDuty.JUDGING] or plan.seats
    share = stage.per_entry * len(plan.entries) / len(judging_seats)
    stays = [pair for pair in plan.standing if pair[1] in seats or pair in plan.signed]
    held = {seat.id: sum(1 for _entry, seat_id in stays if seat_id == seat.id) for seat in plan.judges}
    panels = {entry.id: sum(1 for entry_id, _seat in stays if entry_id == entry.id) for entry in plan.entries}
    judges = [Judge(_key(seat.id), left=True) for seat in plan.left]
    for seat in plan.seats:
        least, most = seat.bounds_in(stage)
        standby = seat.duty_in(stage) is SeatDuty.STANDBY
        if balance is not Balance.LIMITS:
            most = 0 if standby else min(most, max(math.ceil(share), least))
        if balance is Balance.EVEN or standby:
            least = 0 if standby else min(max(math.floor(share), least), most)
        judges.append(Judge(_key(seat.id), frozenset(seat.tracks), least, max(most, held[seat.id]), standby))

    def keys(pairs: Iterable[Pair]) -> frozenset[tuple[str, str]]:
        return frozenset((_key(entry), _key(seat)) for entry, seat in pairs)

    step = nearness.weight_for(len(plan.entries), max(len(plan.judges), stage.per_entry))
    tracks = {judge.id: judge for judge in judges}
    affinity = {
        (_key(entry.id), _key(seat.id)): float(tracks[_key(seat.id)].fits(entry.track.code)) + step * nearness.level(n)
        for entry in plan.entries
        for seat in plan.seats
        if (n := len(plan.near.get((entry.id, seat.id), ())))
    }
    return Task(
        affinity=affinity,
        entries={_key(entry.id): entry.track.code for entry in plan.entries},
        judges=judges,
        per_entry=stage.per_entry,
        conflicts=keys(plan.blocked),
        panels={_key(entry): n for entry, n in panels.items() if n > stage.per_entry},
        signed=keys(plan.signed),
        existing=keys(plan.standing),
        seed=seed,
        seconds=SECONDS,
    )


def _check(plan: Plan, new: Sequence[Pair], gone: Sequence[Pair]) -> None:
    known_entries = {entry.id: entry for entry in plan.entries}
    known_seats = {seat.id: seat for seat in plan.seats}
    if not set(gone) <= plan.standing - plan.signed:
        raise Conflict("有评分表刚刚提交或已撤下，请重新生成方案")
    for entry_id, seat_id in new:
        if entry_id not in known_entries or seat_id not in known_seats:
            raise Conflict("分配方案与现在的项目或评委不一致，请重新生成方案")
        if (entry_id, seat_id) in plan.blocked:
            raise Conflict("{name}须回避“{title}”，请重新生成方案", name=known_seats[seat_id].user.name, title=known_entries[entry_id].title)  # fmt: skip  # noqa: E501
    per_entry = plan.stage.per_entry
    for entry in plan.entries:
        standing = sum(1 for entry_id, _seat in plan.kept if entry_id == entry.id)
        panel = len(plan.panel_of(entry.id))
        if panel < per_entry or (panel > max(per_entry, standing) and entry.id not in plan.anchors):
            raise DomainError(
                "“{title}”应有 {n} 位评委，方案不符，请重新生成", field="pairs", title=entry.title, n=per_entry
            )
    given = {seat_id for _entry, seat_id in new}
    for seat in plan.seats:
        most = seat.bounds_in(plan.stage)[1]
        if seat.id in given and plan.load_of(seat.id) > most:
            raise DomainError("{name}的任务超过上限 {n}，请重新生成方案", field="pairs", name=seat.user.name, n=most)


def _withdraw(stage: ContestStage, pairs: Sequence[Pair], *, actor: Any) -> None:
    """Ballots that are not signed leave their judge; what was begun stays in the record."""
    if not pairs:
        return
    statement = sa.select(Ballot).where(Ballot.stage_id == stage.id, Ballot.shadow.is_(False))
    rows = {(row.entry_id, row.seat_id): row for row in db.session.execute(statement).unique().scalars()}
    for ballot in (rows[pair] for pair in pairs):
        if stage.opened is not None:
            chain.append(ballot, MarkKind.VOID, actor=actor)
        ballot.state, ballot.version, ballot.updated = BallotState.VOID, ballot.version + 1, clock.now()


def _send(stage: ContestStage, pairs: Sequence[Pair]) -> None:
    """A ballot for every pair; one that was taken down before begins anew."""
    now, void = clock.now(), _void_ballots(stage)
    for entry_id, seat_id in pairs:
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
