"""One firm admitted by two carriers at the same moment: real processes against the real database."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from datetime import date
from pathlib import Path

import sqlalchemy as sa

from matchmaker.core.db import db
from matchmaker.incubation.models import Tenancy
from matchmaker.incubation.rules import TenancyState
from tests.factories.directory import an_organisation
from tests.factories.incubation import YOUNG, a_carrier, a_manager, a_tenancy

ROOT = Path(__file__).resolve().parents[2]
ADMITTER = textwrap.dedent(
    """
    import json, sys
    from datetime import date
    from matchmaker.app import create_app
    from matchmaker.settings import Settings
    from matchmaker.accounts.models import User
    from matchmaker.core.db import transaction
    from matchmaker.core.errors import DomainError
    from matchmaker.incubation.models import Tenancy
    from matchmaker.incubation.services import applications

    settings, tenancy_id, user_id, entered = json.loads(sys.argv[1])
    app = create_app(Settings(**settings))
    with app.app_context():
        print("ready", flush=True)
        sys.stdin.readline()
        try:
            with transaction() as session:
                row, user = session.get_one(Tenancy, tenancy_id), session.get_one(User, user_id)
                applications.admit(
                    row, actor=user, entered=date.fromisoformat(entered), contract="HT", contract_months=24
                )
            print("admitted", flush=True)
        except DomainError as error:
            print("refused", flush=True)
    """
)


def start(test_settings, *arguments):
    values = {k: getattr(test_settings, k) for k in ("secret_key", "instance", "database_url", "password_cost")}
    return subprocess.Popen(
        [sys.executable, "-c", ADMITTER, json.dumps([values, *arguments])],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def test_two_carriers_that_admit_one_firm_at_once_let_it_in_once(app, test_settings):
    firm = an_organisation(founded=YOUNG)
    wishes = []
    for _ in range(2):
        carrier = a_carrier()
        wishes.append((a_tenancy(carrier, organisation=firm).id, a_manager(carrier).id, date(2025, 9, 1).isoformat()))
    db.session.rollback()
    admitters = [start(test_settings, *wish) for wish in wishes]
    for admitter in admitters:
        assert admitter.stdout.readline() == "ready\n"

    for admitter in admitters:
        admitter.stdin.write("go\n")
        admitter.stdin.flush()
    answers = [admitter.communicate(timeout=60)[0].strip() for admitter in admitters]

    db.session.rollback()
    states = db.session.execute(sa.select(Tenancy.state)).scalars().all()
    assert sorted(answers) == ["admitted", "refused"]
    assert sorted(states) == [TenancyState.ADMITTED, TenancyState.REVIEWING]
