"""Notices, objections, decisions and certificates against a real database."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from matchmaker.accounts.rules import Role
from matchmaker.activity.models import Activity
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.notifications.models import Message
from matchmaker.publicity import access, queries
from matchmaker.publicity.models import Decision, Notice, Objection
from matchmaker.publicity.rules import DecisionState, NoticeState, ObjectionState
from matchmaker.publicity.services import calendars, notices, objections
from tests.cast import OTHER_REGION, a_user
from tests.factories.directory import an_organisation
from tests.factories.files import an_upload
from tests.factories.publicity import (
    ITEM,
    a_draft,
    a_notice,
    an_objection,
    decided,
)


def at(text):
    """A moment in Beijing time."""
    return clock.frozen(datetime.fromisoformat(f"{text}+08:00"))


@pytest.mark.parametrize(
    ("starts", "days", "ends"),
    [
        (date(2018, 6, 6), 10, date(2018, 6, 20)),  # W1: the 18th was a holiday
        (date(2023, 11, 7), 3, date(2023, 11, 9)),  # W2
        (date(2020, 9, 25), 7, date(2020, 10, 10)),  # W3: 27 September and 10 October were worked
    ],
)
def test_publish_counts_working_days(years, starts, days, ends):
    with clock.frozen(datetime(starts.year, starts.month, starts.day, 1, tzinfo=UTC)):
        notice = a_notice(owner=a_user(Role.HANDLER), working_days=days)

    assert (notice.starts, notice.ends, notice.state) == (starts, ends, NoticeState.PUBLISHED)


def test_publish_gives_numbers_by_region_and_year(handler):
    numbers_given = [a_notice(owner=handler).number for _ in range(2)]

    assert numbers_given == ["公示〔2026〕1 号", "公示〔2026〕2 号"]
    other = a_notice(owner=a_user(Role.HANDLER, region=OTHER_REGION), region=OTHER_REGION)
    assert other.number == "公示〔2026〕1 号"


def test_publish_into_a_year_without_announced_holidays_is_refused(years):
    with at("2026-12-28T09:00"):
        owner = a_user(Role.HANDLER)
        notice = a_draft(owner=owner)

        with pytest.raises(DomainError, match="尚未公布"), transaction():
            notices.publish(notice, actor=owner)

    assert (notice.state, notice.number, notice.ends) == (NoticeState.DRAFT, None, None)


def test_publish_works_once_the_year_is_announced(years):
    with at("2026-12-28T09:00"):
        owner, admin = a_user(Role.HANDLER), a_user(Role.ADMINISTRATOR)
        notice = a_draft(owner=owner)
        with transaction():
            calendars.announce_year(
                actor=admin,
                year=2027,
                source="国办发明电〔2026〕0号",
                days_off="2027-01-01 至 2027-01-03\n2027-02-05 至 2027-02-11",
                days_worked="2027-02-13",
            )
        with transaction():
            notices.publish(notice, actor=owner)

    assert notice.ends == date(2027, 1, 4)


def test_publish_back_dated_is_refused(handler):
    notice = a_draft(owner=handler)

    with pytest.raises(DomainError, match="不能早于今天"), transaction():
        notices.publish(notice, actor=handler, starts=date(2026, 3, 1))

    assert notice.state is NoticeState.DRAFT


def test_a_published_notice_cannot_be_edited(handler):
    notice = a_notice(owner=handler)

    with pytest.raises(Conflict, match="不能修改"), transaction():
        notices.edit(notice, actor=handler, title="改")

    assert notice.title == "关于拟获奖名单的公示"


@pytest.mark.parametrize(
    ("values", "field"),
    [({"items": []}, "items"), ({"items": [ITEM, ITEM]}, "items"), ({"working_days": 0}, "working_days"),
     ({"contact_name": " "}, "contact_name"), ({"contact_phone": ""}, "contact_phone")],
)  # fmt: skip
def test_incomplete_drafts_are_refused(handler, values, field):
    with pytest.raises(DomainError) as caught:
        a_draft(owner=handler, **values)

    assert caught.value.field == field
    assert db.session.execute(sa.select(Notice)).first() is None


def test_staff_of_another_region_can_do_nothing(handler):
    notice = a_draft(owner=handler)
    stranger = a_user(Role.HANDLER, region=OTHER_REGION)

    for act in (notices.publish, notices.make_effective):
        with pytest.raises(NotPermitted), transaction():
            act(notice, actor=stranger)


def test_a_withdrawn_notice_keeps_its_reason_and_is_never_clear(handler):
    notice = a_notice(owner=handler)
    with transaction():
        notices.withdraw(notice, actor=handler, reason="名单有误，重新公示")

    assert (notice.state, notice.reason) == (NoticeState.WITHDRAWN, "名单有误，重新公示")
    with pytest.raises(Conflict, match="已撤回"):
        notices.require_clear(notice, now=clock.now() + timedelta(days=60))


def test_the_period_ends_by_itself_at_midnight(handler):
    notice = a_notice(owner=handler)  # Monday 2 March, five working days: ends on Friday 6 March
    last, over = datetime(2026, 3, 6, 15, 59, 59, tzinfo=UTC), datetime(2026, 3, 6, 16, 0, tzinfo=UTC)

    assert (notice.state_at(last), notice.state_at(over)) == (NoticeState.PUBLISHED, NoticeState.EXPIRED)
    with pytest.raises(Conflict, match="2026-03-06"):
        notices.require_clear(notice, now=last)
    notices.require_clear(notice, now=over)


def test_make_effective_waits_for_the_period_and_the_objections(handler, approver):
    notice = a_notice(owner=handler)
    row = an_objection(notice)
    with at("2026-03-09T09:00"):
        with pytest.raises(Conflict, match="1 件异议"), transaction():
            notices.make_effective(notice, actor=handler)
        decided(row, handler=handler, approver=approver)
        with transaction():
            notices.make_effective(notice, actor=handler)

    assert notice.state is NoticeState.EFFECTIVE
    notices.require_clear(notice)


def test_the_owner_is_told_once_that_the_period_is_over(handler):
    a_notice(owner=handler)
    with at("2026-03-09T09:00"):
        for expected in (1, 0):
            with transaction():
                assert notices.tell_ended() == expected


# --- objections


def test_an_objection_on_the_last_evening_is_taken_and_a_minute_later_refused(handler):
    notice = a_notice(owner=handler)

    with at("2026-03-06T23:59"):
        row = an_objection(notice)
    with at("2026-03-07T00:00"), pytest.raises(Conflict, match="不再受理"):
        an_objection(notice, phone="13900000002")

    assert (row.state, db.session.query(Objection).count()) == (ObjectionState.RECEIVED, 1)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"signer": " "}, "匿名异议不予受理"),
        ({"signature": None}, "匿名异议不予受理"),
        ({"text": ""}, "用文字写明"),
        ({"phone": ""}, "联系方式"),
        ({"signed_page": None}, "扫描件"),
        ({"signed_page": an_upload("a.html", b"<html>")}, "不能上传"),
    ],
)
def test_incomplete_objections_change_nothing(handler, values, sentence):
    notice = a_notice(owner=handler)

    with pytest.raises(DomainError, match=sentence):
        an_objection(notice, **values)

    assert db.session.query(Objection).count() == 0


def test_a_sixth_objection_within_a_day_is_refused(handler):
    notice = a_notice(owner=handler)
    for _ in range(5):
        an_objection(notice, source="same-house", phone=f"1390000000{_}")

    with pytest.raises(Conflict, match="最多提交 5 件"):
        an_objection(notice, source="same-house", phone="13900000009")
    with at("2026-03-04T10:01"):
        an_objection(notice, source="same-house", phone="13900000009")


def test_a_notice_under_dispute_returns_to_public_when_all_is_decided(handler, approver):
    notice = a_notice(owner=handler)
    row = an_objection(notice)

    with transaction():
        objections.accept(row, actor=handler)
    disputed = notice.state
    with transaction():
        objections.propose_outcome(row, actor=handler, outcome=ObjectionState.UPHELD, answer="属实，予以更正")
    with transaction():
        objections.confirm_outcome(row, actor=approver)

    assert (disputed, notice.state) == (NoticeState.DISPUTED, NoticeState.PUBLISHED)
    assert (row.state, row.answer) == (ObjectionState.UPHELD, "属实，予以更正")
    sent = db.session.execute(sa.select(Message).where(Message.address == "13900000001")).scalar_one()
    assert "属实，予以更正" in sent.text


def test_an_outcome_needs_a_second_person(handler, approver):
    row = an_objection(a_notice(owner=handler))
    both = a_user(Role.HANDLER, Role.APPROVER)
    with transaction():
        objections.accept(row, actor=both)
    with transaction():
        objections.propose_outcome(row, actor=both, outcome=ObjectionState.DISMISSED, answer="不属实")

    with pytest.raises(NotPermitted, match="自己提出"), transaction():
        objections.confirm_outcome(row, actor=both)

    assert row.state is ObjectionState.INVESTIGATING


def test_a_returned_outcome_can_be_proposed_again(handler, approver):
    row = an_objection(a_notice(owner=handler))
    with transaction():
        objections.propose_outcome(row, actor=handler, outcome=ObjectionState.REFUSED, answer="没有证据")
    with transaction():
        objections.return_outcome(row, actor=approver, reason="请先核实")
    with transaction():
        objections.propose_outcome(row, actor=handler, outcome=ObjectionState.REFUSED, answer="核实后仍无证据")

    states = db.session.execute(sa.select(Decision.state).order_by(Decision.id)).scalars().all()
    assert states == [DecisionState.RETURNED, DecisionState.PROPOSED]
    assert row.state is ObjectionState.RECEIVED


def test_withdrawing_an_objection_clears_the_notice(handler):
    notice = a_notice(owner=handler)
    row = an_objection(notice)
    with transaction():
        objections.accept(row, actor=handler)
    with transaction():
        objections.propose_outcome(row, actor=handler, outcome=ObjectionState.DISMISSED, answer="不属实")
    with transaction():
        objections.withdraw(row)

    assert queries.decision_of(row, kind=objections.DECISION).state is DecisionState.RETURNED
    assert (row.state, notice.state) == (ObjectionState.WITHDRAWN, NoticeState.PUBLISHED)


def test_who_objected_is_for_those_who_handle_it_only(handler, approver):
    firm = an_organisation(name="被异议企业有限公司")
    objector = a_user()
    notice = a_notice(owner=handler, items=[{"name": firm.name, "uscc": firm.uscc, "detail": ""}])
    row = an_objection(notice, actor=objector)

    party = a_user(Role.HANDLER, organisation=firm)
    others = [a_user(), a_user(Role.ORGANISER), a_user(Role.AUDITOR), a_user(Role.LEADER), a_user(Role.ADMINISTRATOR)]
    stranger = a_user(Role.HANDLER, region=OTHER_REGION)

    assert all(access.may_see_identity(person, row) for person in (handler, approver, objector))
    assert not any(access.may_see_identity(person, row) for person in (party, stranger, *others))


def test_a_handler_named_by_the_notice_cannot_handle_the_objection(handler):
    row = an_objection(a_notice(owner=handler, items=[ITEM | {"user_id": handler.id}]))

    with pytest.raises(NotPermitted, match="关联"), transaction():
        objections.accept(row, actor=handler)


def test_log_and_messages_do_not_name_the_objector(handler, approver):
    row = an_objection(a_notice(owner=handler), actor=a_user(name="金丝雀"), signer="金丝雀", email="canary@example.cn")
    decided(row, handler=handler, approver=approver)

    logged = db.session.execute(sa.select(Activity).where(Activity.kind.startswith("publicity."))).scalars().all()
    sent = db.session.execute(sa.select(Message).where(Message.address != "canary@example.cn")).scalars().all()

    assert (len(logged) >= 5, len(sent) >= 1) == (True, True)
    assert not any("金丝雀" in f"{a.actor_name}{a.data}" for a in logged)
    assert not any("金丝雀" in m.subject + m.text for m in sent)


# --- decisions
