"""The years of a region that are closed: every feature asks here before it changes a record of a year."""

from __future__ import annotations

from datetime import datetime

from matchmaker.core.db import db
from matchmaker.directory import rules
from matchmaker.directory.models import ClosedYear
from matchmaker.directory.queries import closed_years


def require_open_year(region: str, year: int, *, reason: str = "") -> None:
    """Raise Conflict when the year is closed and no reason for a correction is given.

    Erasing personal data never asks.
    """
    rules.check_year_open(year=year, closed_years=closed_years(region), correction_reason=reason)


def close_year(region: str, year: int, *, proposed_by_id: int, closed_by_id: int, now: datetime) -> ClosedYear:
    """Close a year for a region; the unique constraint refuses a second time. Whoever calls checked the two people."""
    row = ClosedYear(region=region, year=year, proposed_by_id=proposed_by_id, closed_by_id=closed_by_id, closed=now)
    db.session.add(row)
    db.session.flush()
    return row
