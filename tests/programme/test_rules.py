"""Clashes, rhythms and events to begin with, as rules."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchmaker.core.calendar import WorkCalendar, moved, wall_time
from matchmaker.core.errors import DomainError
from matchmaker.programme.gateways import outlines
from matchmaker.programme.rules import ClashKind, Frame, Slot, clashes, overlap
from matchmaker.programme.rules.rhythm import DayNote, Rhythm, days, proposals

START = datetime(2026, 3, 20, 1, 30, tzinfo=UTC)


@st.composite
def slots(draw):
    begins = draw(st.integers(0, 600))
    length = draw(st.integers(1, 120))
    return Slot(
        id=draw(st.integers(1, 10**6)),
        title=draw(st.sampled_from("甲乙丙丁")),
        starts=START + timedelta(minutes=begins),
        ends=START + timedelta(minutes=begins + length),
        room_id=draw(st.sampled_from([None, 1, 2])),
        room_capacity=draw(st.sampled_from([None, 20])),
        people=draw(st.lists(st.sampled_from([(1, "艾力"), (2, "李明")]), unique=True)),
        places=draw(st.sampled_from([None, 10, 30])),
    )


programmes = st.lists(slots(), max_size=12, unique_by=lambda slot: slot.id)


def pairs(found, kind):
    return sorted(tuple(sorted(clash.sessions)) for clash in found if clash.kind is kind)


@given(programmes)
def test_every_pair_in_one_room_or_with_one_speaker_is_told_once(programme):
    found = clashes(programme)

    meanwhile = [(a, b) for a, b in combinations(programme, 2) if overlap(a, b)]
    rooms = [(a.id, b.id) for a, b in meanwhile if a.room_id is not None and a.room_id == b.room_id]
    speakers = [(a.id, b.id) for a, b in meanwhile for _ in set(a.people) & set(b.people)]
    assert pairs(found, ClashKind.ROOM) == sorted(tuple(sorted(pair)) for pair in rooms)
    assert pairs(found, ClashKind.SPEAKER) == sorted(tuple(sorted(pair)) for pair in speakers)


@given(programmes, st.randoms())
def test_the_order_of_entry_does_not_matter(programme, random):
    mixed = list(programme)
    random.shuffle(mixed)

    assert sorted(c.sessions for c in clashes(mixed)) == sorted(c.sessions for c in clashes(programme))


@given(programmes)
def test_what_is_outside_or_too_small_is_told_by_itself(programme):
    frame = Frame(START + timedelta(hours=2), START + timedelta(hours=6))

    found = clashes(programme, frame)

    outside = {c.sessions[0] for c in found if c.kind is ClashKind.OUTSIDE}
    small = {c.sessions[0] for c in found if c.kind is ClashKind.SMALL_ROOM}
    assert outside == {s.id for s in programme if not (frame.starts <= s.starts and s.ends <= frame.ends)}
    assert small == {s.id for s in programme if s.places and s.room_capacity and s.places > s.room_capacity}


def test_one_after_the_other_is_no_clash():
    first = Slot(1, "甲", START, START + timedelta(hours=1), room_id=1)
    second = Slot(2, "乙", first.ends, first.ends + timedelta(hours=1), room_id=1)

    assert clashes([first, second]) == []


@given(st.dates(date(2020, 1, 1), date(2030, 12, 31)), st.sampled_from(list(Rhythm)[:4]), st.integers(1, 24))
def test_a_rhythm_gives_rising_days_as_many_as_asked(first, rhythm, times):
    found = days(first, rhythm, times=times)

    assert len(found) == times
    assert [first, *found] == sorted({first, *found})
    if rhythm is not Rhythm.MONTHLY_DAY:
        assert {day.weekday() for day in found} == {first.weekday()}
    if rhythm in {Rhythm.MONTHLY_DAY, Rhythm.MONTHLY_WEEKDAY}:
        months = [(day.year * 12 + day.month) - (first.year * 12 + first.month) for day in found]
        assert months == list(range(1, times + 1))


def test_the_last_day_of_a_month_does_not_drift():
    assert days(date(2026, 1, 31), Rhythm.MONTHLY_DAY, times=3) == [
        date(2026, 2, 28),
        date(2026, 3, 31),
        date(2026, 4, 30),
    ]


def test_a_fifth_friday_that_is_missing_is_the_last():
    assert days(date(2026, 1, 30), Rhythm.MONTHLY_WEEKDAY, times=2) == [date(2026, 2, 27), date(2026, 3, 27)]


def test_days_are_read_as_people_type_them():
    assert days(date(2026, 3, 2), Rhythm.DAYS, typed="2026年4月1日，2026-3-9\n2026/4/1") == [
        date(2026, 3, 9),
        date(2026, 4, 1),
    ]
    for wrong in ("", "2026-02-30", "明天"):
        with pytest.raises(DomainError):
            days(date(2026, 3, 2), Rhythm.DAYS, typed=wrong)


def test_holidays_weekends_and_unannounced_years_are_noted():
    off, make_up = date(2026, 5, 1), date(2026, 5, 9)
    working = WorkCalendar(frozenset({off}), frozenset({make_up}), frozenset({2026}))

    notes = {row.day: row.notes for row in proposals([off, make_up, date(2026, 5, 10), date(2027, 5, 3)], working)}

    assert notes[off] == (DayNote.HOLIDAY,)
    assert notes[make_up] == (DayNote.MAKE_UP,)
    assert notes[date(2026, 5, 10)] == (DayNote.WEEKEND,)
    assert notes[date(2027, 5, 3)] == (DayNote.UNKNOWN,)


@given(st.datetimes(datetime(1985, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)), st.integers(-4000, 4000))
def test_a_moved_moment_keeps_its_time_of_day(moment, number):
    later = moved(moment, timedelta(days=number))

    if wall_time(moved(later, timedelta(0))) == wall_time(later) and moment.year >= 1992 and later.year >= 1992:
        assert wall_time(later).time() == wall_time(moment).time()
        assert (wall_time(later).date() - wall_time(moment).date()).days == number


def test_an_event_at_the_edge_of_the_day_stays_on_its_day():
    late = datetime(2026, 3, 20, 15, 30, tzinfo=UTC)  # 23:30 in Beijing

    assert wall_time(moved(late, timedelta(days=1))) == datetime(2026, 3, 21, 23, 30)


def test_every_event_to_begin_with_is_whole():
    first = date(2026, 4, 1)
    kinds = []

    for outline in outlines().values():
        starts, ends, closing = outline.times(first)
        kinds.append(outline.kind.value)
        slots_of = [
            Slot(n, item.title, *item.span(first), room_id=hash(item.room) if item.room else None)
            for n, item in enumerate(outline.items)
        ]
        assert closing < starts < ends
        assert outline.ahead > outline.closes_before
        assert clashes(slots_of, Frame(starts, ends)) == []
        assert {item.room for item in outline.items if item.room} <= {room["name"] for room in outline.rooms}
        assert sum(group.share or 0 for group in outline.groups) <= 100
    assert sorted(kinds) == ["exhibition", "promotion", "roadshow", "salon", "training"]


def test_a_time_of_day_is_read_as_written():
    assert {outline.starts for outline in outlines().values()} >= {time(9, 30), time(13, 30)}
