"""A locked stage is opened again by two with a public reason, what was counted stays; vetoes take two as well."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from matchmaker.accounts.rules import Role
from matchmaker.competition.models import StageEntry, Standing
from matchmaker.competition.rules.results import Sharing
from matchmaker.competition.rules.states import ContestState, EntryState
from matchmaker.competition.services import ballots, results, tallies, vetoes
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.publicity.models import Notice
from matchmaker.publicity.rules import NoticeState
from tests.cast import a_user, sign_in
from tests.competition.counted import a_scored_contest, lock
from tests.factories.competition import ballots_of, sign_ballot
from tests.factories.publicity import announced_years

REASON = "复核发现一份评分表录入有误"


@pytest.fixture
def small(organiser):
    announced_years()
    return a_scored_contest(organiser, entered=3, judges=3, per_entry=2, package=Sharing.PUBLIC)


def reopened(stage, organiser, approver):
    until = clock.now() + timedelta(days=3)
    with transaction():
        results.propose_reopen(stage, actor=organiser, reason=REASON, until=until)
    with transaction():
        results.confirm_reopen(stage, actor=approver)


def corrected(ballot, points="100"):
    with transaction():
        ballots.reopen(ballot, actor=ballot.seat.user)
    sign_ballot(ballot, tech=points, market=points)


def test_opening_again_keeps_the_old_tally_and_raises_the_version(client, small, organiser, approver):
    stage = small.current
    lock(stage, organiser, approver)
    first = tallies.in_force(stage)
    old = {row.entry_id: row.score for row in db.session.query(Standing)}
    with transaction():
        notice = results.release(stage, actor=organiser)
    number = notice.number

    reopened(stage, organiser, approver)
    for ballot in ballots_of(small):
        corrected(ballot)
    lock(stage, organiser, approver)
    with transaction():
        again = results.release(stage, actor=organiser)

    kept = tallies.of_stage(stage)
    assert [(tally.version, tally.reopened is None) for tally in kept] == [(1, False), (2, True)]
    assert (kept[0].sha256, kept[0].reopen_reason) == (first.sha256, REASON)
    with transaction():
        earlier = {row.entry_id: row.score for row in results.tally(stage, actor=organiser, version=1)}
        now = {row.entry_id: row.score for row in results.tally(stage, actor=organiser)}
    assert earlier == old
    assert set(now.values()) == {100}
    assert first.sha256 in kept[1].document
    assert (
        db.session.execute(sa.select(Notice.state).where(Notice.number == number)).scalar_one() is NoticeState.WITHDRAWN
    )
    assert (again.title[-4:], REASON in again.body) == ("（更正）", True)
    page = client.get(f"/contests/{small.id}").text
    assert REASON in page
    assert client.get(f"/contests/{small.id}/final/package.zip?version=1").status_code == 200


def test_opening_again_takes_two_and_a_reason(small, organiser, approver):
    stage = small.current
    until = clock.now() + timedelta(days=3)
    with pytest.raises(Conflict, match="没有锁定"), transaction():
        results.propose_reopen(stage, actor=organiser, reason=REASON, until=until)
    lock(stage, organiser, approver)
    with pytest.raises(DomainError, match="理由"), transaction():
        results.propose_reopen(stage, actor=organiser, reason=" ", until=until)
    with pytest.raises(DomainError, match="晚于现在"), transaction():
        results.propose_reopen(stage, actor=organiser, reason=REASON, until=clock.now())
    both = a_user(Role.ORGANISER, Role.APPROVER)
    with transaction():
        results.propose_reopen(stage, actor=both, reason=REASON, until=until)

    with pytest.raises(NotPermitted, match="另一位"), transaction():
        results.confirm_reopen(stage, actor=both)

    assert stage.locked is not None
    with transaction():
        results.give_back(stage, actor=approver, kind=results.REOPEN, reason="不必更正")
    assert tallies.in_force(stage).version == 1


def test_entries_compete_again_and_the_contest_is_being_judged(small, organiser, approver):
    stage = small.current
    lock(stage, organiser, approver)
    with transaction():
        results.release(stage, actor=organiser)
    assert small.state is ContestState.PUBLICITY

    reopened(stage, organiser, approver)

    db.session.expire_all()
    assert small.state is ContestState.JUDGING
    assert {b.entry.state for b in ballots_of(small)} == {EntryState.FINAL}
    assert small.released is None


def test_a_stage_stays_closed_once_the_next_one_is_judged(organiser, approver):
    until = clock.now() + timedelta(days=20)
    first = {"code": "preliminary", "judging_until": until, "aggregation": "plain", "per_entry": 2}
    last = {"code": "final", "judging_until": until + timedelta(days=9), "aggregation": "plain", "per_entry": 2}
    contest = a_scored_contest(organiser, stages=[first, last], entered=2, judges=2, per_entry=2)
    stage = contest.stages[0]
    lock(stage, organiser, approver)
    assert results.may_reopen(stage)
    with transaction():
        contest.stages[1].opened = clock.now()

    assert not results.may_reopen(stage)


def test_a_veto_of_two_leaves_the_entry_out_of_the_count(client, small, organiser, approver):
    stage = small.current
    ballot = ballots_of(small)[0]
    with transaction():
        vetoes.name_judge(stage, actor=organiser, seat_id=ballot.seat_id)
    other = next(b for b in ballots_of(small) if b.seat_id != ballot.seat_id)
    with pytest.raises(NotPermitted, match="指定的评委"), transaction():
        vetoes.ask(other, actor=other.seat.user, reason="离题")
    sign_in(client, ballot.seat.user)
    assert client.get(f"/contests/ballots/{ballot.id}/veto").status_code == 200
    with transaction():
        place = vetoes.ask(ballot, actor=ballot.seat.user, reason="与赛道无关")
    with pytest.raises(Conflict, match="离题否决没有复核"), transaction():
        results.propose_lock(stage, actor=organiser, reason="评审完成")

    with transaction():
        vetoes.confirm(place, actor=organiser)
    lock(stage, organiser, approver)
    with transaction():
        results.release(stage, actor=organiser)

    assert ballot.entry_id not in {row.entry_id for row in db.session.query(Standing)}
    assert (ballot.entry.state, ballot.entry.reason) == (EntryState.NOT_ADVANCED, "与赛道无关")
    assert f'"vetoed":["{place.code}"]' in tallies.in_force(stage).document
    assert not tallies.differs(stage)


def test_a_dismissed_veto_changes_nothing_but_a_proposed_lock(small, organiser, approver):
    stage = small.current
    ballot = ballots_of(small)[0]
    with transaction():
        vetoes.name_judge(stage, actor=organiser, seat_id=ballot.seat_id)
        results.propose_lock(stage, actor=organiser, reason="评审完成")
    with transaction():
        place = vetoes.ask(ballot, actor=ballot.seat.user, reason="与赛道无关")
    with transaction():
        vetoes.dismiss(place, actor=approver)

    row = db.session.execute(sa.select(StageEntry).where(StageEntry.id == place.id)).unique().scalar_one()
    assert (row.veto_asked, row.vetoed, row.veto_reason) == (None, None, "")
    with pytest.raises(Conflict, match="又有变化"), transaction():
        results.confirm_lock(stage, actor=approver)
