"""Setting up, choosing, sending, adjusting and ending a round."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from matchmaker.activity import services as activity
from matchmaker.core import clock
from matchmaker.core.db import claim, db
from matchmaker.core.errors import Conflict, DomainError, Missing, NotPermitted
from matchmaker.directory.models import Person
from matchmaker.matching import access as matching_access
from matchmaker.matching import queries as matching
from matchmaker.matching.models import Need
from matchmaker.matching.rules import MOST_LIVE_REQUESTS, MOST_WAITING, NeedState
from matchmaker.matching.services import requests, suggesting
from matchmaker.rounds import access, queries, rules
from matchmaker.rounds.models import MatchRound, RoundHelper, RoundNeed, RoundPair
from matchmaker.rounds.rules import Aim, PairState, RoundState

OPEN_NEEDS = frozenset({NeedState.OPEN, NeedState.MATCHED})


@dataclass(frozen=True)
class Sent:
    """What became of the proposals: asked, and no more possible."""

    asked: int
    lapsed: int


def create(
    *,
    actor: Any,
    region: str,
    title: str,
    per_need: int,
    per_helper: int,
    floor: int,
    aim: Aim,
    message: str,
    needs: Sequence[int],
    helpers: Sequence[int],
) -> MatchRound:
    """A round with those who take part; nothing is planned yet."""
    rules.check_numbers(per_need=per_need, per_helper=per_helper, floor=floor)
    now = clock.now()
    row = MatchRound(
        region=region,
        title=title.strip(),
        state=RoundState.DRAFT,
        per_need=per_need,
        per_helper=per_helper,
        floor=floor,
        aim=aim,
        seed=int(now.timestamp()) % 1_000_000,
        message=message.strip(),
        report={},
        created_by_id=actor.id,
        created=now,
        updated=now,
    )
    if not access.may_lead(actor, row):
        raise NotPermitted("只能在您负责的区域组织批量对接")
    db.session.add(row)
    db.session.flush()
    _choose(row, actor=actor, needs=needs, helpers=helpers)
    activity.record("rounds.created", subject=row, actor=actor, needs=len(needs), helpers=len(helpers))
    return row


def edit(
    row: MatchRound,
    *,
    actor: Any,
    title: str,
    per_need: int,
    per_helper: int,
    floor: int,
    aim: Aim,
    message: str,
    needs: Sequence[int],
    helpers: Sequence[int],
) -> None:
    """Change what a plan is made of; what was proposed and not sent is dropped. Needs once asked for stay."""
    _check_leads(actor, row)
    rules.check_open(row.state)
    rules.check_numbers(per_need=per_need, per_helper=per_helper, floor=floor)
    row.title, row.message = title.strip(), message.strip()
    row.per_need, row.per_helper, row.floor, row.aim = per_need, per_helper, floor, aim
    sent = {pair.need_id for pair in queries.pairs_of(row.id) if pair.request_id is not None}
    _choose(row, actor=actor, needs=[*dict.fromkeys([*needs, *sorted(sent)])], helpers=helpers)
    drop_proposals(row)
    row.report, row.updated, row.plan = {}, clock.now(), row.plan + 1
    activity.record("rounds.edited", subject=row, actor=actor)
    db.session.flush()


def _choose(row: MatchRound, *, actor: Any, needs: Sequence[int], helpers: Sequence[int]) -> None:
    rules.check_chosen(needs=len(needs), helpers=len(helpers))
    there = {need.id for need in queries.needs_of(row.id)}
    known = set(db.session.execute(queries.needs_to_choose(actor).where(Need.id.in_(needs))).scalars())
    if len({need.id for need in known} | there & set(needs)) < len(set(needs)):
        raise Missing("有的需求已经不在征集中，请重新勾选", field="needs")
    reachable = db.session.execute(queries.helpers_to_choose(clock.today()).where(Person.id.in_(helpers)))
    before = {person.id for person in queries.helpers_of(row.id)}
    if len({person.id for person in reachable.unique().scalars()} | before & set(helpers)) < len(set(helpers)):
        raise Missing("有的服务者已经不在聘期内或无法联系，请重新勾选", field="helpers")
    db.session.execute(sa.delete(RoundNeed).where(RoundNeed.round_id == row.id))
    db.session.execute(sa.delete(RoundHelper).where(RoundHelper.round_id == row.id))
    db.session.add_all(RoundNeed(round_id=row.id, need_id=key) for key in dict.fromkeys(needs))
    db.session.add_all(RoundHelper(round_id=row.id, person_id=key) for key in dict.fromkeys(helpers))
    db.session.flush()


def drop_proposals(row: MatchRound) -> None:
    """Forget what was proposed and not sent."""
    unsent = (PairState.PROPOSED, PairState.LAPSED)
    db.session.execute(sa.delete(RoundPair).where(RoundPair.round_id == row.id, RoundPair.state.in_(unsent)))


def publish(row: MatchRound, *, actor: Any, plan: int) -> Sent:
    """Ask everybody who was proposed in the plan that was looked at; who cannot be asked any more is told apart."""
    _check_leads(actor, row)
    rules.check_open(row.state)
    taken = claim(
        sa.update(MatchRound)
        .where(MatchRound.id == row.id, MatchRound.plan == plan)
        .values(plan=MatchRound.plan + 1, updated=clock.now())
    )
    db.session.refresh(row)
    if not taken:
        raise Conflict("方案刚刚有变化，请核对后再发出")
    waiting = queries.proposed(row.id)
    if not waiting:
        raise DomainError("没有待发出的邀请，请先生成方案")
    if row.state is RoundState.DRAFT:
        row.state, row.published = RoundState.RUNNING, clock.now()
    for need_id in dict.fromkeys(pair.need_id for pair in waiting):
        _send_for(row, [pair for pair in waiting if pair.need_id == need_id], actor=actor)
    db.session.flush()
    asked = sum(pair.state is PairState.ASKED for pair in waiting)
    lapsed = sum(pair.state is PairState.LAPSED for pair in waiting)
    activity.record("rounds.published", subject=row, actor=actor, asked=asked, lapsed=lapsed)
    return Sent(asked, lapsed)


def _send_for(row: MatchRound, pairs: Sequence[RoundPair], *, actor: Any) -> None:
    """Ask for one need; what has changed since the plan keeps a pair back with the reason, and nobody else."""
    need = pairs[0].need
    if not matching_access.may_act_for(actor, need):
        return  # a secret need of another handler: its own handler sends
    if need.state not in OPEN_NEEDS:
        _lapse(pairs, rules.Gap.SETTLED.label)
        return
    found = suggesting.explain_pairs(need, [pair.person_id for pair in pairs])
    standing, live = queries.standing([need.id]), matching.live_count(need.id)
    load = queries.waiting([pair.person_id for pair in pairs])
    for pair in pairs:
        barrier = found[pair.person_id][1] if pair.person_id in found else None
        if pair.person_id not in found or not pair.person.reachable:
            _lapse([pair], rules.Gap.UNREACHABLE.label)
        elif barrier is not None:
            _lapse([pair], barrier.label)
        elif (need.id, pair.person_id) in standing:
            _lapse([pair], rules.Gap.STANDING.label)
        elif load.get(pair.person_id, 0) >= MOST_WAITING or live >= MOST_LIVE_REQUESTS:
            _lapse([pair], rules.Gap.BUSY.label)
        else:
            asked = requests.ask(need, actor=actor, person_ids=[pair.person_id], message=row.message)
            pair.state, pair.request_id, pair.reason = PairState.ASKED, asked.requests[0].id, ""
            live += 1


def _lapse(pairs: Sequence[RoundPair], reason: str) -> None:
    for pair in pairs:
        pair.state, pair.reason = PairState.LAPSED, reason


def close(row: MatchRound, *, actor: Any) -> None:
    """No more proposals; requests that run go on."""
    _check_leads(actor, row)
    rules.check_move(row.state, to=RoundState.CLOSED)
    drop_proposals(row)
    row.state, row.updated = RoundState.CLOSED, clock.now()
    activity.record("rounds.closed", subject=row, actor=actor)
    db.session.flush()


def delete(row: MatchRound, *, actor: Any) -> None:
    """Take back a draft of which nothing was sent."""
    _check_leads(actor, row)
    if row.state is not RoundState.DRAFT:
        raise Conflict("已经发出邀请，不能删除；可以结束这一轮")
    for table in (RoundPair, RoundNeed, RoundHelper):
        db.session.execute(sa.delete(table).where(table.round_id == row.id))
    activity.record("rounds.deleted", subject=row, actor=actor)
    db.session.delete(row)
    db.session.flush()


def _check_leads(actor: Any, row: MatchRound) -> None:
    if not access.may_lead(actor, row):
        raise NotPermitted("只能在您负责的区域组织批量对接")
