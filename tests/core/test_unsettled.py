"""The database of the tests that settles nothing a statement leaves open."""

import pytest
import sqlalchemy as sa

from matchmaker.accounts.models import User
from matchmaker.core.db import db
from tests import unsettled
from tests.cast import a_user

pytestmark = [pytest.mark.sqlite, pytest.mark.usefixtures("app")]


def names(*order):
    return list(db.session.execute(sa.select(User.name).order_by(*order)).scalars())


@pytest.mark.parametrize(
    ("order", "settled"), [((), False), ((User.region,), False), ((User.region, User.id), True), ((User.id,), True)]
)
def test_only_an_order_down_to_one_row_is_kept(order, settled):
    for name in ("甲", "乙", "丙"):
        a_user(name=name)
    db.session.remove()

    with unsettled.backwards(db.engine):
        found = names(*order)

    assert found == (["甲", "乙", "丙"] if settled else ["丙", "乙", "甲"])
