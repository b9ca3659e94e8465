"""Appointments, terms, counting people, sessions and visits."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.core.transitions import reachable
from matchmaker.rosters import rules
from matchmaker.rosters.rules import Appointment, AppointmentKind, AppointmentState, SessionState, Term, Visit

TERM = Term(date(2026, 1, 1), date(2027, 12, 31))
NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)  # 12:00 in China
HOUR = timedelta(hours=1)
VISIT = Visit(NOON, NOON + 2 * HOUR, "样例企业一")
STARTS = AppointmentState.APPLIED


def visit_refused(visit=VISIT, **changes):
    given = {"agreement": TERM, "others": [], "photo": "h1", "used_photos": frozenset(), "now": NOON + 72 * HOUR}
    try:
        rules.check_visit(visit, **(given | changes))
    except DomainError as refused:
        return refused.field
    return None


def test_every_state_is_in_a_table_and_can_be_reached():
    assert set(rules.ENVOY_STEPS) == set(AppointmentState) == reachable(rules.ENVOY_STEPS, STARTS)
    assert set(rules.STEPS) == reachable(rules.STEPS, STARTS)
    assert set(rules.SESSION_STEPS) == set(SessionState) == reachable(rules.SESSION_STEPS, SessionState.BOOKED)


def test_an_envoy_is_matched_before_review_and_a_mentor_is_not():
    rules.check_transition(AppointmentKind.MENTOR, STARTS, AppointmentState.REVIEWING)
    rules.check_transition(AppointmentKind.ENVOY, STARTS, AppointmentState.RECOMMENDED)

    with pytest.raises(Conflict):
        rules.check_transition(AppointmentKind.ENVOY, STARTS, AppointmentState.REVIEWING)


def test_dismissal_needs_a_reason():
    rules.check_transition(
        AppointmentKind.MENTOR, AppointmentState.SERVING, AppointmentState.DISMISSED, reason="考核不合格"
    )

    with pytest.raises(DomainError) as refused:
        rules.check_transition(AppointmentKind.MENTOR, AppointmentState.SERVING, AppointmentState.DISMISSED)
    assert refused.value.field == "reason"


def test_a_booked_session_is_confirmed_before_it_is_done():
    rules.check_session_transition(SessionState.BOOKED, SessionState.CONFIRMED)

    with pytest.raises(Conflict):
        rules.check_session_transition(SessionState.BOOKED, SessionState.DONE)


@pytest.mark.parametrize(
    ("day", "live"),
    [(date(2025, 12, 31), False), (TERM.starts, True), (TERM.ends, True), (date(2028, 1, 1), False)],
)
def test_term_is_live_from_its_first_to_its_last_day(day, live):
    assert TERM.live_on(day) is live


def test_term_cut_short_is_live_until_then():
    cut = Term(TERM.starts, TERM.ends, ended=date(2026, 6, 30))

    assert cut.live_on(date(2026, 6, 30))
    assert not cut.live_on(date(2026, 7, 1))


@pytest.mark.parametrize(
    "term",
    [
        Term(TERM.starts, TERM.starts),
        Term(TERM.starts, TERM.ends, ended=date(2025, 12, 31)),
        Term(TERM.starts, TERM.ends, ended=date(2028, 1, 1)),
    ],
)
def test_impossible_term_is_refused(term):
    rules.check_term(TERM)

    with pytest.raises(DomainError):
        rules.check_term(term)


@pytest.mark.parametrize(
    ("kind", "civil_servant", "document", "field"),
    [
        (AppointmentKind.ENVOY, False, "聘〔2026〕1号", None),
        (AppointmentKind.ENVOY, True, "聘〔2026〕1号", "civil_servant"),
        (AppointmentKind.ENVOY, None, "聘〔2026〕1号", "civil_servant"),
        (AppointmentKind.MENTOR, True, "聘〔2026〕1号", None),
        (AppointmentKind.MENTOR, None, " ", "document"),
    ],
)
def test_civil_servants_are_no_envoys_and_every_appointment_has_a_document(kind, civil_servant, document, field):
    refused_field = None
    try:
        rules.check_appointment(kind, civil_servant=civil_servant, document=document, term=TERM)
    except DomainError as refused:
        refused_field = refused.field

    assert refused_field == field


def test_one_person_holds_one_appointment_of_a_kind_at_a_time():
    mentor = Appointment(1, AppointmentKind.MENTOR, TERM)
    next_term = Term(date(2028, 1, 1), date(2029, 12, 31))

    rules.check_no_second(
        mentor,
        [
            Appointment(2, AppointmentKind.MENTOR, TERM),
            Appointment(1, AppointmentKind.ENVOY, TERM),
            Appointment(1, AppointmentKind.MENTOR, next_term),
        ],
    )
    with pytest.raises(DomainError, match="已聘为创业导师"):
        rules.check_no_second(mentor, [mentor])


people = st.lists(st.builds(Appointment, st.integers(1, 5), st.sampled_from(AppointmentKind), st.just(TERM)))


@given(people)
def test_count_is_of_people_and_does_not_change_when_a_row_is_repeated(appointments):
    once = rules.count_live(appointments, kind=AppointmentKind.MENTOR, day=TERM.starts)

    assert rules.count_live(appointments * 2, kind=AppointmentKind.MENTOR, day=TERM.starts) == once <= 5
    assert rules.count_live(appointments, kind=AppointmentKind.MENTOR, day=date(2030, 1, 1)) == 0


@pytest.mark.parametrize(
    ("minutes", "mentor", "tenant", "counts"),
    [(30, True, True, True), (29, True, True, False), (60, False, True, False), (60, True, False, False)],
)
def test_session_counts_from_thirty_minutes_and_both_confirmations(minutes, mentor, tenant, counts):
    ends = NOON + timedelta(minutes=minutes)

    assert rules.session_counts(starts=NOON, ends=ends, mentor_confirmed=mentor, tenant_confirmed=tenant) is counts


def test_session_lies_within_the_mentors_term():
    rules.check_session(starts=NOON, ends=NOON + HOUR, term=TERM)

    with pytest.raises(DomainError):
        rules.check_session(starts=NOON, ends=NOON, term=TERM)
    with pytest.raises(DomainError):
        rules.check_session(starts=NOON, ends=NOON + HOUR, term=Term(date(2024, 1, 1), date(2025, 1, 1)))


def test_nobody_rates_themselves():
    rules.check_rating(rater=1, mentor=2, points=5)

    with pytest.raises(NotPermitted):
        rules.check_rating(rater=1, mentor=1, points=5)
    with pytest.raises(DomainError):
        rules.check_rating(rater=1, mentor=2, points=6)


def test_a_proper_visit_is_accepted():
    assert visit_refused() is None
    assert visit_refused(others=[Visit(NOON - HOUR, NOON, "样例企业二")]) is None


@pytest.mark.parametrize(
    ("visit", "changes", "field"),
    [
        (Visit(NOON, NOON, "甲"), {}, "ends"),
        (VISIT, {"now": NOON + HOUR}, "ends"),
        (VISIT, {"agreement": Term(date(2026, 3, 3), TERM.ends)}, "starts"),
        (VISIT, {"agreement": Term(TERM.starts, date(2026, 3, 1))}, "starts"),
        (Visit(NOON, NOON + 13 * HOUR, "甲"), {"agreement": Term(TERM.starts, date(2026, 3, 2))}, "starts"),
        (VISIT, {"photo": ""}, "photo"),
        (VISIT, {"used_photos": frozenset({"h1"})}, "photo"),
        (VISIT, {"others": [Visit(NOON + HOUR, NOON + 3 * HOUR, "样例企业二")]}, "starts"),
        (Visit(NOON, NOON + 25 * HOUR, "甲"), {}, "ends"),
        (
            Visit(NOON, NOON + 23 * HOUR, "甲"),
            {"others": [Visit(NOON - 3 * HOUR, NOON - HOUR, "乙"), Visit(NOON - 48 * HOUR, NOON - 46 * HOUR, "丙")]},
            "ends",
        ),
    ],
)
def test_a_wrong_visit_is_refused_on_its_field(visit, changes, field):
    assert visit_refused(visit, **changes) == field
