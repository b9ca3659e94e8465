"""One link pressed by many at once: one registration, one seat."""

from __future__ import annotations

from threading import Barrier, Thread

import sqlalchemy as sa

from matchmaker.accounts.rules import Role
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import Conflict
from matchmaker.events.models import Registration, SeatPool
from matchmaker.invitations.models import Invitation
from matchmaker.invitations.services import answering
from tests.cast import a_user
from tests.factories.events import an_event
from tests.factories.invitations import an_invitation

MANY = 8


def test_one_link_pressed_by_many_at_once_is_one_registration(app):
    organiser = a_user(Role.ORGANISER)
    invitation_id = an_invitation(an_event(owner=organiser), actor=organiser).id
    barrier, outcomes = Barrier(MANY), []

    def press(number):
        with app.app_context():
            row = db.session.get_one(Invitation, invitation_id)
            barrier.wait(timeout=30)
            try:
                with transaction():
                    answering.accept(row, phone=f"1300000010{number}")
                outcomes.append("taken")
            except Conflict:
                outcomes.append("late")
            finally:
                db.session.remove()

    db.session.rollback()
    threads = [Thread(target=press, args=(number,)) for number in range(MANY)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    db.session.expire_all()
    assert sorted(outcomes) == ["late"] * (MANY - 1) + ["taken"]
    assert db.session.query(Registration).count() == 1
    assert db.session.execute(sa.select(SeatPool.used)).scalar_one() == 1
