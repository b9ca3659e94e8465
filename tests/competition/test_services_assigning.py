"""Plans of a stage: what stands is kept, standby judges wait, judges who leave lose what is not signed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from matchmaker.competition.models import StageSeat
from matchmaker.competition.rules.ballots import BallotState
from matchmaker.competition.rules.stages import SeatDuty
from matchmaker.competition.services import assigning, contests, entries
from matchmaker.competition.services.assigning import Remedy
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import Conflict
from tests.factories.competition import a_contest, a_judge, an_entry, ballots_of, in_judging, sign_ballot


def on_duty(seat, stage, *, duty=SeatDuty.JUDGING, least=0, most=20, absent=None):
    with transaction():
        row = next((row for row in seat.duties if row.stage_id == stage.id), None) or StageSeat(stage=stage, seat=seat)
        row.duty, row.least, row.most, row.absent = duty, least, most, absent
        db.session.add(row)


@pytest.fixture
def judged(organiser):
    contest = a_contest(owner=organiser)
    entered = [an_entry(contest) for _ in range(6)]
    seats = [a_judge(contest, owner=organiser) for _ in range(4)]
    in_judging(contest, owner=organiser, entered=entered, seats=seats)
    return contest


def test_a_judge_who_leaves_keeps_signed_ballots_and_loses_the_rest(judged, organiser):
    stage, leaver = judged.current, ballots_of(judged)[0].seat
    own = [ballot for ballot in ballots_of(judged) if ballot.seat_id == leaver.id]
    sign_ballot(own[0])
    with clock.frozen(clock.now()):
        on_duty(leaver, stage, absent=clock.now())

    plan = assigning.propose(stage, actor=organiser)

    assert plan.left == [leaver]
    assert plan.dropped == sorted((ballot.entry_id, leaver.id) for ballot in own[1:])
    assert len(plan.new) == len(own) - 1
    with transaction():
        assigning.confirm(stage, actor=organiser, pairs=plan.new, dropped=plan.dropped)
    assert {ballot.state for ballot in own[1:]} == {BallotState.VOID}
    assert own[0].state is BallotState.SUBMITTED
    after = assigning.propose(stage, actor=organiser)
    assert (after.new, after.dropped) == ([], [])


def test_a_ballot_signed_meanwhile_is_not_taken_away(judged, organiser):
    stage, leaver = judged.current, ballots_of(judged)[0].seat
    own = [ballot for ballot in ballots_of(judged) if ballot.seat_id == leaver.id]
    on_duty(leaver, stage, absent=clock.now())
    plan = assigning.propose(stage, actor=organiser)
    on_duty(leaver, stage)
    sign_ballot(own[0])

    with pytest.raises(Conflict, match="刚刚提交"), transaction():
        assigning.confirm(stage, actor=organiser, pairs=plan.new, dropped=plan.dropped)

    assert own[0].state is BallotState.SUBMITTED


def prepared(organiser, *, entered=6, seats=3, tracks=()):
    contest = a_contest(owner=organiser)
    rows = [an_entry(contest) for _ in range(entered)]
    judges = [a_judge(contest, owner=organiser, tracks=tracks[n : n + 1]) for n in range(seats)]
    with transaction():
        for row in rows:
            entries.accept(row, actor=organiser, note="已核对")
    with clock.frozen(contest.deadline + timedelta(minutes=1)), transaction():
        contests.close_entries(contest, actor=organiser)
    return contest, rows, judges


def test_standby_judges_wait_and_minimum_loads_are_kept(organiser):
    contest, _rows, judges = prepared(organiser, seats=4)
    on_duty(judges[0], contest.current, least=5)
    on_duty(judges[3], contest.current, duty=SeatDuty.STANDBY)

    plan = assigning.propose(contest.current, actor=organiser)

    assert plan.load_of(judges[3].id) == 0
    assert 4 <= plan.load_of(judges[1].id) + plan.load_of(judges[2].id) <= 7
    for seat in judges[:3]:
        on_duty(seat, contest.current, most=3)
    assert assigning.propose(contest.current, actor=organiser).load_of(judges[3].id) == 12 - 9


def test_a_plan_says_its_floor_how_it_hangs_together_and_what_precision_to_expect(organiser):
    contest, _rows, _judges = prepared(organiser)

    plan = assigning.propose(contest.current, actor=organiser)

    assert plan.found.proved
    assert plan.connectivity.connected
    assert 0 < plan.precision.reliability < 1
    assert plan.remedies == {}


def test_a_contest_in_silos_is_offered_links_and_anchors(organiser):
    contest = a_contest(owner=organiser)
    codes = [track.code for track in contest.tracks][:2]
    rows = [an_entry(contest, track_id=contest.tracks[n % 2].id) for n in range(8)]
    judges = [a_judge(contest, owner=organiser, tracks=[codes[n % 2]]) for n in range(4)]
    with transaction():
        for row in rows:
            entries.accept(row, actor=organiser, note="已核对")
    with clock.frozen(contest.deadline + timedelta(minutes=1)), transaction():
        contests.close_entries(contest, actor=organiser)

    plan = assigning.propose(contest.current, actor=organiser)
    linked, anchored = (assigning.propose(contest.current, actor=organiser, remedy=remedy) for remedy in Remedy)

    assert not plan.connectivity.connected
    assert linked.remedies[Remedy.LINKS].connectivity.connected
    assert linked.pairs != plan.pairs
    assert len(anchored.anchors) == 2
    assert len(anchored.pairs) > len(plan.pairs)
    with transaction():
        assigning.confirm(contest.current, actor=organiser, pairs=anchored.new, anchors=anchored.anchors)
    assert len(ballots_of(contest)) == len(anchored.pairs)
    assert {ballot.seat_id for ballot in ballots_of(contest)} == {seat.id for seat in judges}
    assert assigning.propose(contest.current, actor=organiser).dropped == []
