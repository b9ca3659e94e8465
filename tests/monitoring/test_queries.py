"""What each indicator counts on a day: the edges of terms, people counted once, and no data as no data."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matchmaker.core.db import db, transaction
from matchmaker.directory.rules import OrganisationKind
from matchmaker.evaluation.rules import TitleKind
from matchmaker.incubation.models import Carrier, CarrierPaper
from matchmaker.incubation.rules import BuildState, CarrierLevel, CarrierState, CarrierType
from matchmaker.monitoring.queries import board, values
from matchmaker.monitoring.rules import Status
from matchmaker.rosters.rules import AppointmentKind
from matchmaker.rosters.services import appointments
from tests.factories.directory import a_person, an_organisation
from tests.factories.evaluation import a_title
from tests.factories.monitoring import a_plan, indicator

DAY = timedelta(days=1)
FIRST, LAST = date(2025, 6, 1), date(2026, 2, 28)


def amounts(code, *days):
    row = indicator(a_plan(), code)
    return [values.read(row, day).value.amount for day in days]


@pytest.mark.parametrize(
    ("code", "kind"),
    [("T1", TitleKind.TECH_SME), ("T2", TitleKind.HNTE), ("T3", TitleKind.INNOVATION_TEAM)],
)
def test_a_title_counts_from_its_first_to_its_last_day(app, now, code, kind):
    a_title(kind, valid_from=FIRST, valid_to=LAST)

    assert amounts(code, FIRST - DAY, FIRST, LAST, LAST + DAY) == [None, 1, 1, 0]


def test_without_any_record_there_is_no_data(app, now):
    readings = values.read_all(a_plan().indicators, date(2026, 3, 1))

    assert len(readings) == 12
    assert {reading.value.amount for reading in readings} == {None}
    assert {reading.progress.status for reading in readings} == {Status.NO_DATA}


def test_titles_of_another_region_are_no_data_here(app, now):
    a_title(region="650104")

    assert amounts("T1", date(2026, 3, 1)) == [None]


def test_a_firm_counts_once_and_every_team_counts(app, now):
    firm = an_organisation()
    for kind in (TitleKind.TECH_SME, TitleKind.TECH_SME, TitleKind.INNOVATION_TEAM, TitleKind.INNOVATION_TEAM):
        a_title(kind, holder=firm.uscc)

    assert amounts("T1", LAST) == [1]
    assert amounts("T3", LAST) == [2]


def test_a_person_counts_once_and_in_each_post(app, now):
    person, other = a_person(), a_person()
    term = {"actor": None, "document": "水科发 1 号", "civil_servant": False}
    with transaction():
        appointments.appoint(person, kind=AppointmentKind.MENTOR, starts=FIRST, ends=LAST, historic=True, **term)
        appointments.appoint(person, kind=AppointmentKind.MENTOR, starts=LAST + DAY, ends=date(2027, 6, 1), **term)
        appointments.appoint(other, kind=AppointmentKind.MENTOR, starts=FIRST, ends=date(2027, 6, 1), **term)

    assert amounts("T5", FIRST - DAY, FIRST, LAST + DAY, date(2027, 6, 2)) == [None, 2, 2, 0]
    assert amounts("T4", LAST) == [None]


def test_growth_needs_a_baseline(app, now):
    plan = a_plan()
    row = indicator(plan, "T7")
    for valid_from in (date(2024, 1, 1), date(2024, 2, 1)):
        a_title(TitleKind.GRANTED_PATENT, valid_from=valid_from, valid_to=None)

    assert values.read(row, LAST).progress.status is Status.NO_BASELINE
    a_title(TitleKind.GRANTED_PATENT, valid_from=date(2017, 12, 31), valid_to=None, co_holders="某大学")
    a_title(TitleKind.GRANTED_PATENT, valid_from=date(2016, 1, 1), valid_to=date(2018, 1, 1))

    reading = values.read(row, LAST)
    assert (reading.value.amount, reading.baseline, reading.progress.amount) == (3, 2, Decimal("0.5"))


def a_carrier(target, *, papers=(), **facts):
    operator = an_organisation(kind=OrganisationKind.CARRIER_OPERATOR)
    given = {
        "region": "650105",
        "operator": operator,
        "kind": CarrierType.ACCELERATOR,
        "level": CarrierLevel.CITY,
        "state": CarrierState.OPERATING,
        "name": f"载体{operator.id}",
        "target": target,
        "created": operator.created,
        "updated": operator.created,
        **facts,
    }
    with transaction() as session:
        session.add(Carrier(**given, papers=[CarrierPaper(title=title) for title in papers]))


def test_a_planned_carrier_is_shown_and_not_counted(app, now):
    a_carrier("C3", papers=["验收意见"])
    a_carrier("C3", build_state=BuildState.PLANNED)
    a_carrier("C5", build_state=BuildState.PLANNED)
    plan = a_plan()

    reading = values.read(indicator(plan, "C3"), LAST)
    assert (reading.value.amount, len(reading.lines), len(reading.counted)) == (1, 2, 1)
    assert values.read(indicator(plan, "C5"), LAST).value.amount == 0
    assert values.read(indicator(plan, "C4"), LAST).value.amount is None


@given(
    spans=st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60), st.integers(1, 3)), max_size=8),
    offset=st.integers(0, 70),
)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_number_is_the_length_of_its_list(application, spans, offset):
    application.config["TEST_RESET"]()
    with application.app_context():
        plan = a_plan()
        for starts, length, firm in spans:
            first = FIRST + starts * DAY
            for kind in (TitleKind.TECH_SME, TitleKind.HNTE, TitleKind.INNOVATION_TEAM, TitleKind.GRANTED_PATENT):
                a_title(kind, holder=f"企业{firm}", valid_from=first, valid_to=first + length * DAY)
        day = FIRST + offset * DAY
        for reading in values.read_all(plan.indicators, day):
            assert reading.value.amount in (None, len(reading.value.evidence))
            assert len({line.unit for line in reading.counted}) == len(reading.value.evidence)
        live = {firm for starts, length, firm in spans if starts <= offset <= starts + length}
        known = any(starts <= offset for starts, _length, _firm in spans)
        assert values.read(indicator(plan, "T1"), day).value.amount == (len(live) if known else None)
        db.session.remove()


def test_the_board_says_what_the_month_changed_and_what_is_late(app, now):
    a_title(valid_from=date(2026, 1, 5), holder="甲公司")
    a_title(valid_from=date(2026, 3, 1), holder="乙公司")
    a_title(TitleKind.HNTE, valid_from=date(2025, 1, 5), valid_to=date(2026, 3, 1), holder="甲公司")

    shown = board.board(a_plan(T2=Decimal(0)), date(2026, 3, 2))

    cards = {card.indicator.code: card for card in shown.cards}
    assert (cards["T1"].added, cards["T1"].removed, cards["T1"].late) == (1, 0, True)
    assert (cards["T2"].added, cards["T2"].removed, cards["T2"].late) == (0, 1, False)
    assert {card.indicator.code for card in shown.changed} == {"T1", "T2"}
    assert "T5" in {card.indicator.code for card in shown.late}  # due, and nothing is known
