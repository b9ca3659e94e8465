"""Accepted entries after an amendment of the entry rules: listed, decided one by one, before judging begins."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from matchmaker.accounts.rules import Role
from matchmaker.competition.models import EntryRecheck
from matchmaker.competition.queries import rechecks
from matchmaker.competition.rules.eligibility import Verdict
from matchmaker.competition.rules.rechecking import Outcome
from matchmaker.competition.rules.states import EntryState
from matchmaker.competition.services import assigning, checks, contests, entries, rechecking, rulebook, stages
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.notifications.models import Message
from tests.cast import OTHER_REGION, a_user, sign_in
from tests.factories.competition import ELIGIBILITY, a_contest, a_judge, an_entry, followed

WAN = 10_000_00


def amended(contest, organiser, approver, **values):
    """Entry rules changed by two people."""

    def edit():
        contest.eligibility = {**contest.eligibility, **values}

    with transaction():
        rulebook.change(contest, actor=organiser, reason="面向小企业", edit=edit)
    with transaction():
        return rulebook.confirm_amendment(contest, actor=approver)


def messages_to(user_id):
    return db.session.query(Message).where(Message.user_id == user_id).count()


def outcomes():
    rows = db.session.execute(sa.select(EntryRecheck).order_by(EntryRecheck.id)).unique().scalars()
    return [(row.entry_id, row.number, row.outcome) for row in rows]


@pytest.fixture
def contest(organiser):
    return a_contest(owner=organiser)


@pytest.fixture
def accepted(contest, organiser):
    """(small firm, large firm, large firm): revenue of 10 and 300 万元, all accepted."""
    rows = [an_entry(contest, revenue_fen=wan * WAN) for wan in (10, 300, 300)]
    with transaction():
        for row in rows:
            entries.accept(row, actor=organiser)
    return rows


def test_only_accepted_entries_that_no_longer_pass_are_listed_and_nobody_is_told(
    contest, accepted, organiser, approver
):
    small, large, other = accepted
    left = an_entry(contest, revenue_fen=300 * WAN)
    with transaction():
        entries.accept(left, actor=organiser)
        entries.withdraw(left, actor=left.user, reason="不参加了")
    entrant = small.user_id
    told = messages_to(entrant)

    version = amended(contest, organiser, approver, revenue_limit_fen=100 * WAN)

    assert outcomes() == [(large.id, version.number, Outcome.OPEN), (other.id, version.number, Outcome.OPEN)]
    assert {row.state for row in accepted} == {EntryState.GROUPED}
    assert (checks.overall_of(small), checks.overall_of(large)) == (Verdict.PASS, Verdict.FAIL)
    assert (told, messages_to(entrant), messages_to(large.user_id)) == (2, 2, 2)  # handed in, accepted: no third


def test_kept_with_grounds_and_undone(contest, accepted, organiser, approver):
    _small, large, other = accepted
    amended(contest, organiser, approver, revenue_limit_fen=100 * WAN)
    with pytest.raises(DomainError, match="理由"), transaction():
        rechecking.keep(large, actor=organiser, note="  ")
    with transaction():
        rechecking.keep(large, actor=organiser, note="报名在补充通知以前，经办公会同意保留")

    kept = rechecks.latest_of(large.id)
    assert (kept.outcome, kept.actor.name, large.state) == (Outcome.KEPT, "组织者", EntryState.GROUPED)
    assert checks.overall_of(large) is Verdict.PASS
    assert checks.settlement_of(large, "revenue").note == "报名在补充通知以前，经办公会同意保留"
    assert rechecks.count_open(contest.id) == 1
    with pytest.raises(Conflict, match="没有等待决定"), transaction():
        rechecking.keep(large, actor=organiser, note="再来一次")

    with transaction():
        rechecking.undo_keep(large, actor=organiser)
    assert (rechecks.open_of(large.id).note, checks.overall_of(large)) == ("", Verdict.FAIL)
    with pytest.raises(Conflict, match="不能撤销"), transaction():
        rechecking.undo_keep(other, actor=organiser)


def test_returned_for_correction_and_accepted_again(contest, accepted, organiser, approver):
    small, large, _other = accepted
    amended(contest, organiser, approver, revenue_limit_fen=100 * WAN)
    with pytest.raises(Conflict, match="没有等待决定"), transaction():
        entries.send_back(small, actor=organiser, reason="想再看看")  # nothing questions it
    with transaction():
        entries.send_back(large, actor=organiser, reason="营业收入超过新的上限")
    assert (large.state, rechecks.latest_of(large.id).outcome) == (EntryState.RETURNED, Outcome.RETURNED)
    with transaction():
        fixed = {"organisation_id": large.organisation_id, "group_id": large.group_id, "track_id": large.track_id}
        entries.save(contest, actor=large.user, entry=large, **fixed, revenue_fen=90 * WAN)
        entries.submit(large, actor=large.user)
    with transaction():
        entries.accept(large, actor=organiser)
    assert (large.state, rechecks.open_of(large.id)) == (EntryState.GROUPED, None)


def test_a_later_amendment_that_lets_them_pass_closes_what_waits(contest, accepted, organiser, approver):
    _small, large, other = accepted
    first = amended(contest, organiser, approver, revenue_limit_fen=100 * WAN)
    with transaction():
        rechecking.keep(large, actor=organiser, note="经办公会同意保留")
    amended(contest, organiser, approver, revenue_limit_fen=ELIGIBILITY["revenue_limit_fen"])
    assert outcomes() == [(large.id, first.number, Outcome.KEPT), (other.id, first.number, Outcome.LAPSED)]
    third = amended(contest, organiser, approver, revenue_limit_fen=50 * WAN)
    assert [row for row in outcomes() if row[1] == third.number] == [
        (large.id, third.number, Outcome.OPEN),  # the grounds were about another sentence
        (other.id, third.number, Outcome.OPEN),
    ]


def test_judging_does_not_begin_while_one_waits(contest, accepted, organiser, approver):
    _small, large, other = accepted
    amended(contest, organiser, approver, revenue_limit_fen=100 * WAN)
    for _ in range(2):
        a_judge(contest, owner=organiser)
    with transaction():
        rechecking.keep(large, actor=organiser, note="经办公会同意保留")
    with clock.frozen(contest.deadline + timedelta(minutes=1)):
        with transaction():
            contests.close_entries(contest, actor=organiser)
        with transaction():
            plan = assigning.propose(contest.current, actor=organiser)
            assigning.confirm(contest.current, actor=organiser, pairs=plan.pairs)
        with pytest.raises(Conflict, match="还有 1 个已通过审查的项目"), transaction():
            stages.open_stage(contest.current, actor=organiser)
        with transaction():
            rechecking.keep(other, actor=organiser, note="经办公会同意保留")
        with transaction():
            assert stages.open_stage(contest.current, actor=organiser) == 3
        with pytest.raises(Conflict, match="评审已经开始"), transaction():
            rechecking.undo_keep(other, actor=organiser)


def test_pages_lead_from_the_desk_to_the_decision(client, contest, accepted, organiser, approver):
    _small, large, other = accepted
    sign_in(client, organiser)
    base = f"/contests/manage/{contest.id}"
    assert "补充通知后待决定" not in client.get(base).text
    amended(contest, organiser, approver, revenue_limit_fen=100 * WAN)

    assert "补充通知后待决定" in client.get(base).text
    assert "要按补充通知重新决定" in client.get("/desk").text
    listed = client.get(f"{base}/rechecks?outcome=open").text
    assert (large.title in listed, other.title in listed, _small.title in listed) == (True, True, False)
    assert "营业收入" in listed
    review = client.get(f"/contests/manage/entries/{large.id}").text
    assert ("系统没有通知参赛者" in review, "保留，继续参赛" in review) == (True, True)
    url = f"/contests/manage/entries/{large.id}/keep"
    assert "请写明保留的理由" in followed(client, url, data={"note": ""}).text
    assert "已保留" in followed(client, url, data={"note": "经办公会同意"}).text
    assert "已撤销，请重新决定" in followed(client, f"{url}/undo").text
    reason = client.get(f"/contests/manage/entries/{other.id}/return").text
    assert "营业收入" in reason  # what does not pass stands in the reason already
    followed(client, f"/contests/manage/entries/{other.id}/return", data={"reason": "请核对营业收入"})
    assert client.get(base).text.count("补充通知后待决定") == 1


def test_neither_strangers_nor_parties_decide(client, contest, accepted, organiser, approver):
    large = accepted[1]
    amended(contest, organiser, approver, revenue_limit_fen=100 * WAN)
    party = a_user(Role.ORGANISER, organisation=large.organisation)
    for actor in (party, a_user(Role.ORGANISER, region=OTHER_REGION), approver):
        with pytest.raises(NotPermitted), transaction():
            rechecking.keep(large, actor=actor, note="我来决定")
    sign_in(client, party)
    assert client.post(f"/contests/manage/entries/{large.id}/keep", data={"note": "是"}).status_code == 404
    assert large.title not in client.get(f"/contests/manage/{contest.id}/rechecks").text


def test_a_longer_list_needs_no_more_statements(client, organiser, approver, count_queries):
    contests_ = []
    for rows in (1, 3):
        contest = a_contest(owner=organiser)
        listed = [an_entry(contest, revenue_fen=300 * WAN) for _ in range(rows)]
        with transaction():
            for row in listed:
                entries.accept(row, actor=organiser)
        amended(contest, organiser, approver, revenue_limit_fen=100 * WAN)
        contests_.append(contest.id)
    sign_in(client, organiser)
    client.get(f"/contests/manage/{contests_[0]}/rechecks")
    counts = []
    for contest_id in contests_:
        count_queries.clear()
        assert client.get(f"/contests/manage/{contest_id}/rechecks").status_code == 200
        counts.append(len(count_queries))
    assert counts[0] == counts[1]
