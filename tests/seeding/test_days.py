"""The demo starts on any day: also where a public notice would reach a year whose holidays are not announced yet."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from matchmaker.accounts.models import User
from matchmaker.accounts.rules import Role
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.seeding import gateways, services
from tests.cast import sign_in

PAGES = {
    Role.HANDLER: ("/desk", "/targets/", "/directory/organisations/", "/notices/manage/"),
    Role.ORGANISER: ("/desk", "/events/manage/", "/contests/manage/"),
    Role.INCUBATOR_MANAGER: ("/desk", "/incubation/manage/board", "/incubation/manage/due"),
    Role.MEMBER: ("/desk", "/needs/", "/events/"),
    Role.JUDGE: ("/desk", "/contests/ballots/"),
}


@pytest.mark.parametrize("day", [datetime(2026, 12, 20, 4, 0, tzinfo=UTC), datetime(2028, 2, 1, 4, 0, tzinfo=UTC)])
def test_the_demo_starts_and_its_pages_open(app, day):
    with clock.frozen(day):
        services.load_reference()
        loaded = services.load_demo()
        users = (
            db.session.execute(sa.select(User).where(User.demo.is_(True)).order_by(User.id)).unique().scalars().all()
        )
        holders = {role: next(user for user in users if role in user.roles) for role in PAGES}
        answers = {
            path: sign_in(app.test_client(), holders[role]).get(path).status_code
            for role, paths in PAGES.items()
            for path in paths
        }

    assert loaded == {name: len(gateways.rows("demo", name)) for name in loaded}
    assert set(answers.values()) == {200}, answers
