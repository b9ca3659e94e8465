"""The only reader of the wall clock; tests freeze it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

CHINA = ZoneInfo("Asia/Shanghai")

_frozen: datetime | None = None


def now() -> datetime:
    """The present moment, aware, UTC."""
    return _frozen or datetime.now(UTC)


def today() -> date:
    """The present day in Asia/Shanghai, where every deadline of the field is meant."""
    return now().astimezone(CHINA).date()


@contextmanager
def frozen(moment: datetime) -> Iterator[None]:
    """Stop the clock at `moment` (aware). A module value, because request contexts do not share variables."""
    global _frozen
    previous, _frozen = _frozen, moment.astimezone(UTC)
    try:
        yield
    finally:
        _frozen = previous
