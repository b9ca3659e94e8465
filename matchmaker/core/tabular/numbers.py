"""Turns typed cells into the text a person would have typed: no 1.0, no 1e+20, ISO dates."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from math import isfinite

SAFE_INTEGER = 10**15  # a spreadsheet keeps 15 digits; beyond, the last ones are already lost


def as_typed(value: object) -> str:
    """The value as text; None is the empty text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        return plain_float(value)
    if isinstance(value, datetime):
        return plain_moment(value)
    if isinstance(value, time):
        return value.isoformat("auto" if value.second else "minutes")
    if isinstance(value, date | timedelta):
        return str(value)
    return str(value)


def plain_float(value: float) -> str:
    """Fifteen digits as a spreadsheet shows them, without exponent."""
    if not isfinite(value):
        return str(value)
    if value == int(value):
        return str(int(value))
    return format(Decimal(f"{value:.15g}"), "f")


def plain_moment(value: datetime) -> str:
    if value.time() == time():
        return value.date().isoformat()
    return value.isoformat(" ", "seconds" if value.second else "minutes")


def lost_digits(value: object) -> bool:
    """Whether a spreadsheet has cut this number: an 18-digit code typed into a number cell."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) >= SAFE_INTEGER
