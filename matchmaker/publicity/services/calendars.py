"""The working days that the State Council announces, loaded from a file or typed in for one year."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from matchmaker.activity import services as activity
from matchmaker.core.calendar import WorkCalendar, parse_day
from matchmaker.core.db import db
from matchmaker.core.errors import DomainError
from matchmaker.publicity.models import Workday

LONGEST_HOLIDAY = 15  # days; a longer range is a slip of the keyboard


def load_workdays(rows: Iterable[Mapping[str, Any]]) -> int:
    """Insert or update days by their date (columns date, kind, year, name, source); returns how many changed."""
    given = [dict(row) for row in rows]
    WorkCalendar.from_rows(given)
    known = {row.day: row for row in db.session.execute(sa.select(Workday)).scalars()}
    changed = 0
    for row in given:
        day = parse_day(row["date"], field="date")
        values = {
            "kind": str(row["kind"]).strip(),
            "year": int(row["year"]),
            "name": row.get("name", "") or "",
            "source": row.get("source", "") or "",
        }
        changed += _keep(known, day, values)
    db.session.flush()
    return changed


def _keep(known: dict[date, Workday], day: date, values: dict[str, Any]) -> bool:
    row = known.get(day)
    if row is None:
        known[day] = Workday(day=day, **values)
        db.session.add(known[day])
        return True
    if all(getattr(row, key) == value for key, value in values.items()):
        return False
    for key, value in values.items():
        setattr(row, key, value)
    return True


def announce_year(*, actor: Any, year: int, source: str, days_off: str, days_worked: str) -> int:
    """Replace the days of one year by what its notice says; returns how many days were written."""
    off = _days(days_off, year=year, field="days_off")
    work = _days(days_worked, year=year, field="days_worked")
    if len(off) < 7:
        raise DomainError("一年的放假安排至少有 7 天，请把整年一次填全", field="days_off")
    if both := sorted(set(off) & set(work)):
        raise DomainError("{day} 不能既放假又上班，请核对工作日表", field="days_worked", day=both[0])
    if not source.strip():
        raise DomainError("请填写国务院办公厅通知的文号", field="source")
    db.session.execute(sa.delete(Workday).where(Workday.year == year))
    db.session.execute(sa.delete(Workday).where(Workday.day.in_([*off, *work])))
    rows = [(day, "off") for day in off] + [(day, "work") for day in work]
    written = [Workday(day=day, kind=kind, year=year, source=source.strip()) for day, kind in rows]
    db.session.add_all(written)
    activity.record("publicity.year_announced", subject=_first(written), actor=actor, year=year, days=len(written))
    db.session.flush()
    return len(written)


def _first(rows: list[Workday]) -> Workday:
    db.session.flush()
    return rows[0]


def _days(text: str, *, year: int, field: str) -> list[date]:
    """Days one a line, or a range as 2027-01-01 至 2027-01-03; the last days of December before may be among them."""
    days: list[date] = []
    for line in (line.strip() for line in text.splitlines()):
        if line:
            first, _, last = line.replace("到", "至").replace("to", "至").partition("至")
            days += _range(parse_day(first, field=field), parse_day(last or first, field=field), field=field)
    for day in days:
        if not date(year - 1, 12, 25) <= day <= date(year, 12, 31):
            raise DomainError("{day} 不在 {year} 年，请检查年份", field=field, day=day, year=str(year))
    return sorted(set(days))


def _range(first: date, last: date, *, field: str) -> list[date]:
    length = (last - first).days
    if not 0 <= length < LONGEST_HOLIDAY:
        raise DomainError("{first} 至 {last} 的起止不对，请检查", field=field, first=first, last=last)
    return [first + timedelta(days=n) for n in range(length + 1)]
