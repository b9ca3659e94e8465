"""People of an entry are asked, answer for themselves, and are limited; nobody else answers for them."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from matchmaker.competition.models import Entry, EntryMember
from matchmaker.competition.queries import teams as queries
from matchmaker.competition.rules.eligibility import Verdict
from matchmaker.competition.rules.teams import MemberState
from matchmaker.competition.services import checks, contests, entries, teams
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import Conflict, DomainError, Missing, NotPermitted
from matchmaker.core.viewer import Nobody
from matchmaker.notifications.models import Message
from tests.cast import a_user
from tests.factories.competition import ELIGIBILITY, a_contest, an_entry

TWO = [
    {"name": "李四", "phone": "13900000002", "email": "li@example.cn"},
    {"name": "王五", "phone": "13900000003", "email": ""},
]


def token_of(member):
    return teams.link_of(member).rsplit("/", 1)[-1]


def answer(member, *, taking_part=True, viewer=None):
    with transaction():
        teams.answer(member, taking_part=taking_part, viewer=viewer or Nobody())


def written_to():
    return sorted(db.session.execute(db.select(Message.address).where(Message.to_name.in_(["李四", "王五"]))).scalars())


def test_members_are_asked_when_the_entry_is_handed_in_and_not_before(organiser):
    contest = a_contest(owner=organiser)
    entry = an_entry(contest, members=TWO, submitted=False)
    assert written_to() == []

    with transaction():
        entries.submit(entry, actor=entry.user)

    assert written_to() == ["13900000003", "li@example.cn"]
    assert [m.state for m in entry.team] == [MemberState.ASKED] * 2


def test_link_leads_to_one_member_until_it_expires_or_is_replaced(organiser):
    entry = an_entry(a_contest(owner=organiser), members=TWO)
    token = token_of(entry.team[0])

    assert teams.find(token) is entry.team[0]
    for bad in ("", "x", token + "x", token[:-2]):
        with pytest.raises(Missing, match="不完整"):
            teams.find(bad)
    with clock.frozen(clock.now() + timedelta(days=14, seconds=2)), pytest.raises(Missing, match="过期"):
        teams.find(token)
    with clock.frozen(clock.now() + timedelta(hours=2)):
        with transaction():
            teams.ask_again(entry.team[0], actor=entry.user)
        with pytest.raises(Missing, match="失效"):
            teams.find(token)


def test_nobody_is_asked_twice_an_hour_nor_by_strangers(organiser):
    entry = an_entry(a_contest(owner=organiser), members=TWO)

    with pytest.raises(Conflict, match="一小时"), transaction():
        teams.ask_again(entry.team[0], actor=entry.user)
    stranger = a_user()
    with pytest.raises(NotPermitted), transaction():
        teams.ask_again(entry.team[0], actor=stranger)


def test_changed_contact_asks_anew_and_an_unchanged_one_keeps_its_answer(organiser):
    contest = a_contest(owner=organiser)
    entry = an_entry(contest, members=TWO)
    for member in entry.team:
        answer(member)
    with transaction():
        entries.take_back(entry, actor=entry.user)
        entries.save(
            contest,
            actor=entry.user,
            entry=entry,
            organisation_id=entry.organisation_id,
            group_id=entry.group_id,
            track_id=entry.track_id,
            members=[TWO[0], {**TWO[1], "phone": "13900000009"}],
        )

    assert [m.state for m in entry.team] == [MemberState.CONFIRMED, MemberState.ASKED]


def test_silence_is_a_finding_once_entries_are_closed(organiser):
    contest = a_contest(owner=organiser)
    entry = an_entry(contest, members=TWO)
    assert checks.verdicts_of(entry)["team"] is Verdict.PASS
    answer(entry.team[0])

    with clock.frozen(contest.deadline + timedelta(minutes=1)), transaction():
        contests.close_entries(contest, actor=organiser)

    assert checks.verdicts_of(entry)["team"] is Verdict.NEEDS_PERSON
    assert next(row for row in entry.findings if row["check"] == "team")["values"] == {"names": "王五"}
    with clock.frozen(contest.deadline + timedelta(minutes=2)):
        answer(entry.team[1])
    assert checks.verdicts_of(entry)["team"] is Verdict.PASS


def test_no_is_told_to_the_entrant_and_is_a_finding_at_once(organiser):
    entry = an_entry(a_contest(owner=organiser), members=TWO)
    answer(entry.team[0], taking_part=False)

    assert checks.verdicts_of(entry)["team"] is Verdict.NEEDS_PERSON
    told = (
        db.session.query(Message).filter(Message.user_id == entry.user_id, Message.subject.contains("不参加")).count()
    )
    assert told == 1


def test_a_third_entry_of_a_person_is_refused(organiser):
    contest = a_contest(owner=organiser)
    same = [{"name": "李四", "phone": "13900000002", "email": ""}]
    three = [an_entry(contest, members=same) for _ in range(3)]
    answer(three[0].team[0])
    answer(three[1].team[0])

    with pytest.raises(Conflict, match="最多参加 2 个"):
        answer(three[2].team[0])
    with pytest.raises(Conflict, match="最多参加 2 个"):
        an_entry(contest, phone="13900000002")


def test_answers_in_the_same_second_do_not_pass_the_limit(app, organiser):
    contest = a_contest(owner=organiser)
    same = [{"name": "李四", "phone": "13900000002", "email": ""}]
    ids = [an_entry(contest, members=same).team[0].id for _ in range(6)]
    barrier, seen = threading.Barrier(len(ids)), []

    def say_yes(member_id):
        with app.app_context():
            barrier.wait()
            try:
                with transaction() as session:
                    teams.answer(session.get_one(EntryMember, member_id), taking_part=True, viewer=Nobody())
                seen.append("in")
            except Conflict:
                seen.append("too many")
            finally:
                db.session.remove()

    threads = [threading.Thread(target=say_yes, args=(key,)) for key in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    db.session.rollback()
    confirmed = db.select(EntryMember.id).where(EntryMember.state == MemberState.CONFIRMED)
    assert sorted(seen) == ["in"] * 2 + ["too many"] * 4
    assert len(db.session.execute(confirmed).all()) == 2


def test_no_limit_is_a_rule_too(organiser):
    rules = {**ELIGIBILITY, "entries": {"entries_per_person": None}}
    contest = a_contest(owner=organiser, eligibility=rules)

    assert [an_entry(contest, phone="13900000002").state.value for _ in range(4)] == ["submitted"] * 4


def test_signed_in_person_finds_only_rows_with_a_proved_address(organiser):
    entry = an_entry(a_contest(owner=organiser), members=TWO)
    li = a_user(email="li@example.cn")
    unproved = a_user(email="wang@example.cn")
    with transaction():
        unproved.phone = "13900000003"

    def found(who):
        return db.session.execute(queries.waiting_for(who)).unique().scalars().all()

    assert found(li) == [entry.team[0]]
    assert found(unproved) == []
    answer(entry.team[0], viewer=li)
    assert (entry.team[0].user_id, found(li)) == (li.id, [])


def test_answers_end_with_the_beginning_of_judging_and_with_the_entry(organiser):
    contest = a_contest(owner=organiser)
    entry = an_entry(contest, members=TWO)
    with transaction():
        entries.withdraw(entry, actor=entry.user, reason="不参加了")

    with pytest.raises(DomainError, match="退出比赛"):
        answer(entry.team[0])


def test_a_person_who_leaves_is_nobody_in_teams(organiser):
    entry = an_entry(a_contest(owner=organiser), members=TWO)
    li = a_user(email="li@example.cn")
    assert [row["entry"] for row in queries.personal_data(li)] == [entry.title]

    with transaction():
        entries.forget(li)

    row = db.session.get(EntryMember, entry.team[0].id)
    assert (row.name[:3], row.phone, row.email) == ("已注销", "", "")
    assert db.session.get(Entry, entry.id).team[1].name == "王五"
