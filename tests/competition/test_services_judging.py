"""Recusal, assignment and ballots: each guard once, and two who press at once."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from threading import Thread

import pytest
import sqlalchemy as sa

from matchmaker.competition.models import Ballot, BallotMark, Recusal
from matchmaker.competition.queries import judging
from matchmaker.competition.rules.ballots import BallotState
from matchmaker.competition.rules.conflicts import RecusalReason, RecusalState
from matchmaker.competition.services import assigning, ballots, contests, entries, recusals
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from tests.factories.competition import (
    a_contest,
    a_judge,
    an_entry,
    ballots_of,
    in_judging,
    sign_ballot,
)


def test_judge_of_the_entrants_firm_is_found_and_kept_away(organiser):
    contest = a_contest(owner=organiser)
    entry = an_entry(contest)
    seat = a_judge(contest, owner=organiser, organisation_id=entry.organisation_id)

    found = db.session.execute(sa.select(Recusal)).unique().scalars().all()

    assert [(r.seat_id, r.entry_id, r.reason, r.state) for r in found] == [
        (seat.id, entry.id, RecusalReason.SAME_USCC, RecusalState.CANDIDATE)
    ]
    with pytest.raises(DomainError, match="必须回避"), transaction():
        recusals.settle(found[0], actor=organiser, state=RecusalState.IGNORED, note="查无")


def test_assignment_keeps_recusals_and_says_in_words_what_stands_in_the_way(organiser):
    contest = a_contest(owner=organiser)
    entry = an_entry(contest, title="冬季巡检")
    a_judge(contest, owner=organiser, name="甲评委", organisation_id=entry.organisation_id)
    a_judge(contest, owner=organiser, name="乙评委")
    with transaction():
        entries.accept(entry, actor=organiser)

    plan = assigning.propose(contest.current, actor=organiser)

    assert plan.pairs == frozenset()
    assert "“冬季巡检”" in str(plan.obstacles[0])
    assert "乙评委" in str(plan.obstacles[0])
    assert "甲评委" not in str(plan.obstacles[0])


def test_assignment_gives_every_entry_its_panel_with_balanced_loads(organiser):
    contest = a_contest(owner=organiser)
    entered = [an_entry(contest) for _ in range(6)]
    seats = [a_judge(contest, owner=organiser) for _ in range(4)]

    made = in_judging(contest, owner=organiser, entered=entered, seats=seats)

    assert len(made) == 12
    assert {len([b for b in made if b.entry_id == e.id]) for e in entered} == {2}
    assert {len([b for b in made if b.seat_id == s.id]) for s in seats} == {3}


def test_plan_that_breaks_a_recusal_is_refused(organiser):
    contest = a_contest(owner=organiser)
    entry = an_entry(contest)
    own = a_judge(contest, owner=organiser, organisation_id=entry.organisation_id)
    other = a_judge(contest, owner=organiser)
    with transaction():
        entries.accept(entry, actor=organiser)
    with clock.frozen(contest.deadline + timedelta(minutes=1)), transaction():
        contests.close_entries(contest, actor=organiser)

    with pytest.raises(Conflict, match="须回避"), transaction():
        assigning.confirm(contest.current, actor=organiser, pairs=[(entry.id, own.id), (entry.id, other.id)])

    assert ballots_of(contest) == []


def test_declared_recusal_takes_the_ballot_away_at_once(judged):
    ballot = ballots_of(judged)[0]
    sign_ballot(ballot)

    with transaction():
        recusals.declare(ballot, actor=ballot.seat.user, reason=RecusalReason.MENTORED)

    assert ballot.state is BallotState.VOID
    left = db.session.execute(judging.own_ballots(ballot.seat.user)).unique().scalars().all()
    assert ballot.entry_id not in {b.entry_id for b in left}
    of_ballot = sa.select(BallotMark.what).where(BallotMark.ballot_id == ballot.id).order_by(BallotMark.id)
    marks = db.session.execute(of_ballot).scalars().all()
    assert marks == ["signed", "void"]


def test_saving_raises_the_version_and_refuses_an_older_page(judged):
    ballot = ballots_of(judged)[0]
    judge = ballot.seat.user
    with transaction():
        version = ballots.save(ballot, actor=judge, version=1, points={"tech": Decimal("80.5")})

    assert (version, ballot.state, ballot.points) == (2, BallotState.DRAFT, {"tech": Decimal("80.5")})
    with pytest.raises(Conflict, match="别的页面改过"), transaction():
        ballots.save(ballot, actor=judge, version=1, points={"tech": Decimal(10)})
    assert ballot.points == {"tech": Decimal("80.5")}


@pytest.mark.parametrize("points", ["100.5", "-1", "80.3", "NaN"])
def test_points_outside_the_scale_are_refused(judged, points):
    ballot = ballots_of(judged)[0]

    with pytest.raises(DomainError), transaction():
        ballots.save(ballot, actor=ballot.seat.user, version=1, points={"tech": Decimal(points)})


def test_ballot_is_signed_only_when_complete_and_only_by_its_judge(judged):
    ballot, other = ballots_of(judged)[0], ballots_of(judged)[1]

    with pytest.raises(DomainError, match="还没有打分"):
        sign_ballot(ballot, tech="80")
    with pytest.raises(NotPermitted), transaction():
        ballots.save(ballot, actor=other.seat.user, version=1, points={})
    sign_ballot(ballot, tech="80.5", market="70")

    assert (ballot.state, ballot.total) == (BallotState.SUBMITTED, Decimal("76.3"))


def test_signed_ballot_is_corrected_by_taking_it_back(judged):
    ballot = ballots_of(judged)[0]
    sign_ballot(ballot)

    with pytest.raises(Conflict, match="撤回修改"), transaction():
        ballots.save(ballot, actor=ballot.seat.user, version=ballot.version, points={})
    with transaction():
        ballots.reopen(ballot, actor=ballot.seat.user)
    sign_ballot(ballot, tech="90", market="90")

    statement = sa.select(BallotMark.what, BallotMark.data).order_by(BallotMark.id)
    history = [(what, Decimal(data["total"])) for what, data in db.session.execute(statement)]
    assert history == [("signed", Decimal(76)), ("reopened", Decimal(76)), ("corrected", Decimal(90))]


def test_two_signatures_at_once_leave_one_ballot_and_one_mark(app, judged):
    ballot_id = ballots_of(judged)[0].id
    outcomes = []

    def press():
        with app.app_context():
            try:
                with transaction():
                    row = db.session.get(Ballot, ballot_id)
                    points = {"tech": Decimal(80), "market": Decimal(70)}
                    ballots.sign(row, actor=row.seat.user, version=1, points=points)
                outcomes.append("signed")
            except Conflict:
                outcomes.append("refused")

    threads = [Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.rollback()

    assert sorted(outcomes) == ["refused", "signed"]
    assert db.session.execute(sa.select(sa.func.count(BallotMark.id))).scalar_one() == 1


def test_what_a_ballot_said_is_never_changed(judged):
    sign_ballot(ballots_of(judged)[0])

    with pytest.raises(RuntimeError, match="appended"), transaction():
        db.session.execute(sa.select(BallotMark)).scalar_one().what = "forged"
