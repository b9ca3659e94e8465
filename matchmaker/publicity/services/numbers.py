"""The one place where serial numbers are claimed."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from matchmaker.core.db import db
from matchmaker.core.errors import Conflict
from matchmaker.publicity.models import NumberCounter

HIGHEST = 999_999


def claim_serial(name: str, *, year: int) -> int:
    """The next serial of a kind and year, by one conditional UPDATE that holds its row until the commit.

    A transaction that is undone gives its number back, so there are no gaps.
    """
    insert: Any = postgresql.insert if db.engine.dialect.name == "postgresql" else sqlite.insert
    db.session.execute(insert(NumberCounter).values(name=name, year=year, last=0).on_conflict_do_nothing())
    raised = (
        sa.update(NumberCounter)
        .where(NumberCounter.name == name, NumberCounter.year == year, NumberCounter.last < HIGHEST)
        .values(last=NumberCounter.last + 1)
        .returning(NumberCounter.last)
        .execution_options(synchronize_session=False)
    )
    serial = db.session.execute(raised).scalar_one_or_none()
    if serial is None:
        raise Conflict("这一年的编号已用完，请改用新的编号类型")
    return int(serial)
