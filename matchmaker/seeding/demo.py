"""The demo as it is being laid: its first day, the records made so far, and the clock set back for history."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any, TypeVar

import sqlalchemy as sa

from matchmaker.accounts.models import User
from matchmaker.accounts.services import passwords
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.directory.models import Organisation
from matchmaker.seeding import gateways
from matchmaker.seeding.models import DemoRecord

PASSWORD = "demo-matchmaker-2026"  # noqa: S105 - printed by `matchmaker demo`; `serve` refuses demo accounts
FIRST_DAY = "first-day"
Record = TypeVar("Record")


@cache
def password_hash() -> str:
    """The hash of the demo's password, made once: hashing is slow on purpose and the demo has a hundred accounts."""
    return passwords.hashed(PASSWORD)


class Demo:
    """Reads demo files and remembers which row became which record; used inside `transaction()`."""

    def __init__(self) -> None:
        found = db.session.execute(sa.select(DemoRecord)).scalars().all()
        self.ids = {row.key: row.record_id for row in found}
        first = next((row for row in found if row.key == FIRST_DAY), None)
        self.day = first.day if first else clock.today()
        if first is None:
            self.note(FIRST_DAY, 0)

    def new(self, name: str) -> list[dict[str, str]]:
        """The rows of a file that are not loaded yet."""
        return [row for row in gateways.rows("demo", name) if row["key"] not in self.ids]

    def grouped(self, name: str, by: str) -> dict[str, list[dict[str, str]]]:
        """All rows of a file by one of its columns."""
        groups: dict[str, list[dict[str, str]]] = {}
        for row in gateways.rows("demo", name):
            groups.setdefault(row[by], []).append(row)
        return groups

    def note(self, key: str, record_id: int) -> None:
        """Remember that a row was loaded."""
        self.ids[key] = record_id
        db.session.add(DemoRecord(key=key, record_id=record_id, day=self.day))
        db.session.flush()

    def get(self, model: type[Record], key: str) -> Record:
        """The record that a row became."""
        record = db.session.get(model, self.ids[key])
        if record is None:
            raise LookupError(f"demo record {key} is gone")
        return record

    def find(self, model: type[Record], key: str) -> Record | None:
        """The record that a row became, or None for an empty cell or a row that is not loaded."""
        return self.get(model, key) if key in self.ids else None

    def user(self, key: str) -> User:
        """The login of a row of accounts.csv."""
        return self.get(User, key)

    def organisation(self, key: str) -> Organisation:
        """The organisation of a row of organisations.csv."""
        return self.get(Organisation, key)

    def staff(self, region: str, *, role: str = "handler") -> User:
        """The login that does a staff job in a region."""
        names = {"handler": "u-handler", "organiser": "u-organiser", "approver": "u-approver1"}
        return self.user(names[role] if region == "650105" else "u-organiser-xs")

    def ago(self, days: str | int) -> date:
        """So many days before the first day."""
        return self.day - timedelta(days=int(days))

    def ahead(self, days: str | int) -> date:
        """So many days after the first day; negative is the past."""
        return self.day + timedelta(days=int(days))

    def moment(self, day: date, at: str = "10:00") -> datetime:
        """A clock time of a day in Beijing."""
        return datetime.combine(day, time.fromisoformat(at), tzinfo=clock.CHINA)

    @contextmanager
    def on(self, day: date, at: str = "10:00") -> Iterator[datetime]:
        """The clock stopped on a day of the past; on the first day itself and later it runs as it is."""
        if day >= self.day:
            yield clock.now()
            return
        with clock.frozen(self.moment(day, at)):
            yield clock.now()


def number(text: str) -> int | None:
    """A whole number, None for an empty cell."""
    return int(text) if text else None


def several(text: str) -> list[str]:
    """The values of a cell that holds several."""
    return [part.strip() for part in text.split(";") if part.strip()]


def fen_of_wan(text: str) -> int | None:
    """万元 as fen, None for an empty cell."""
    from decimal import Decimal

    return int(Decimal(text) * 1_000_000) if text else None


Loader = Callable[[Demo], int]


def values_of(row: dict[str, str], *names: str) -> dict[str, Any]:
    """The named cells with empty ones as None."""
    return {name: row[name] or None for name in names}
