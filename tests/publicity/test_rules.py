"""Notices, objections, two-person decisions and certificate numbers."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchmaker.core.calendar import WorkCalendar
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.core.transitions import reachable
from matchmaker.publicity import rules
from matchmaker.publicity.rules import (
    CertificateState,
    DecisionState,
    NoticeState,
    ObjectionState,
    Signature,
    certificate_number,
    read_certificate_number,
)

TODAY = date(2026, 3, 2)
LAST_MOMENT = datetime(2026, 3, 6, 15, 59, 59, tzinfo=UTC)  # 23:59:59 in Urumqi's official time


PUBLISHED = WorkCalendar(published_years=frozenset({2026}))


def objection(**changes):
    return {
        "text": "该项目成立日期有误",
        "signature": Signature.REAL_NAME,
        "signer": "异议人",
        "contact": "0991-0000000",
        "has_signed_page": True,
        "ends": date(2026, 3, 6),
        "now": LAST_MOMENT,
    } | changes


@pytest.mark.parametrize(
    ("steps", "start"),
    [
        (rules.NOTICE_STEPS, NoticeState.DRAFT),
        (rules.OBJECTION_STEPS, ObjectionState.RECEIVED),
        (rules.DECISION_STEPS, DecisionState.PROPOSED),
        (rules.CERTIFICATE_STEPS, CertificateState.VALID),
    ],
)
def test_every_state_is_in_the_table_and_can_be_reached(steps, start):
    assert set(steps) == set(type(start)) == reachable(steps, start)


def test_a_published_notice_does_not_return_to_draft():
    rules.check_transition(NoticeState.DRAFT, NoticeState.PUBLISHED)

    with pytest.raises(Conflict):
        rules.check_transition(NoticeState.PUBLISHED, NoticeState.DRAFT)


def test_announced_period_counts_the_first_day():
    period = rules.announced_period(PUBLISHED, starts=TODAY, working_days=5, today=TODAY)

    assert period.ends == date(2026, 3, 6)


def test_period_with_unannounced_holidays_can_be_planned_but_not_announced():
    calendar = WorkCalendar()

    assert rules.planned_period(calendar, starts=TODAY, working_days=5).expected
    with pytest.raises(DomainError):
        rules.announced_period(calendar, starts=TODAY, working_days=5, today=TODAY)


def test_notice_is_never_back_dated():
    with pytest.raises(DomainError) as refused:
        rules.announced_period(PUBLISHED, starts=date(2026, 3, 1), working_days=5, today=TODAY)

    assert refused.value.field == "starts"


@pytest.mark.parametrize("working_days", [0, -1, 61])
def test_period_outside_the_range_is_refused(working_days):
    with pytest.raises(DomainError) as refused:
        rules.planned_period(PUBLISHED, starts=TODAY, working_days=working_days)

    assert refused.value.field == "working_days"


def test_notice_expires_at_local_midnight():
    ends = date(2026, 3, 6)

    assert not rules.has_expired(ends=ends, now=LAST_MOMENT)
    assert rules.has_expired(ends=ends, now=LAST_MOMENT + timedelta(seconds=1))
    with pytest.raises(Conflict, match="2026-03-06"):
        rules.check_expired(ends=ends, now=LAST_MOMENT)


def test_notice_takes_effect_only_when_every_objection_is_decided():
    after = LAST_MOMENT + timedelta(hours=1)

    rules.check_effective(ends=date(2026, 3, 6), now=after, open_objections=0)
    with pytest.raises(Conflict, match="2 件异议"):
        rules.check_effective(ends=date(2026, 3, 6), now=after, open_objections=2)


@pytest.mark.parametrize("signature", Signature)
def test_signed_objection_on_the_last_evening_is_accepted(signature):
    assert rules.check_objection(**objection(signature=signature)) is None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"now": LAST_MOMENT + timedelta(seconds=1)}, None),
        ({"text": "  "}, "text"),
        ({"signature": None}, "signer"),
        ({"signer": " "}, "signer"),
        ({"contact": ""}, "contact"),
        ({"has_signed_page": False}, "signed_page"),
    ],
)
def test_late_anonymous_or_unsigned_objection_is_refused(changes, field):
    with pytest.raises(DomainError) as refused:
        rules.check_objection(**objection(**changes))

    assert refused.value.field == field


def test_objection_is_decided_with_a_reason():
    rules.check_objection_step(ObjectionState.RECEIVED, ObjectionState.INVESTIGATING)
    rules.check_objection_step(ObjectionState.INVESTIGATING, ObjectionState.UPHELD, reason="证据充分")

    with pytest.raises(DomainError) as refused:
        rules.check_objection_step(ObjectionState.INVESTIGATING, ObjectionState.UPHELD, reason=" ")
    assert refused.value.field == "reason"


def test_only_the_handler_and_the_objector_see_who_objected():
    assert rules.may_see_objector(handles_objections=True, is_objector=False)
    assert rules.may_see_objector(handles_objections=False, is_objector=True)
    assert not rules.may_see_objector(handles_objections=False, is_objector=False)


def test_nobody_confirms_their_own_decision():
    rules.check_second_person(DecisionState.PROPOSED, DecisionState.CONFIRMED, proposer=1, second=2)

    with pytest.raises(NotPermitted):
        rules.check_second_person(DecisionState.PROPOSED, DecisionState.CONFIRMED, proposer=1, second=1)
    with pytest.raises(Conflict):
        rules.check_second_person(DecisionState.CONFIRMED, DecisionState.RETURNED, proposer=1, second=2)


def test_a_decision_is_returned_with_a_reason():
    rules.check_return_reason("名单漏了一家")

    with pytest.raises(DomainError):
        rules.check_return_reason("")


numbers = st.builds(
    certificate_number,
    kind=st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=2, max_size=4),
    year=st.integers(2000, 2999),
    serial=st.integers(1, 999_999),
)


@given(numbers)
def test_number_reads_back_as_typed_by_hand(number):
    typed = str(number).lower().replace("-", "－").replace("0", "０")

    assert read_certificate_number(f" {typed} ") == number


@given(numbers, st.data())
def test_one_wrong_character_is_always_noticed(number, data):
    text = str(number)
    place = data.draw(st.sampled_from([i for i, character in enumerate(text) if character != "-"]))
    other = data.draw(st.sampled_from("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ").filter(lambda c: c != text[place]))

    with pytest.raises(DomainError):
        read_certificate_number(text[:place] + other + text[place + 1 :])


@pytest.mark.parametrize(
    "parts",
    [
        {"kind": "ds", "year": 2026, "serial": 1},
        {"kind": "D", "year": 2026, "serial": 1},
        {"kind": "DS", "year": 2026, "serial": 0},
        {"kind": "DS", "year": 2026, "serial": 1_000_000},
    ],
)
def test_number_that_does_not_fit_the_format_is_refused(parts):
    with pytest.raises(DomainError):
        certificate_number(**parts)


@pytest.mark.parametrize("text", ["", "DS-2026-000001", "证书-2026-000001-X"])
def test_text_that_is_no_number_is_refused(text):
    with pytest.raises(DomainError, match="格式不对"):
        read_certificate_number(text)


def test_certificate_is_revoked_once_with_reason_and_document():
    rules.check_revocation(CertificateState.VALID, reason="弄虚作假", document="第 1 号决定")

    for state, reason, document in [
        (CertificateState.REVOKED, "再次", "第 2 号决定"),
        (CertificateState.VALID, " ", "第 1 号决定"),
        (CertificateState.VALID, "弄虚作假", ""),
    ]:
        with pytest.raises(DomainError):
            rules.check_revocation(state, reason=reason, document=document)
