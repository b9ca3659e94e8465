"""How often: each limit is spent by one conditional UPDATE, so parallel tries cannot pass it together."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from matchmaker.accounts import gateways
from matchmaker.accounts.models import Allowance
from matchmaker.core import clock
from matchmaker.core.db import claim, db


def spend(name: str, key: object, *, limit: int, minutes: int) -> bool:
    """Take one of `limit` tries within `minutes`; False when none is left. The window starts with its first try."""
    now = clock.now()
    since = now - timedelta(minutes=minutes)
    row = sa.update(Allowance).where(*_this(name, key))
    one_more = row.where(Allowance.window_started > since, Allowance.used < limit).values(used=Allowance.used + 1)
    if claim(one_more):
        return True
    if claim(row.where(Allowance.window_started <= since).values(used=1, window_started=now)):
        return True
    if db.session.execute(sa.select(Allowance.id).where(*_this(name, key))).first():
        return False
    try:
        with db.session.begin_nested():
            db.session.add(Allowance(name=name, key_hash=_hash(name, key), window_started=now, used=1))
        return True
    except IntegrityError:  # another's first try was faster
        return claim(one_more)


def give_back(name: str, key: object) -> None:
    """A try that went well does not count."""
    claim(sa.update(Allowance).where(*_this(name, key), Allowance.used > 0).values(used=Allowance.used - 1))


def clear(name: str, key: object) -> None:
    """Forget the tries: the right person has shown themselves."""
    claim(sa.update(Allowance).where(*_this(name, key)).values(used=0))


def _this(name: str, key: object) -> tuple[sa.ColumnElement[bool], ...]:
    return Allowance.name == name, Allowance.key_hash == _hash(name, key)


def _hash(name: str, key: object) -> str:
    return gateways.keyed_hash(f"{name}:{key}")
