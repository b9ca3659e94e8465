"""Two handlers send an envoy to one firm, one envoy is at two places: real processes against the real database."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from matchmaker.accounts.rules import Role
from matchmaker.candidacies.models import Agreement
from matchmaker.candidacies.services import agreements
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import Conflict
from matchmaker.envoys.models import EnvoyVisit
from matchmaker.rosters.rules import AppointmentKind
from tests.cast import a_user
from tests.factories.candidacies import an_agreement
from tests.factories.directory import an_organisation
from tests.factories.envoys import a_visit, account, an_envoy
from tests.factories.rosters import a_helper

ROOT = Path(__file__).resolve().parents[2]
GOALS = "一年内把焊接次品率降到百分之一以下"
ACTOR = textwrap.dedent(
    """
    import json, sys
    from datetime import date, datetime, timedelta
    from matchmaker.app import create_app
    from matchmaker.settings import Settings
    from matchmaker.accounts.models import User
    from matchmaker.candidacies.models import Agreement
    from matchmaker.candidacies.services import agreements
    from matchmaker.core.db import transaction
    from matchmaker.core.errors import DomainError
    from matchmaker.directory.models import Person
    from matchmaker.envoys.services import visits
    from tests.factories.envoys import CONTENT, a_photo

    settings, what, user_id, wish = json.loads(sys.argv[1])
    app = create_app(Settings(**settings))
    with app.app_context():
        print("ready", flush=True)
        sys.stdin.readline()
        try:
            with transaction() as session:
                user = session.get_one(User, user_id)
                if what == "agreement":
                    agreements.draw_up(
                        session.get_one(Person, wish["person"]), actor=user, host=wish["host"], goals=wish["goals"],
                        starts=date.fromisoformat(wish["starts"]), ends=date.fromisoformat(wish["ends"]),
                    )
                else:
                    starts = datetime.fromisoformat(wish["starts"])
                    visits.record(
                        session.get_one(Agreement, wish["agreement"]), actor=user, starts=starts,
                        ends=starts + timedelta(hours=4), place=wish["place"], content=CONTENT,
                        photo=a_photo(wish["shade"]),
                    )
            print("done", flush=True)
        except DomainError:
            print("refused", flush=True)
    """
)


def run(test_settings, wishes):
    """All of them at once; what each was told."""
    values = {k: getattr(test_settings, k) for k in ("secret_key", "instance", "database_url", "password_cost")}
    actors = [
        subprocess.Popen(
            [sys.executable, "-c", ACTOR, json.dumps([values, *wish])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        for wish in wishes
    ]
    for actor in actors:
        assert actor.stdout.readline() == "ready\n"
    for actor in actors:
        actor.stdin.write("go\n")
        actor.stdin.flush()
    answers = [actor.communicate(timeout=90)[0].strip() for actor in actors]
    db.session.rollback()
    return sorted(answers)


def test_two_handlers_send_two_envoys_to_one_firm_and_one_goes(app, test_settings):
    host = an_organisation()
    first = clock.today()
    wishes = [
        (
            "agreement",
            a_user(Role.HANDLER).id,
            {
                "person": a_helper(kind=AppointmentKind.ENVOY, name=f"特派员{n}号").id,
                "host": host.uscc,
                "goals": GOALS,
                "starts": (first + timedelta(days=20 * n)).isoformat(),  # the periods overlap, their first days differ
                "ends": (first + timedelta(days=700)).isoformat(),
            },
        )
        for n in range(3)
    ]
    db.session.rollback()

    assert run(test_settings, wishes) == ["done", "refused", "refused"]
    assert db.session.execute(sa.select(sa.func.count(Agreement.id))).scalar_one() == 1


def test_one_envoy_at_two_places_at_once_is_written_down_once(app, test_settings):
    agreement = an_envoy()
    starts = clock.now() - timedelta(days=2)
    wishes = [
        (
            "visit",
            account(agreement).id,
            {
                "agreement": agreement.id,
                "starts": (starts + timedelta(minutes=30 * n)).isoformat(),
                "place": f"第{n}车间",
                "shade": 20_000 + n,
            },
        )
        for n in range(3)
    ]
    db.session.rollback()

    assert run(test_settings, wishes) == ["done", "refused", "refused"]
    assert db.session.execute(sa.select(sa.func.count(EnvoyVisit.id))).scalar_one() == 1


def copied(row, **changes):
    values = {c.name: getattr(row, c.name) for c in row.__table__.columns if c.name != "id"}
    return type(row)(**{**values, **changes})


def test_the_table_of_agreements_itself_refuses_a_second_envoy(app, now):
    row = an_agreement(a_helper(kind=AppointmentKind.ENVOY))
    other = a_helper(kind=AppointmentKind.ENVOY, name="另一位")
    with pytest.raises(IntegrityError), transaction() as session:
        session.add(copied(row, person_id=other.id))
    later = {"person_id": other.id, "starts": row.ends + timedelta(days=1), "ends": row.ends + timedelta(days=90)}
    with transaction() as session:
        session.add(copied(row, **later))
    assert db.session.execute(sa.select(sa.func.count(Agreement.id))).scalar_one() == 2


def test_postgresql_refuses_periods_that_share_a_day_and_hours_that_share_a_minute(app, now):
    if db.engine.dialect.name != "postgresql":
        pytest.skip("SQLite has one writer at a time, who looks before writing")
    visit = a_visit()
    row, other = visit.agreement, a_helper(kind=AppointmentKind.ENVOY, name="另一位")
    with pytest.raises(IntegrityError), transaction() as session:
        session.add(copied(row, person_id=other.id, starts=row.ends, ends=row.ends + timedelta(days=90)))
    shifted = {"starts": visit.starts + timedelta(hours=3), "ends": visit.ends + timedelta(hours=3), "photo_hash": "x"}
    with pytest.raises(IntegrityError), transaction() as session:
        session.add(copied(visit, **shifted))
    follows = {"starts": visit.ends, "ends": visit.ends + timedelta(hours=1), "photo_hash": "y"}
    with transaction() as session:
        session.add(copied(visit, **follows))


def test_a_firm_and_its_envoy_agree_again_for_the_time_after(app, now):
    row = an_agreement(a_helper(kind=AppointmentKind.ENVOY))
    handler, person, host = a_user(Role.HANDLER), row.person, row.host
    again = {"goals": GOALS, "host": host.uscc, "ends": row.ends + timedelta(days=700)}
    with pytest.raises(Conflict, match="这段时间已有三方协议"), transaction():
        agreements.draw_up(person, actor=handler, starts=row.ends, **again)
    with transaction():
        second = agreements.draw_up(person, actor=handler, starts=row.ends + timedelta(days=1), **again)

    other = a_helper(kind=AppointmentKind.ENVOY, name="另一位")
    with pytest.raises(Conflict, match="已有在任"), transaction():
        agreements.draw_up(other, actor=handler, starts=second.starts + timedelta(days=30), **again)
