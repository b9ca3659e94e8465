"""Two handlers press in the same second, by threads on the real database."""

from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa

from matchmaker.accounts.models import User
from matchmaker.accounts.rules import Role
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import DomainError
from matchmaker.matching.models import HelpRequest
from matchmaker.rounds.models import MatchRound
from matchmaker.rounds.services import rounds
from tests.cast import a_user
from tests.factories.directory import an_organisation
from tests.factories.matching import EXPERTISE, a_need
from tests.factories.rosters import a_helper
from tests.factories.rounds import a_round

pytestmark = pytest.mark.usefixtures("now")


def test_a_plan_is_sent_once(app):
    handler = a_user(Role.HANDLER)
    need = a_need(actor=a_user(organisation=an_organisation()))
    row = a_round([need], [a_helper(user=a_user(), expertise=EXPERTISE)], actor=handler)
    round_id, plan, handler_id = row.id, row.plan, handler.id
    barrier, seen = threading.Barrier(4), []

    def press():
        with app.app_context():
            barrier.wait()
            try:
                with transaction() as session:
                    mine = session.get_one(MatchRound, round_id)
                    rounds.publish(mine, actor=session.get_one(User, handler_id), plan=plan)
                seen.append("sent")
            except DomainError:
                seen.append("refused")
            finally:
                db.session.remove()

    threads = [threading.Thread(target=press) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    db.session.rollback()
    assert sorted(seen) == ["refused"] * 3 + ["sent"]
    assert db.session.scalar(sa.select(sa.func.count(HelpRequest.id))) == 1
