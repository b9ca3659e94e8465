"""Rules of events: times, capacity, states, and reading the lines that people type."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchmaker.core.errors import Conflict, DomainError
from matchmaker.events import rules
from matchmaker.events.rules import AttendeeLine, EventState, RegistrationState

START = datetime(2026, 3, 20, 2, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize("ends", [START, START - HOUR])
def test_an_event_ends_after_it_starts(ends):
    with pytest.raises(DomainError) as refusal:
        rules.check_times(starts=START, ends=ends, deadline=START)
    assert refusal.value.field == "ends"


def test_registration_may_stay_open_until_the_event_ends_but_no_longer():
    rules.check_times(starts=START, ends=START + HOUR, deadline=START + HOUR)
    with pytest.raises(DomainError) as refusal:
        rules.check_times(starts=START, ends=START + HOUR, deadline=START + 2 * HOUR)
    assert refusal.value.field == "deadline"


@pytest.mark.parametrize(
    ("capacity", "used", "fits"),
    [(1, 0, True), (0, 0, False), (100_000, 0, True), (100_001, 0, False), (3, 3, True), (2, 3, False)],
)
def test_a_capacity_holds_what_is_taken(capacity, used, fits):
    if fits:
        rules.check_capacity(capacity, used=used)
    else:
        with pytest.raises(DomainError):
            rules.check_capacity(capacity, used=used)


@pytest.mark.parametrize(
    ("state", "late_by", "open_now"),
    [
        (EventState.PUBLISHED, timedelta(0), True),
        (EventState.PUBLISHED, timedelta(microseconds=1), False),
        (EventState.DRAFT, -HOUR, False),
        (EventState.CANCELLED, -HOUR, False),
    ],
)
def test_the_moment_of_the_deadline_still_counts(state, late_by, open_now):
    assert rules.is_open(state=state, deadline=START, now=START + late_by) is open_now
    if not open_now:
        with pytest.raises(Conflict):
            rules.check_open(state=state, deadline=START, now=START + late_by)


def test_what_has_ended_comes_back_only_through_a_state_that_claims_seats_or_waits():
    for ended in (RegistrationState.WITHDRAWN, RegistrationState.CANCELLED, RegistrationState.LAPSED):
        for target in set(RegistrationState) - {*rules.HOLDING, RegistrationState.WAITING}:
            with pytest.raises(Conflict):
                rules.check_registration_step(ended, target)


def test_a_registration_can_be_withdrawn_until_the_event_starts():
    rules.check_withdrawable(starts=START, now=START - timedelta(seconds=1))
    with pytest.raises(Conflict):
        rules.check_withdrawable(starts=START, now=START)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("张三", AttendeeLine("张三", "")),
        ("张三，13000000001", AttendeeLine("张三", "13000000001")),
        ("张三,130 0000 0001", AttendeeLine("张三", "13000000001")),
        ("张三 １３００００００００１", AttendeeLine("张三", "13000000001")),
        ("张三\t0991-4800000", AttendeeLine("张三", "09914800000")),
        ("阿依古丽·艾山；13000000001", AttendeeLine("阿依古丽·艾山", "13000000001")),
        ("John Smith, 13000000001", AttendeeLine("John Smith", "13000000001")),
    ],
)
def test_a_line_is_read_the_way_people_type_it(line, expected):
    assert rules.attendees_of(line) == [expected]


@pytest.mark.parametrize("line", ["13000000001", "张三，123", "张三，13000000001，经理", "甲" * 61])
def test_a_line_that_is_unclear_names_itself(line):
    with pytest.raises(DomainError, match="第 2 行") as refusal:
        rules.attendees_of(f"李四\n{line}")
    assert refusal.value.field == "attendees"


@given(st.lists(st.text(alphabet="甲乙丙丁戊己庚辛", min_size=1, max_size=6), min_size=1, max_size=50, unique=True))
def test_as_many_people_come_as_lines_were_typed(names):
    assert [person.name for person in rules.attendees_of("\n".join(names))] == names


@given(st.text(max_size=400))
def test_any_text_is_read_or_refused_on_its_field(text):
    try:
        people = rules.attendees_of(text)
    except DomainError as refusal:
        assert refusal.field == "attendees"
    else:
        assert people
