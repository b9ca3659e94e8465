"""A contest from announcement to certificates against a real database: each guard once."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from threading import Thread

import pytest
import sqlalchemy as sa

from matchmaker.accounts.rules import Role
from matchmaker.competition.models import Ballot, BallotMark, Contest, Recusal, Standing
from matchmaker.competition.queries import entries as entry_queries
from matchmaker.competition.queries import judging
from matchmaker.competition.rules.aggregation import Aggregation
from matchmaker.competition.rules.ballots import BallotState
from matchmaker.competition.rules.conflicts import RecusalReason, RecusalState
from matchmaker.competition.rules.states import ContestState, EntryState
from matchmaker.competition.services import assigning, ballots, contests, entries, judges, results
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.publicity.models import Certificate
from tests.cast import OTHER_REGION, a_user
from tests.factories.competition import (
    ELIGIBILITY,
    RUBRIC,
    a_contest,
    a_judge,
    an_entry,
    ballots_of,
    group_of,
    in_judging,
    sign_ballot,
)
from tests.factories.directory import an_organisation
from tests.factories.publicity import announced_years


@pytest.fixture
def organiser(app, now):
    return a_user(Role.ORGANISER, name="组织者")


@pytest.fixture
def approver(app, now):
    return a_user(Role.APPROVER, name="审批人")


@pytest.fixture
def judged(organiser):
    """A contest in judging: two firms, two judges, four ballots."""
    contest = a_contest(owner=organiser)
    entered = [an_entry(contest), an_entry(contest)]
    seats = [a_judge(contest, owner=organiser), a_judge(contest, owner=organiser)]
    in_judging(contest, owner=organiser, entered=entered, seats=seats)
    return contest


def state_of(contest):
    return db.session.execute(sa.select(Contest.state).where(Contest.id == contest.id)).scalar_one()


# --- Contest


def test_announcing_freezes_the_rules_with_a_fingerprint(organiser):
    contest = a_contest(owner=organiser)

    assert contest.state is ContestState.REGISTRATION
    assert contest.rules["eligibility"]["doc_no"] == "测试〔2026〕1 号"
    assert len(contest.rules_hash) == 64
    with pytest.raises(Conflict, match="规则已固定"), transaction():
        contests.set_rubric(contest.groups[0], actor=organiser, criteria=RUBRIC)


def test_rubric_whose_weights_do_not_sum_to_100_is_refused(organiser):
    contest = a_contest(owner=organiser, announced=False)

    with pytest.raises(DomainError, match="合计应为 100"), transaction():
        contests.set_rubric(contest.groups[0], actor=organiser, criteria=[{**RUBRIC[0], "weight": 50}])


def test_announcing_under_rules_out_of_force_is_refused(organiser):
    contest = a_contest(owner=organiser, announced=False, eligibility={**ELIGIBILITY, "valid_to": "2025-12-31"})

    with pytest.raises(DomainError, match="不在有效期内"), transaction():
        contests.announce(contest, actor=organiser)


def test_trimmed_mean_with_three_judges_is_refused(organiser):
    with pytest.raises(DomainError, match="至少需要 4 位评委"):
        a_contest(owner=organiser, aggregation=Aggregation.TRIMMED, per_entry=3)


def test_organiser_of_another_region_may_not_touch_a_contest(organiser):
    contest = a_contest(owner=organiser)
    stranger = a_user(Role.ORGANISER, region=OTHER_REGION)

    with pytest.raises(NotPermitted), transaction():
        contests.extend(contest, actor=stranger, deadline=contest.deadline + timedelta(days=1), reason="春节")


def test_deadline_moves_only_later_and_with_a_reason(organiser):
    contest = a_contest(owner=organiser)

    with pytest.raises(DomainError, match="只能顺延"), transaction():
        contests.extend(contest, actor=organiser, deadline=contest.deadline - timedelta(days=1), reason="误")
    with pytest.raises(DomainError, match="理由"), transaction():
        contests.extend(contest, actor=organiser, deadline=contest.deadline + timedelta(days=1), reason=" ")


def test_entries_close_only_after_the_deadline(organiser):
    contest = a_contest(owner=organiser)

    with pytest.raises(Conflict, match="还没有截止"), transaction():
        contests.close_entries(contest, actor=organiser)


def test_judging_does_not_start_with_an_undecided_entry(organiser):
    contest = a_contest(owner=organiser)
    an_entry(contest)

    with clock.frozen(contest.deadline + timedelta(minutes=1)):
        with transaction():
            contests.close_entries(contest, actor=organiser)
        with pytest.raises(Conflict, match="1 个项目没有审查完"), transaction():
            contests.start_judging(contest, actor=organiser)


# --- Entries


def test_submitted_entry_keeps_what_the_checks_found(organiser):
    entry = an_entry(a_contest(owner=organiser))

    assert entry.state is EntryState.SUBMITTED
    assert {row["check"]: row["verdict"] for row in entry.findings} == {
        "registration": "pass", "group": "pass", "revenue": "pass", "listing": "pass", "number": "pass", "wins": "pass",
    }  # fmt: skip


def test_entry_is_refused_one_second_after_the_deadline(organiser):
    contest = a_contest(owner=organiser)
    entry = an_entry(contest, submitted=False)

    with clock.frozen(contest.deadline), transaction():
        entries.submit(entry, actor=entry.user)
    late = an_organisation(founded=date(2020, 1, 1))
    with clock.frozen(contest.deadline + timedelta(seconds=1)), pytest.raises(Conflict, match="已截止"):
        an_entry(contest, actor=a_user(organisation=late))

    assert entry.state is EntryState.SUBMITTED


def test_second_entry_of_a_firm_is_refused_until_the_first_is_withdrawn(organiser):
    contest = a_contest(owner=organiser)
    first = an_entry(contest)

    with pytest.raises(Conflict, match="已有参赛项目"):
        an_entry(contest, actor=first.user)
    with transaction():
        entries.withdraw(first, actor=first.user, reason="改报其他项目")

    assert an_entry(contest, actor=first.user).state is EntryState.SUBMITTED


def test_stranger_may_not_enter_for_a_firm(organiser):
    contest = a_contest(owner=organiser)
    firm = an_organisation()

    with pytest.raises(NotPermitted):
        an_entry(contest, actor=a_user(), organisation_id=firm.id, group_id=group_of(contest, "growth").id)


def test_team_group_refuses_a_firm_and_needs_a_name(organiser):
    contest = a_contest(owner=organiser)
    team = group_of(contest, "team").id

    with pytest.raises(DomainError, match="以团队名义"):
        an_entry(contest, actor=a_user(organisation=an_organisation()), group_id=team)
    with pytest.raises(DomainError, match="团队名称"):
        an_entry(contest, actor=a_user(), team_name=" ")


def test_entry_in_the_wrong_group_is_found_out_and_needs_grounds(organiser):
    contest = a_contest(owner=organiser)
    entry = an_entry(contest, actor=a_user(organisation=an_organisation(founded=date(2025, 6, 1))))

    with pytest.raises(DomainError, match="逐项办理"), transaction():
        entries.accept_eligible(entry, organiser)
    with pytest.raises(DomainError, match="依据"), transaction():
        entries.accept(entry, actor=organiser, note="")
    with transaction():
        entries.accept(entry, actor=organiser, note="由分公司改制，注册日期以原公司为准")

    assert entry.state is EntryState.GROUPED


def test_returned_entry_may_be_mended_during_screening(organiser):
    contest = a_contest(owner=organiser)
    entry = an_entry(contest)
    with clock.frozen(contest.deadline + timedelta(hours=1)):
        with transaction():
            contests.close_entries(contest, actor=organiser)
        with transaction():
            entries.send_back(entry, actor=organiser, reason="请补充营业收入证明")
        with transaction():
            entries.submit(entry, actor=entry.user)

    assert (entry.state, entry.reason) == (EntryState.SUBMITTED, None)


def test_organiser_may_not_screen_an_entry_of_their_own_firm(organiser):
    contest = a_contest(owner=organiser)
    entry = an_entry(contest)
    both = a_user(Role.ORGANISER, organisation=entry.organisation)

    with pytest.raises(NotPermitted), transaction():
        entries.accept(entry, actor=both)
    assert db.session.execute(entry_queries.managed_by(both)).unique().scalars().all() == []


def test_acceptance_is_undone_while_no_judge_has_the_entry(organiser):
    entry = an_entry(a_contest(owner=organiser))
    with transaction():
        before = entries.accept_eligible(entry, organiser)
    with transaction():
        entries.undo_accept(entry, organiser, before)

    assert entry.state is EntryState.SUBMITTED


# --- Judges and recusal


def test_judge_of_the_entrants_firm_is_found_and_kept_away(organiser):
    contest = a_contest(owner=organiser)
    entry = an_entry(contest)
    seat = a_judge(contest, owner=organiser, organisation_id=entry.organisation_id)

    found = db.session.execute(sa.select(Recusal)).unique().scalars().all()

    assert [(r.seat_id, r.entry_id, r.reason, r.state) for r in found] == [
        (seat.id, entry.id, RecusalReason.SAME_USCC, RecusalState.CANDIDATE)
    ]
    with pytest.raises(DomainError, match="必须回避"), transaction():
        judges.settle(found[0], actor=organiser, state=RecusalState.IGNORED, note="查无")


def test_assignment_keeps_recusals_and_says_in_words_what_stands_in_the_way(organiser):
    contest = a_contest(owner=organiser)
    entry = an_entry(contest, title="冬季巡检")
    a_judge(contest, owner=organiser, name="甲评委", organisation_id=entry.organisation_id)
    a_judge(contest, owner=organiser, name="乙评委")
    with transaction():
        entries.accept(entry, actor=organiser)

    plan = assigning.propose(contest)

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
        assigning.confirm(contest, actor=organiser, pairs=[(entry.id, own.id), (entry.id, other.id)])

    assert ballots_of(contest) == []


def test_declared_recusal_takes_the_ballot_away_at_once(judged):
    ballot = ballots_of(judged)[0]
    sign_ballot(ballot)

    with transaction():
        judges.declare(ballot, actor=ballot.seat.user, reason=RecusalReason.MENTORED)

    assert ballot.state is BallotState.VOID
    left = db.session.execute(judging.own_ballots(ballot.seat.user)).unique().scalars().all()
    assert ballot.entry_id not in {b.entry_id for b in left}
    marks = db.session.execute(sa.select(BallotMark.what).where(BallotMark.ballot_id == ballot.id)).scalars().all()
    assert marks == ["signed", "void"]


# --- Ballots


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
    assert history == [("signed", Decimal(76)), ("reopened", Decimal(76)), ("signed", Decimal(90))]


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


# --- Results


def all_signed(contest, marks=(("90", "90"), ("80", "80"), ("70", "70"), ("60", "61"))):
    for ballot, (tech, market) in zip(ballots_of(contest), marks, strict=True):
        sign_ballot(ballot, tech=tech, market=market)


def lock(contest, organiser, approver):
    with transaction():
        results.propose_lock(contest, actor=organiser, reason="评审完成")
    with transaction():
        results.confirm_lock(contest, actor=approver)


def test_lock_waits_for_every_ballot(judged, organiser):
    with pytest.raises(DomainError, match="还缺 2 位评委"), transaction():
        results.propose_lock(judged, actor=organiser, reason="评审完成")


def test_lock_needs_a_second_person(judged, organiser):
    all_signed(judged)
    both = a_user(Role.ORGANISER, Role.APPROVER)
    with transaction():
        results.propose_lock(judged, actor=both, reason="评审完成")

    with pytest.raises(NotPermitted, match="另一位同事"), transaction():
        results.confirm_lock(judged, actor=both)

    assert judged.locked is None


def test_lock_is_refused_when_a_ballot_changed_after_the_proposal(judged, organiser, approver):
    all_signed(judged)
    with transaction():
        results.propose_lock(judged, actor=organiser, reason="评审完成")
    ballot = ballots_of(judged)[0]
    with transaction():
        ballots.reopen(ballot, actor=ballot.seat.user)
    sign_ballot(ballot, tech="10", market="10")

    with pytest.raises(Conflict, match="又有变化"), transaction():
        results.confirm_lock(judged, actor=approver)

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
    assert not results.recount_differs(judged)


def test_rubric_changed_behind_the_platforms_back_stops_the_count(judged, organiser):
    all_signed(judged)
    with transaction():
        judged.groups[0].criteria[0].weight = Decimal(50)

    with pytest.raises(Conflict, match="与发布时不一致"), transaction():
        results.propose_lock(judged, actor=organiser, reason="评审完成")


def test_nobody_sees_scores_before_the_lock_and_each_look_is_recorded(judged, organiser, approver):
    from matchmaker.activity import queries as activity

    all_signed(judged)
    with pytest.raises(Conflict, match="锁定以后"), transaction():
        results.tally(judged, actor=organiser)
    lock(judged, organiser, approver)
    with transaction():
        results.tally(judged, actor=organiser)

    looks = [row for row in activity.of(judged) if row.kind == "competition.scores_viewed"]
    assert [(row.actor_id) for row in looks] == [organiser.id]


def test_staff_with_a_part_in_an_entry_sees_no_score(judged, organiser, approver):
    all_signed(judged)
    lock(judged, organiser, approver)
    firm = ballots_of(judged)[0].entry.organisation

    conflicted = a_user(Role.ORGANISER, organisation=firm)

    with pytest.raises(NotPermitted, match="有关联"), transaction():
        results.tally(judged, actor=conflicted)


def test_whole_way_from_release_to_certificates(judged, organiser, approver):
    announced_years()
    all_signed(judged)
    lock(judged, organiser, approver)
    with transaction():
        notice = results.release(judged, actor=organiser)
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
        results.release(judged, actor=organiser)

    with pytest.raises(Conflict, match="已经发布"), transaction():
        results.release(judged, actor=organiser)


def test_tie_at_the_last_place_takes_all_along(judged, organiser, approver):
    all_signed(judged, marks=(("90", "90"), ("80", "80"), ("80", "80"), ("90", "90")))
    lock(judged, organiser, approver)

    rows = db.session.execute(sa.select(Standing)).unique().scalars().all()
    assert [(row.rank, row.tied, row.prize) for row in rows] == [(1, True, "一等奖"), (1, True, "一等奖")]
