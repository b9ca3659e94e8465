"""Announcing, handing in and screening: each guard once."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from matchmaker.accounts.rules import Role
from matchmaker.competition.queries import entries as entry_queries
from matchmaker.competition.rules.aggregation import Aggregation
from matchmaker.competition.rules.states import ContestState, EntryState
from matchmaker.competition.services import contests, entries, reminders, stages
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from tests.cast import OTHER_REGION, a_user
from tests.factories.competition import (
    ELIGIBILITY,
    a_contest,
    an_entry,
    group_of,
)
from tests.factories.directory import an_organisation


def test_announcing_freezes_the_rules_with_a_fingerprint(organiser):
    contest = a_contest(owner=organiser)

    assert contest.state is ContestState.REGISTRATION
    assert contest.rules["eligibility"]["doc_no"] == "测试〔2026〕1 号"
    assert len(contest.rules_hash) == 64
    with pytest.raises(Conflict, match="规则已固定"), transaction():
        contests.edit(contest, actor=organiser, eligibility=ELIGIBILITY, groups=[], tracks=[], stages=[])


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
            stages.open_stage(contest.current, actor=organiser)


def test_submitted_entry_keeps_what_the_checks_found(organiser):
    entry = an_entry(a_contest(owner=organiser))

    assert entry.state is EntryState.SUBMITTED
    assert {row["check"]: row["verdict"] for row in entry.findings} == {
        "registration": "pass", "group": "pass", "revenue": "pass", "listing": "pass", "number": "pass", "wins": "pass",
        "district": "pass", "ip": "pass", "record": "pass", "team": "pass", "people": "pass", "copies": "pass",
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


def test_person_gets_and_forgets_what_is_held_about_them(organiser):
    person = a_user(name="王小明")
    entry = an_entry(a_contest(owner=organiser), actor=person, submitted=False, leader="王小明", phone="13900000009")

    held = entry_queries.personal_data(person)
    with transaction():
        entries.forget(person)

    assert [(row["title"], row["phone"]) for row in held["entries"]] == [(entry.title, "13900000009")]
    assert (entry.leader, entry.phone, entry.state) == ("已注销", "", EntryState.WITHDRAWN)
    assert {member["name"][:3] for member in entry.members} == {"已注销"}


def test_reminders_are_queued_once(organiser):
    contest = a_contest(owner=organiser)
    an_entry(contest, submitted=False)

    with clock.frozen(contest.deadline - timedelta(hours=40)):
        queued = []
        for _run in range(2):
            with transaction():
                queued.append(reminders.remind_entrants())

    assert queued == [1, 0]
