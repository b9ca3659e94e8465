"""Who an invitation is for, how it stands, and when a reminder may go out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchmaker.core.errors import Conflict, DomainError
from matchmaker.events.rules import EventState
from matchmaker.invitations import rules
from matchmaker.invitations.rules import ANSWERABLE, UNANSWERED, Guest, InvitationState

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


@given(st.text(max_size=300))
def test_one_line_never_holds_a_line_break_and_is_stable(text):
    line = rules.one_line(text)

    assert not set(line) & set("\r\n\t\x00\x0b\x0c")
    assert rules.one_line(line) == line
    assert len(line) <= 200


@given(
    st.sampled_from(["13000000011", " 1300 000 0011", "+86 130-0000-0011", "１３０００００００１１", "8613000000011"])
)
def test_one_number_has_one_form(typed):
    assert rules.check_phone(typed) == "13000000011"


@pytest.mark.parametrize("typed", ["12345", "10000000000", "abc", "130000000111", "<b>"])
def test_what_is_no_number_is_refused(typed):
    with pytest.raises(DomainError) as refusal:
        rules.check_phone(typed)
    assert refusal.value.field == "phone"


@pytest.mark.parametrize(
    ("guest", "field"),
    [
        (Guest(name="张三"), "phone"),
        (Guest(phone="13000000011"), "name"),
        (Guest(name="张" * 61, phone="13000000011"), "name"),
        (Guest(name="张三", email="not an address"), "email"),
        (Guest(name="张三", email="a@b.cn\r\nBcc: c@d.cn"), "email"),
    ],
)
def test_a_guest_that_cannot_be_invited_is_refused_on_the_field(guest, field):
    with pytest.raises(DomainError) as refusal:
        rules.checked(guest)
    assert refusal.value.field == field


def test_either_a_number_or_an_address_is_enough():
    assert rules.checked(Guest(name="张三", phone="130 0000 0011")).phone == "13000000011"
    assert rules.checked(Guest(name="张三", email="Zhang@Example.cn")).email == "zhang@example.cn"
    assert rules.checked(Guest(organisation_name="某公司", email="a@example.cn")).name == ""


def test_spelling_makes_no_second_guest():
    one = rules.checked(Guest(name="张 三", phone="13000000011"))
    other = rules.checked(Guest(name="张三", phone="+86 13000000011", email="a@example.cn"))

    assert rules.key_of(one) == rules.key_of(other)
    assert len(rules.keys_of(other)) == 2


@given(st.sampled_from(list(InvitationState)), st.integers(-1000, 1000))
def test_only_the_unanswered_run_out(state, minutes):
    shown = rules.standing(state, closes=NOW + timedelta(minutes=minutes), now=NOW)

    assert shown in {state, InvitationState.EXPIRED}
    if state not in UNANSWERED or minutes >= 0:
        assert shown is state


def remindable(**changes):
    facts = {"sent": NOW - timedelta(days=2), "reminders": 0, "last_reminded": None}
    facts |= {"event_state": EventState.PUBLISHED, "closes": NOW + timedelta(days=1), "now": NOW}
    state = changes.pop("state", InvitationState.SENT)
    rules.check_remindable(state, **{**facts, **changes})
    return True


def test_who_is_silent_for_a_day_may_be_reminded():
    assert remindable()
    assert remindable(state=InvitationState.OPENED, reminders=rules.MOST_REMINDERS - 1)


@pytest.mark.parametrize(
    "changes",
    [
        {"state": InvitationState.DECLINED},
        {"state": InvitationState.ACCEPTED},
        {"state": InvitationState.WITHDRAWN},
        {"sent": None},
        {"sent": NOW - timedelta(hours=23)},
        {"last_reminded": NOW - timedelta(hours=23)},
        {"reminders": rules.MOST_REMINDERS},
        {"event_state": EventState.CANCELLED},
        {"event_state": EventState.DRAFT},
        {"closes": NOW - timedelta(minutes=1)},
    ],
)
def test_nobody_else_is_reminded(changes):
    with pytest.raises(Conflict):
        remindable(**changes)


@given(st.text(max_size=200))
def test_tags_are_short_and_single(text):
    tags = rules.split_tags(text)

    assert len(tags) == len(set(tags)) <= 10
    assert all(tag and len(tag) <= 40 for tag in tags)


def test_an_answer_stays_open_for_who_declined():
    assert InvitationState.DECLINED in ANSWERABLE
    assert not set(ANSWERABLE) & {InvitationState.ACCEPTED, *rules.ENDED}
