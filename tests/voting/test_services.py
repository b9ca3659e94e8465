"""A public vote: limits, one claim a vote, strikes by one and another, counts that nobody knows before."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from matchmaker.accounts.models import User
from matchmaker.accounts.rules import Role
from matchmaker.competition.models import Contest, Standing, Tally
from matchmaker.competition.services import entries
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.voting import queries
from matchmaker.voting.models import CastVote, PublicVote, Voter
from matchmaker.voting.rules import Reason, VoteState, Who
from matchmaker.voting.services import casting, checking, setting
from tests.cast import OTHER_REGION, a_user
from tests.factories.voting import a_cast, a_contest_in_judging, a_vote
from tests.voting.racing import race

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def owner(app, now):
    return a_user(Role.ORGANISER)


@pytest.fixture
def approver(owner):
    return a_user(Role.APPROVER)


def opened(vote):
    return clock.frozen(vote.opens)


def closed(vote):
    return clock.frozen(vote.closes)


def counted(vote):
    return [row.votes for row in vote.candidates]


def checked(vote, owner, approver):
    """Proposed and confirmed after the close."""
    with closed(vote):
        with transaction():
            checking.propose(vote, actor=owner, reason="已核查")
        with transaction():
            checking.confirm(vote, actor=approver)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"closes": timedelta(0)}, "closes"),
        ({"opens": -HOUR}, "opens"),
        ({"closes": 61 * DAY}, "closes"),
        ({"per_day": 0}, "per_day"),
        ({"in_all": 101}, "in_all"),
        ({"per_day": 3, "in_all": 2}, "in_all"),
    ],
)
def test_a_plan_that_cannot_be_carried_out_is_refused_on_its_field(owner, wrong, field):
    contest = a_contest_in_judging(owner=owner)
    given = {key: clock.now() + value if isinstance(value, timedelta) else value for key, value in wrong.items()}
    with pytest.raises(DomainError) as refused:
        a_vote(owner=owner, contest=contest, **given)
    assert field in [each.field for each in refused.value.all]
    assert queries.of_stage(contest.current.id) is None


def test_a_blind_stage_has_no_public_ballot(owner):
    contest = a_contest_in_judging(owner=owner)
    with transaction():
        contest.current.blind = True
    with pytest.raises(Conflict, match="盲审"):
        a_vote(owner=owner, contest=contest)


def test_only_an_unconflicted_organiser_of_the_region_opens_a_vote(owner):
    contest = a_contest_in_judging(owner=owner)
    for other in (a_user(Role.ORGANISER, region=OTHER_REGION), a_user(Role.APPROVER)):
        with pytest.raises(NotPermitted):
            a_vote(owner=other, contest=contest)
    entrant = queries.entries_of(contest.current.id)[0].organisation
    with pytest.raises(NotPermitted, match="有关联"):
        a_vote(owner=a_user(Role.ORGANISER, organisation=entrant), contest=contest)


def test_votes_are_taken_between_opening_and_closing_only(owner):
    vote, person = a_vote(owner=owner), a_user()
    with pytest.raises(Conflict, match="还没有开始"):
        a_cast(vote, person)
    with closed(vote), pytest.raises(Conflict, match="这一票没有计入"):
        a_cast(vote, person)
    with opened(vote):
        a_cast(vote, person)
    assert queries.size(vote.id) == 1


def test_a_day_and_all_days_have_their_limits(owner):
    vote, person = a_vote(owner=owner, per_day=1, in_all=2), a_user()
    with opened(vote):
        a_cast(vote, person, candidate=0)
        with pytest.raises(Conflict, match="明天可以再投"):
            a_cast(vote, person, candidate=1)
    with clock.frozen(vote.opens + DAY):
        a_cast(vote, person, candidate=1)
    with clock.frozen(vote.opens + 2 * DAY), pytest.raises(Conflict, match="全部投完"):
        a_cast(vote, person, candidate=2)
    assert queries.size(vote.id) == 2


def test_twice_for_one_entry_is_refused_unless_each_day_is_a_new_one(owner):
    once, person = a_vote(owner=owner, per_day=2, in_all=4), a_user()
    with opened(once):
        a_cast(once, person)
        with pytest.raises(Conflict, match="已经给这个项目投过票"):
            a_cast(once, person)
    daily = a_vote(owner=owner, per_day=2, in_all=4, again=True)
    with opened(daily):
        a_cast(daily, person)
        with pytest.raises(Conflict, match="今天已经给这个项目"):
            a_cast(daily, person)
    with clock.frozen(daily.opens + DAY):
        a_cast(daily, person)
    assert (queries.size(once.id), queries.size(daily.id)) == (1, 2)


def test_who_left_takes_no_vote_and_no_place(owner, approver):
    vote = a_vote(owner=owner)
    leaver = vote.candidates[0]
    with opened(vote):
        a_cast(vote, a_user(), candidate=0)
        with transaction():
            entries.withdraw_for(leaver.entry, actor=owner, reason="自愿退出")
        with pytest.raises(Conflict, match="已退出"):
            a_cast(vote, a_user(), candidate=0)
        a_cast(vote, a_user(), candidate=1)
    checked(vote, owner, approver)
    assert [(row.votes, row.place) for row in vote.candidates] == [(1, None), (1, 1), (0, 2)]


def test_ones_own_entry_only_where_that_is_allowed(owner):
    vote = a_vote(owner=owner)
    entrant = vote.candidates[0].entry.user
    with opened(vote):
        with pytest.raises(DomainError, match="自己的项目"):
            a_cast(vote, entrant, candidate=0)
        a_cast(vote, entrant, candidate=1)
    free = a_vote(owner=owner, own=True)
    with opened(free):
        a_cast(free, free.candidates[0].entry.user, candidate=0)


def test_a_number_of_the_team_is_no_stranger_and_of_an_account_no_second_voter(owner):
    vote = a_vote(owner=owner, who=Who.VERIFIED)
    phone = vote.candidates[0].entry.phone
    person = a_user()
    assert casting.key_of_contact(vote, person.email) == casting.key_of(vote, person)
    from matchmaker.core.viewer import Nobody

    with opened(vote), pytest.raises(DomainError, match="自己的项目"), transaction():
        casting.cast(vote, vote.candidates[0].id, key=casting.key_of_contact(vote, phone), viewer=Nobody())


def test_parallel_presses_spend_one_vote(app, owner):
    vote, person = a_vote(owner=owner, per_day=1, in_all=1, entries=4), a_user()
    vote_id, person_id = vote.id, person.id

    def press(position):
        def task():
            a_cast(db.session.get(PublicVote, vote_id), db.session.get(User, person_id), candidate=position)

        return task

    with opened(vote):
        outcomes = race(app, [press(n % 4) for n in range(8)])
    assert outcomes == ["Conflict"] * 7 + ["done"]
    assert queries.size(vote_id) == 1
    voter = db.session.execute(sa.select(Voter).where(Voter.vote_id == vote_id)).scalar_one()
    assert (voter.used, voter.used_today) == (1, 1)


def test_parallel_presses_for_one_entry_count_once(app, owner):
    vote, person = a_vote(owner=owner, per_day=9, in_all=9), a_user()
    vote_id, person_id = vote.id, person.id

    def task():
        a_cast(db.session.get(PublicVote, vote_id), db.session.get(User, person_id))

    with opened(vote):
        outcomes = race(app, [task] * 6)
    assert outcomes == ["Conflict"] * 5 + ["done"]
    voter = db.session.execute(sa.select(Voter).where(Voter.vote_id == vote_id)).scalar_one()
    assert (queries.size(vote_id), voter.used) == (1, 1)


def test_the_tables_themselves_refuse_what_no_service_does(owner):
    vote, person = a_vote(owner=owner, per_day=2, in_all=2), a_user()
    with opened(vote):
        row = a_cast(vote, person)
    for statement in (
        sa.update(Voter).values(used=3),
        sa.update(Voter).values(used_today=3),
        sa.update(PublicVote).values(released=clock.now()),
        sa.update(PublicVote).values(cancelled=clock.now()),
        sa.update(CastVote).values(struck=Reason.DEVICE),
        sa.insert(CastVote).values(
            vote_id=vote.id, voter_id=row.voter_id, candidate_id=row.candidate_id, slot=row.slot, moment=row.moment,
            address_hash="", device_hash="", struck_note="",
        ),
    ):  # fmt: skip
        with pytest.raises(sa.exc.IntegrityError), transaction() as session:
            session.execute(statement)


def test_struck_by_one_and_confirmed_by_another(owner, approver):
    vote = a_vote(owner=owner)
    people = [a_user() for _ in range(4)]
    with opened(vote):
        for person in people:
            a_cast(vote, person, candidate=0, address="10.0.0.9", agent="one phone")
        a_cast(vote, a_user(), candidate=1, address="10.0.0.8", agent="another")
        with pytest.raises(Conflict, match="截止以后"):
            checking.patterns(vote, actor=owner)
    both = a_user(Role.ORGANISER, Role.APPROVER)
    with closed(vote):
        found = checking.patterns(vote, actor=owner)
        device = next(p for p in found if p.reason is Reason.DEVICE)
        assert (len(device.ids), device.voters) == (4, 4)
        with pytest.raises(DomainError, match="理由"), transaction():
            checking.strike(vote, device.ids, actor=owner, reason=Reason.DEVICE, note=" ")
        with transaction():
            assert checking.strike(vote, device.ids[1:], actor=both, reason=Reason.DEVICE, note="一台手机") == 3
        with transaction():
            checking.propose(vote, actor=owner, reason="已核查")
        with pytest.raises(Conflict, match="退回以后"), transaction():
            checking.restore(vote, device.ids, actor=owner)
        with pytest.raises(NotPermitted, match="剔除过"), transaction():
            checking.confirm(vote, actor=both)
        with pytest.raises(NotPermitted), transaction():
            checking.confirm(vote, actor=owner)
        assert counted(vote) == [None, None, None]
        with transaction():
            checking.confirm(vote, actor=approver)
    assert [(r.votes, r.struck, r.place) for r in vote.candidates] == [(1, 3, 1), (1, 0, 1), (0, 0, 3)]


def test_a_returned_check_goes_on(owner, approver):
    vote = a_vote(owner=owner)
    with opened(vote):
        a_cast(vote, a_user(), agent="x", address="y")
    with closed(vote):
        with transaction():
            checking.propose(vote, actor=owner, reason="已核查")
        with transaction():
            checking.give_back(vote, actor=approver, reason="请再看新账号")
        ids = [row.id for row in queries.seen(vote.id)]
        with transaction():
            checking.strike(vote, ids, actor=owner, reason=Reason.ACCOUNT, note="同一天注册")
        with transaction():
            assert checking.restore(vote, ids, actor=owner) == 1
    checked(vote, owner, approver)
    assert counted(vote) == [1, 0, 0]


def test_release_needs_the_check_and_removes_every_trace(owner, approver):
    vote, person = a_vote(owner=owner), a_user()
    with opened(vote):
        a_cast(vote, person, address="10.0.0.1", agent="a phone")
        assert queries.personal_data(person)["votes"][0]["entry"] == vote.candidates[0].entry.title
    with closed(vote), pytest.raises(Conflict), transaction():
        checking.release(vote, actor=owner)
    checked(vote, owner, approver)
    assert vote.public_state is VoteState.CLOSED
    with closed(vote):
        with transaction():
            checking.release(vote, actor=owner)
        with pytest.raises(Conflict, match="已经公布"), transaction():
            checking.release(vote, actor=owner)
    row = db.session.execute(sa.select(CastVote)).scalar_one()
    voter = db.session.get(Voter, row.voter_id)
    assert (row.address_hash, row.device_hash) == ("", "")
    assert (voter.user_id, voter.account_made, voter.key_hash) == (None, None, f"gone-{voter.id}")
    assert queries.personal_data(person) == {"votes": []}
    assert (vote.public_state, counted(vote)) == (VoteState.RELEASED, [1, 0, 0])


def test_cancelled_votes_are_never_counted(owner, approver):
    vote = a_vote(owner=owner)
    with opened(vote):
        a_cast(vote, a_user(), address="10.0.0.1", agent="a phone")
        with pytest.raises(DomainError, match="原因"), transaction():
            setting.cancel(vote, actor=owner, reason="")
        with transaction():
            setting.cancel(vote, actor=owner, reason="规则有误")
        with pytest.raises(Conflict, match="已取消"):
            a_cast(vote, a_user())
    with closed(vote), pytest.raises(Conflict), transaction():
        checking.propose(vote, actor=owner, reason="已核查")
    assert counted(vote) == [None, None, None]
    assert db.session.execute(sa.select(CastVote.address_hash)).scalars().all() == [""]


def test_a_cancelled_vote_makes_room_for_a_new_one_from_zero(owner, approver):
    first, person = a_vote(owner=owner), a_user()
    contest = first.stage.contest
    with opened(first):
        a_cast(first, person)
        with pytest.raises(Conflict, match="已经有一次投票"):
            a_vote(owner=owner, contest=contest)
        with transaction():
            setting.cancel(first, actor=owner, reason="规则有误")
        second = a_vote(owner=owner, contest=contest)
        assert queries.of_stage(first.stage_id).id == second.id
        with pytest.raises(Conflict, match="已经有一次投票"):
            a_vote(owner=owner, contest=contest)
    with opened(second):
        a_cast(second, person, candidate=1)  # who voted in the cancelled one has all votes again
    checked(second, owner, approver)
    assert (counted(first), counted(second)) == ([None, None, None], [0, 1, 0])
    assert [vote.id for vote in queries.all_of_stage(first.stage_id)] == [second.id, first.id]


def test_two_colleagues_who_plan_at_once_make_one_vote(app, owner):
    cancelled = a_vote(owner=owner)
    contest_id, owner_id = cancelled.stage.contest_id, owner.id
    with transaction():
        setting.cancel(cancelled, actor=owner, reason="规则有误")

    def task():
        a_vote(owner=db.session.get(User, owner_id), contest=db.session.get(Contest, contest_id))

    with clock.frozen(clock.now()):
        assert race(app, [task] * 4) == ["Conflict"] * 3 + ["done"]
    assert [vote.state for vote in queries.all_of_stage(cancelled.stage_id)] == [
        VoteState.PLANNED,
        VoteState.CANCELLED,
    ]


def test_the_plan_is_fixed_once_open_and_only_grows(owner):
    vote = a_vote(owner=owner)
    plan = {"opens": vote.opens, "closes": vote.closes, "per_day": 2, "in_all": 4, "who": "signed_in"}
    with transaction():
        setting.edit(vote, actor=owner, **plan)
    with transaction():
        setting.introduce(vote.candidates[0], actor=owner, blurb="一句话")
    with opened(vote):
        with pytest.raises(Conflict, match="不能再改"), transaction():
            setting.edit(vote, actor=owner, **plan)
        with pytest.raises(Conflict, match="不能再改"), transaction():
            setting.introduce(vote.candidates[0], actor=owner, blurb="改")
        with pytest.raises(DomainError, match="晚于"), transaction():
            setting.extend(vote, actor=owner, closes=vote.closes - HOUR)
        with transaction():
            setting.extend(vote, actor=owner, closes=vote.closes + DAY)
    assert (vote.per_day, vote.candidates[0].blurb) == (2, "一句话")


def test_nothing_of_a_vote_enters_results(owner, approver):
    vote = a_vote(owner=owner)
    before = (vote.stage.scores_version, vote.stage.chain_length, vote.stage.chain_head)
    with opened(vote):
        a_cast(vote, a_user())
    checked(vote, owner, approver)
    db.session.refresh(vote.stage)
    assert (vote.stage.scores_version, vote.stage.chain_length, vote.stage.chain_head) == before
    assert db.session.query(Tally).count() == db.session.query(Standing).count() == 0


def test_an_erased_person_leaves_a_vote_that_is_nobodys(owner):
    vote, person = a_vote(owner=owner), a_user()
    with opened(vote):
        a_cast(vote, person)
    with transaction():
        setting.forget(person)
    assert queries.personal_data(person) == {"votes": []}
    assert queries.size(vote.id) == 1
