"""The demo is laid once, through the services; a run on a later day adds nothing."""

from collections import Counter
from datetime import timedelta

import pytest
import sqlalchemy as sa

from matchmaker.accounts import queries as accounts
from matchmaker.accounts.models import User
from matchmaker.accounts.rules import Role
from matchmaker.alliances.models import Alliance, JointProject
from matchmaker.checkin.models import Gate
from matchmaker.competition.models import Ballot, Entry
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.directory.models import Organisation
from matchmaker.directory.rules import check_uscc
from matchmaker.events.models import Event, Registration
from matchmaker.incubation.models import Carrier, Tenancy
from matchmaker.invitations.models import Invitation
from matchmaker.invitations.rules import InvitationState
from matchmaker.matching.models import HelpRequest, Need
from matchmaker.monitoring.models import Plan
from matchmaker.monitoring.queries import values
from matchmaker.seeding import gateways, services
from matchmaker.surveys.models import Survey
from matchmaker.surveys.rules import SurveyState
from tests.conftest import NOW


@pytest.fixture(scope="module")
def demo(application):
    """The whole demo, laid once for this file; the tests only read."""
    application.config["TEST_RESET"]()
    with application.app_context(), clock.frozen(NOW):
        services.load_reference()
        yield services.load_demo()
        db.session.remove()


def count(model):
    return db.session.execute(sa.select(sa.func.count()).select_from(model)).scalar_one()


def test_demo_rows_are_all_loaded(demo):
    expected = {name: len(gateways.rows("demo", name)) for name in demo}

    assert demo == expected


def test_a_second_run_loads_nothing_even_weeks_later(demo):
    before = count(User), count(Organisation), count(Registration)

    with clock.frozen(NOW + timedelta(days=40)):
        assert set(services.load_demo().values()) == {0}

    assert (count(User), count(Organisation), count(Registration)) == before


def test_demo_accounts_cover_every_role_and_are_marked(demo):
    users = accounts.demo_accounts()

    assert len(users) == count(User)
    assert set(Role) <= {role for user in users for role in user.roles}
    assert {code for user in users for code in user.region_codes} == {"650105", "650104"}


def test_demo_codes_are_valid_and_belong_to_nobody(demo):
    codes = db.session.execute(sa.select(Organisation.uscc)).scalars().all()

    assert len(set(codes)) == len(codes) > 90
    assert all(check_uscc(code)[8:12] == "DEM0" for code in codes)


def test_demo_registrations_stand_as_the_files_say(demo):
    rows = db.session.execute(sa.select(Registration)).unique().scalars().all()
    files = gateways.rows("demo", "registrations")

    assert Counter(r.state.value for r in rows) == Counter(row["state"] for row in files)
    assert all(r.created < clock.now() for r in rows)
    event = db.session.execute(sa.select(Event).order_by(Event.id)).unique().scalars().first()
    assert (event.pool.used, event.pool.capacity) == (37, 40)


STATES = {
    "needs": Need,
    "help_requests": HelpRequest,
    "tenancies": Tenancy,
    "carriers": Carrier,
    "alliances": Alliance,
    "joint_projects": JointProject,
    "ballots": Ballot,
    "entries": Entry,
}


@pytest.mark.parametrize("name", [name for name in STATES if name not in ("needs", "help_requests")])
def test_demo_records_stand_as_the_files_say(demo, name):
    found = db.session.execute(sa.select(STATES[name].state)).scalars()

    assert Counter(state.value for state in found) == Counter(row["state"] for row in gateways.rows("demo", name))


def test_the_board_of_the_demo_shows_every_kind_of_answer(demo):
    plan = db.session.execute(sa.select(Plan)).scalars().one()

    amounts = {r.definition.code: r.value.amount for r in values.read_all(plan.indicators, clock.today())}

    assert amounts["C4"] is None and amounts["C5"] == 0 and amounts["C1"] == amounts["C3"] == 1
    assert all(amounts[code] > 0 for code in ("T1", "T2", "T3", "T4", "T5", "T6", "T7"))


def test_one_event_shows_invitations_a_gate_and_a_survey(demo):
    (gate,) = db.session.execute(sa.select(Gate)).scalars()
    (survey,) = db.session.execute(sa.select(Survey)).scalars()
    invited = db.session.execute(sa.select(Invitation).order_by(Invitation.id)).unique().scalars().all()

    assert {gate.event_id, survey.event_id} == {row.event_id for row in invited}
    assert [row.state for row in invited] == [InvitationState.SENT] * 3 + [InvitationState.DRAFT]
    assert survey.state_at(gate.event.ends) is not SurveyState.DRAFT
