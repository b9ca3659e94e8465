"""From the last ballot to certificates: two people, exact numbers, no early look."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from matchmaker.accounts.rules import Role
from matchmaker.competition.models import Contest, Standing
from matchmaker.competition.rules.states import ContestState, EntryState
from matchmaker.competition.services import ballots, results
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.publicity.models import Certificate
from tests.cast import a_user
from tests.factories.competition import (
    ballots_of,
    sign_ballot,
)
from tests.factories.publicity import announced_years


def state_of(contest):
    return db.session.execute(sa.select(Contest.state).where(Contest.id == contest.id)).scalar_one()


def all_signed(contest, marks=(("90", "90"), ("80", "80"), ("70", "70"), ("60", "61"))):
    for ballot, (tech, market) in zip(ballots_of(contest), marks, strict=True):
        sign_ballot(ballot, tech=tech, market=market)


def lock(contest, organiser, approver):
    with transaction():
        results.propose_lock(contest.current, actor=organiser, reason="评审完成")
    with transaction():
        results.confirm_lock(contest.current, actor=approver)


def test_lock_waits_for_every_ballot(judged, organiser):
    with pytest.raises(DomainError, match="还缺 2 位评委"), transaction():
        results.propose_lock(judged.current, actor=organiser, reason="评审完成")


def test_lock_needs_a_second_person(judged, organiser):
    all_signed(judged)
    both = a_user(Role.ORGANISER, Role.APPROVER)
    with transaction():
        results.propose_lock(judged.current, actor=both, reason="评审完成")

    with pytest.raises(NotPermitted, match="另一位同事"), transaction():
        results.confirm_lock(judged.current, actor=both)

    assert judged.locked is None


def test_lock_is_refused_when_a_ballot_changed_after_the_proposal(judged, organiser, approver):
    all_signed(judged)
    with transaction():
        results.propose_lock(judged.current, actor=organiser, reason="评审完成")
    ballot = ballots_of(judged)[0]
    with transaction():
        ballots.reopen(ballot, actor=ballot.seat.user)
    sign_ballot(ballot, tech="10", market="10")

    with pytest.raises(Conflict, match="又有变化"), transaction():
        results.confirm_lock(judged.current, actor=approver)

    assert db.session.execute(sa.select(sa.func.count(Standing.id))).scalar_one() == 0


def test_locked_scores_take_no_more_changes(judged, organiser, approver):
    all_signed(judged)
    lock(judged, organiser, approver)

    with pytest.raises(Conflict, match="锁定"), transaction():
        ballots.reopen(ballots_of(judged)[0], actor=ballots_of(judged)[0].seat.user)
    rows = db.session.execute(sa.select(Standing).order_by(Standing.rank)).unique().scalars().all()
    assert [(row.rank, row.score, row.prize, row.marks) for row in rows] == [
        (1, Decimal(85), "一等奖", ["90", "80"]),
        (2, Decimal("65.2"), "二等奖", ["70", "60.4"]),
    ]
    assert not results.recount_differs(judged.current)


def test_rubric_changed_behind_the_platforms_back_stops_the_count(judged, organiser):
    all_signed(judged)
    with transaction():
        judged.groups[0].criteria[0].weight = Decimal(50)

    with pytest.raises(Conflict, match="与发布时不一致"), transaction():
        results.propose_lock(judged.current, actor=organiser, reason="评审完成")


def test_nobody_sees_scores_before_the_lock_and_each_look_is_recorded(judged, organiser, approver):
    from matchmaker.activity import queries as activity

    all_signed(judged)
    with pytest.raises(Conflict, match="锁定以后"), transaction():
        results.tally(judged.current, actor=organiser)
    lock(judged, organiser, approver)
    with transaction():
        results.tally(judged.current, actor=organiser)

    looks = [row for row in activity.of(judged) if row.kind == "competition.scores_viewed"]
    assert [(row.actor_id) for row in looks] == [organiser.id]


def test_staff_with_a_part_in_an_entry_sees_no_score(judged, organiser, approver):
    all_signed(judged)
    lock(judged, organiser, approver)
    firm = ballots_of(judged)[0].entry.organisation

    conflicted = a_user(Role.ORGANISER, organisation=firm)

    with pytest.raises(NotPermitted, match="有关联"), transaction():
        results.tally(judged.current, actor=conflicted)


def test_whole_way_from_release_to_certificates(judged, organiser, approver):
    announced_years()
    all_signed(judged)
    lock(judged, organiser, approver)
    with transaction():
        notice = results.release(judged.current, actor=organiser)
    winners = [row["name"] for row in notice.items]
    with pytest.raises(Conflict, match="公示期"), transaction():
        results.propose_awards(judged, actor=organiser, reason="公示无异议")
    with clock.frozen(clock.now() + timedelta(days=12)):
        with transaction():
            results.propose_awards(judged, actor=organiser, reason="公示无异议")
        with pytest.raises(NotPermitted), transaction():
            results.confirm_awards(judged, actor=organiser)
        with transaction():
            results.confirm_awards(judged, actor=approver)

    certificates = db.session.execute(sa.select(Certificate).order_by(Certificate.id)).scalars().all()
    assert len(winners) == 2
    assert [row.holder for row in certificates] == winners
    assert [row.number[:8] for row in certificates] == ["DS-2026-", "DS-2026-"]
    assert {b.entry.state for b in ballots_of(judged)} == {EntryState.AWARDED}
    assert state_of(judged) is ContestState.ARCHIVED


def test_results_are_released_once(judged, organiser, approver):
    announced_years()
    all_signed(judged)
    lock(judged, organiser, approver)
    with transaction():
        results.release(judged.current, actor=organiser)

    with pytest.raises(Conflict, match="已经发布"), transaction():
        results.release(judged.current, actor=organiser)


def test_tie_at_the_last_place_takes_all_along(judged, organiser, approver):
    all_signed(judged, marks=(("90", "90"), ("80", "80"), ("80", "80"), ("90", "90")))
    lock(judged, organiser, approver)

    rows = db.session.execute(sa.select(Standing)).unique().scalars().all()
    assert [(row.rank, row.tied, row.prize) for row in rows] == [(1, True, "一等奖"), (1, True, "一等奖")]
