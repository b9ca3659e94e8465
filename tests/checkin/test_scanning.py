"""What gates report becomes rows: once each, with the truth beside what the phone said."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from matchmaker.accounts.rules import Role
from matchmaker.checkin import queries
from matchmaker.checkin.models import Scan, ScanConflict
from matchmaker.checkin.rules import ConflictKind, Direction, Reason, Repeat, Resolution, ScanSource
from matchmaker.checkin.rules.items import read_item
from matchmaker.checkin.services import scanning, settling
from matchmaker.checkin.services.snapshot import milliseconds
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.events.models import Attendee, Registration
from matchmaker.events.rules import RegistrationState, Source, WaitingPolicy
from matchmaker.events.services import attendance, registrations
from tests.cast import a_user
from tests.factories.checkin import a_gate, a_list, a_walk_in, an_item, hand_in
from tests.factories.events import a_registration, an_event


@pytest.fixture
def organiser(app, now):
    return a_user(Role.ORGANISER)


@pytest.fixture
def event(organiser, now):
    return an_event(owner=organiser, capacity=100, starts=now - timedelta(hours=1), ends=now + timedelta(hours=5))


def coming(event, people=1):
    """A registration with a place."""
    return a_registration(event, actor=a_user(), people=people)


def rows(model):
    return list(db.session.execute(sa.select(model).order_by(model.id)).unique().scalars())


def test_a_ticket_opens_the_gate_once(event, organiser):
    gate = a_gate(event, actor=organiser)
    registration = coming(event, 2)
    first, second = registration.attendees

    (welcome,) = hand_in(gate, an_item(gate, first.code))
    (again,) = hand_in(gate, an_item(gate, first.code))
    (other,) = hand_in(gate, an_item(gate, second.code.lower()))

    assert (welcome.verdict.reason, again.verdict.reason) == (Reason.WELCOME, Reason.ALREADY)
    assert other.verdict.accepted
    assert again.verdict.time == milliseconds(first.attended_at)
    assert registration.state is RegistrationState.ATTENDED
    assert [(s.accepted, s.counted) for s in rows(Scan)] == [(True, True), (False, False), (True, True)]
    assert queries.entered(event.id) == {gate.lists[0].id: 2} == queries.inside(event.id)
    assert rows(ScanConflict) == []


def test_failed_scans_are_kept(event, organiser):
    gate = a_gate(event, actor=organiser)

    taken = hand_in(gate, an_item(gate, "AAAABBBBCCCC"), an_item(gate, "<b>什么</b>"))

    assert [one.verdict.reason for one in taken] == [Reason.UNKNOWN] * 2
    assert [(s.code, s.accepted) for s in rows(Scan)] == [("AAAABBBBCCCC", False), ("<b>什么</b>", False)]


def test_a_queue_sent_twice_doubles_nothing(event, organiser):
    gate = a_gate(event, actor=organiser)
    people = [a for _ in range(4) for a in coming(event, 10).attendees]
    queue = [an_item(gate, person.code, shown=True) for person in people]

    first = hand_in(gate, *queue)
    second = hand_in(gate, *reversed(queue))

    assert len(rows(Scan)) == len(people)
    assert {(one.nonce, one.scan.id) for one in first} == {(one.nonce, one.scan.id) for one in second}
    assert queries.entered(event.id) == {gate.lists[0].id: len(people)}
    assert rows(ScanConflict) == []


def test_two_gates_offline_make_one_entry_and_one_conflict(event, organiser):
    entry = a_list(event, actor=organiser)
    east = a_gate(event, actor=organiser, lists=[entry])
    west = a_gate(event, actor=organiser, lists=[entry], name="西门")
    (person,) = coming(event).attendees
    early, late = clock.now() - timedelta(minutes=20), clock.now() - timedelta(minutes=5)

    hand_in(east, an_item(east, person.code, shown=True, at=milliseconds(late)))
    (second,) = hand_in(west, an_item(west, person.code, shown=True, at=milliseconds(early)))

    (conflict,) = rows(ScanConflict)
    assert second.conflict
    assert (conflict.kind, conflict.other.gate_id) == (ConflictKind.DOUBLE, east.id)
    assert person.attended_at == early
    assert [(s.accepted, s.counted) for s in rows(Scan)] == [(True, True), (True, False)]

    with transaction():
        settling.resolve(conflict, actor=organiser, resolution=Resolution.DISMISSED, note="同一人走错了门")
    assert [s.counted for s in rows(Scan)] == [True, False]
    assert person.attended_at == late
    assert person.registration.state is RegistrationState.ATTENDED
    with pytest.raises(Conflict), transaction():
        settling.resolve(conflict, actor=organiser, resolution=Resolution.DISMISSED, note="再来一次")


def test_who_was_cancelled_while_the_gate_was_offline(event, organiser, now):
    event.starts = now + timedelta(hours=1)
    gate = a_gate(event, actor=organiser)
    registration = coming(event)
    with transaction():
        event.starts = now + timedelta(hours=1)
        registrations.withdraw(registration, actor=registration.user)
    (person,) = registration.attendees

    (taken,) = hand_in(gate, an_item(gate, person.code, shown=True))

    (conflict,) = rows(ScanConflict)
    assert taken.scan.accepted
    assert conflict.kind is ConflictKind.NOT_COMING
    assert person.attended_at is None
    with transaction():
        settling.resolve(conflict, actor=organiser, resolution=Resolution.COUNTED, note="本人到场，恢复报名")
    assert registration.state is RegistrationState.ATTENDED
    assert taken.scan.counted
    assert registrations.reconcile() == ([], [])


def test_an_unknown_code_that_was_let_in_is_dismissed_or_waits_for_its_registration(event, organiser):
    gate = a_gate(event, actor=organiser)
    hand_in(gate, an_item(gate, "ZZZZ22223333", shown=True, forced=True, force_reason="领导带来的"))
    (conflict,) = rows(ScanConflict)
    assert conflict.kind is ConflictKind.UNKNOWN

    with pytest.raises(DomainError), transaction():
        settling.resolve(conflict, actor=organiser, resolution=Resolution.COUNTED, note="认识")
    (person,) = coming(event).attendees
    with transaction():
        person.code = "ZZZZ22223333"
        settling.resolve(conflict, actor=organiser, resolution=Resolution.COUNTED, note="补登记了")
    assert person.attended_at == conflict.scan.moment


def test_a_clock_three_hours_off_is_put_right(event, organiser, now):
    gate = a_gate(event, actor=organiser)
    (person,) = coming(event).attendees
    wrong = timedelta(hours=3)
    happened = now - timedelta(minutes=10)
    item = an_item(gate, person.code, shown=True, at=milliseconds(happened + wrong))

    hand_in(gate, item, phone_now=milliseconds(now + wrong))

    (scan,) = rows(Scan)
    assert scan.phone_moment == happened + wrong
    assert scan.moment == person.attended_at == happened
    assert scan.received == now


def test_what_the_phone_measured_at_the_scan_goes_coming(event, organiser, now):
    gate = a_gate(event, actor=organiser)
    (person,) = coming(event).attendees
    happened = now - timedelta(minutes=30)
    offset = -3 * 3_600_000
    item = an_item(gate, person.code, shown=True, at=milliseconds(happened) - offset, offset=offset)

    hand_in(gate, item, phone_now=milliseconds(now))  # the clock was set right in between

    assert rows(Scan)[0].moment == happened


@pytest.mark.parametrize("repeat", [Repeat.AFTER_EXIT, Repeat.MANY])
def test_leaving_and_coming_back(event, organiser, repeat):
    gate = a_gate(event, actor=organiser, lists=[a_list(event, actor=organiser, repeat=repeat)])
    (person,) = coming(event).attendees
    start = clock.now() - timedelta(hours=1)
    steps = [Direction.OUT, Direction.IN, Direction.IN, Direction.OUT, Direction.IN]

    reasons = [
        hand_in(gate, an_item(gate, person.code, direction=way, at=milliseconds(start + timedelta(minutes=n))))[0]
        for n, way in enumerate(steps)
    ]

    inside_again = Reason.INSIDE if repeat is Repeat.AFTER_EXIT else Reason.WELCOME
    expected = [Reason.OUTSIDE, Reason.WELCOME, inside_again, Reason.GOODBYE, Reason.WELCOME]
    assert [one.verdict.reason for one in reasons] == expected
    assert queries.inside(event.id) == {gate.lists[0].id: 1} == queries.entered(event.id)


def test_a_forced_entry_is_on_record_and_no_conflict_when_only_a_rule_stood_against_it(event, organiser, now):
    entry = a_list(event, actor=organiser, opens=now + timedelta(hours=1))
    gate = a_gate(event, actor=organiser, lists=[entry])
    strict = a_gate(event, actor=organiser, lists=[entry], name="贵宾门", may_force=False)
    (one,), (two,) = coming(event).attendees, coming(event).attendees

    hand_in(gate, an_item(gate, one.code, shown=True, forced=True, force_reason="布展人员"))
    hand_in(strict, an_item(strict, two.code, shown=True, forced=True, force_reason="我说了算"))

    scans = rows(Scan)
    assert [(s.reason, s.forced, s.counted) for s in scans] == [(Reason.EARLY, True, True)] * 2
    assert [(c.kind, c.scan_id) for c in rows(ScanConflict)] == [(ConflictKind.RULE, scans[1].id)]


def test_undo_leaves_the_other_entries(event, organiser):
    gate = a_gate(event, actor=organiser)
    session = a_list(event, actor=organiser, name="茶歇")
    (person,) = coming(event).attendees
    (entry,) = hand_in(gate, an_item(gate, person.code))
    with transaction():
        other = scanning.by_hand(session, person, Direction.IN, actor=organiser)
    assert other.scan.source is ScanSource.HAND

    with transaction():
        settling.undo(entry.scan, actor=organiser, reason="扫错人")
    assert person.registration.state is RegistrationState.ATTENDED
    with transaction():
        settling.undo(other.scan, actor=organiser, reason="扫错人")

    assert (person.attended_at, person.registration.state) == (None, RegistrationState.APPROVED)
    assert hand_in(gate, an_item(gate, person.code))[0].verdict.accepted
    stranger = a_user()
    with pytest.raises(NotPermitted), transaction():
        settling.undo(entry.scan, actor=stranger, reason="x")


def test_the_phone_went_its_own_way_when_the_answer_was_late(event, organiser):
    gate = a_gate(event, actor=organiser)
    (person,), (other,) = coming(event).attendees, coming(event).attendees
    hand_in(gate, an_item(gate, person.code))
    asked = an_item(gate, person.code)
    hand_in(gate, asked)
    shown = an_item(gate, person.code, nonce=asked.nonce, shown=True)

    (taken,) = hand_in(gate, shown)
    assert taken.conflict
    assert taken.scan.accepted
    assert hand_in(gate, shown)[0].conflict is False
    assert [c.kind for c in rows(ScanConflict)] == [ConflictKind.DOUBLE]

    asked = an_item(gate, other.code)
    assert hand_in(gate, asked)[0].verdict.accepted
    hand_in(gate, an_item(gate, other.code, nonce=asked.nonce, shown=False))
    assert other.attended_at is None


def test_walk_ins_are_registered_once(event, organiser):
    gate = a_gate(event, actor=organiser)
    item = a_walk_in(gate, "路过的人", shown=True)

    hand_in(gate, item)
    hand_in(gate, item)

    (person,) = rows(Attendee)
    assert (person.name, person.registration.source) == ("路过的人", Source.WALK_IN)
    assert person.registration.state is RegistrationState.ATTENDED
    assert registrations.reconcile() == ([], [])


def test_a_walk_in_into_a_full_event(organiser, now):
    event = an_event(owner=organiser, capacity=1, waiting_policy=WaitingPolicy.FIRST_COME)
    gate = a_gate(event, actor=organiser)
    hand_in(gate, a_walk_in(gate, "第一位"))

    (asked,) = hand_in(gate, a_walk_in(gate, "第二位"))
    hand_in(gate, a_walk_in(gate, "第三位", shown=True))

    assert asked.verdict.reason is Reason.WAITING
    assert [c.kind for c in rows(ScanConflict)] == [ConflictKind.FULL]
    states = [r.state for r in rows(Registration)]
    assert states == [RegistrationState.ATTENDED, RegistrationState.WAITING, RegistrationState.WAITING]
    assert registrations.reconcile() == ([], [])


def test_a_walk_in_refused_by_a_full_event_is_told_or_becomes_a_conflict(organiser, now):
    event = an_event(owner=organiser, capacity=1)
    gate = a_gate(event, actor=organiser)
    hand_in(gate, a_walk_in(gate, "第一位"))

    (asked,) = hand_in(gate, a_walk_in(gate, "第二位"))
    (shown,) = hand_in(gate, a_walk_in(gate, "第三位", shown=True))

    assert isinstance(asked.error, DomainError)
    assert shown.scan.accepted
    assert [(c.kind, c.scan.code) for c in rows(ScanConflict)] == [(ConflictKind.FULL, "第三位")]
    assert len(rows(Registration)) == 1


def test_a_late_gate_turns_an_absent_person_into_one_who_was_there(event, organiser, now):
    gate = a_gate(event, actor=organiser)
    (person,) = coming(event).attendees
    with clock.frozen(event.ends + timedelta(days=2)):
        with transaction():
            attendance.close(event, actor=organiser)
        assert person.registration.state is RegistrationState.ABSENT

        hand_in(gate, an_item(gate, person.code, shown=True, at=milliseconds(now)))

    assert (person.attended_at, person.registration.state) == (now, RegistrationState.ATTENDED)


def test_a_list_of_another_event_is_an_error_of_that_entry_alone(event, organiser):
    gate = a_gate(event, actor=organiser)
    stranger = a_gate(an_event(owner=organiser), actor=organiser)
    (person,) = coming(event).attendees

    wrong, right = hand_in(
        gate, an_item(gate, person.code, list_id=stranger.lists[0].id), an_item(gate, person.code, shown=True)
    )

    assert isinstance(wrong.error, Conflict)
    assert right.scan.counted
    assert len(rows(Scan)) == 1


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=80),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
KEYS = ("nonce", "list", "direction", "at", "offset", "shown", "code", "attendee", "reason", "forced", "walk_in")


@given(st.dictionaries(st.sampled_from(KEYS), JSON) | JSON)
def test_whatever_is_sent_is_read_or_refused(data):
    try:
        item = read_item(data)
    except DomainError:
        return
    assert len(item.code) <= 64
    assert 16 <= len(item.nonce) <= 40
