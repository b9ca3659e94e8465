"""Reference data is loaded by key; the demo is laid once, through the services, at any later day."""

from collections import Counter
from datetime import timedelta

import pytest
import sqlalchemy as sa

from matchmaker.accounts import queries as accounts
from matchmaker.accounts.models import User
from matchmaker.accounts.rules import Role
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.directory.models import Organisation, ReferenceItem
from matchmaker.directory.rules import check_uscc
from matchmaker.events.models import Event, Registration
from matchmaker.seeding import gateways, services


@pytest.fixture
def demo(app, now):
    services.load_reference()
    return services.load_demo()


def count(model):
    return db.session.execute(sa.select(sa.func.count()).select_from(model)).scalar_one()


def test_reference_lists_are_loaded_by_key(app):
    first, second = services.load_reference(), services.load_reference()

    assert first["regions"] == 91 and first["industries"] == 255
    assert set(second.values()) == {0}
    region = db.session.execute(sa.select(ReferenceItem).filter_by(set="regions", code="650105")).scalar_one()
    assert (region.name_zh, region.parent) == ("水磨沟区", "650100")


def test_demo_rows_are_all_loaded(demo):
    expected = {name: len(gateways.rows("demo", name)) for name in demo}

    assert demo == expected


def test_a_second_run_loads_nothing_even_weeks_later(demo, now):
    before = count(User), count(Organisation), count(Registration)

    with clock.frozen(now + timedelta(days=40)):
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
