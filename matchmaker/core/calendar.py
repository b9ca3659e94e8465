"""Days as the district counts them: working days with holidays and make-up days, months, and typed dates.

Public notice (公示) is counted in working days, the first day included. A start that is no working day moves
to the next one. Years whose holidays the State Council has not announced are counted by weekends alone; such a
period is expected, not final, and `require_final()` refuses it.
"""

from __future__ import annotations

import calendar
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from matchmaker.core.errors import DomainError

CHINA = ZoneInfo("Asia/Shanghai")
EXPECTED_NOTE = "预计（待国务院公布安排）"
LONGEST_PERIOD = 400  # working days; a longer count is a slip of the keyboard

_DAY = re.compile(
    r"(\d{4})\s*(?:[-/.]\s*(\d{1,2})\s*[-/.]\s*(\d{1,2})"
    r"|年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日?"
    r"|(\d{2})(\d{2}))"
)
_MIDNIGHT = re.compile(r"[T ]\s*00:00(:00(\.0+)?)?$")


@dataclass(frozen=True)
class PublicityPeriod:
    """The first and the last day of a notice, both included."""

    starts: date
    ends: date
    expected: bool = False

    @property
    def note(self) -> str:
        """What a page adds behind the dates; empty when they are final."""
        return EXPECTED_NOTE if self.expected else ""

    def require_final(self) -> None:
        """Refuse a period that may still move."""
        if self.expected:
            raise DomainError(
                "期限 {starts} 至 {ends} 跨入国务院尚未公布放假安排的年份，请先由管理员补录该年工作日表",
                starts=self.starts,
                ends=self.ends,
            )


@dataclass(frozen=True)
class WorkCalendar:
    """Weekends, corrected by the holidays and make-up days of the years published so far."""

    days_off: frozenset[date] = frozenset()
    make_up_days: frozenset[date] = frozenset()
    published_years: frozenset[int] = frozenset()

    @classmethod
    def from_rows(cls, rows: Iterable[Mapping[str, object]]) -> WorkCalendar:
        """Build from rows with `date`, `kind` (off or work) and `year`, the year whose notice named the day."""
        off: set[date] = set()
        work: set[date] = set()
        years: set[int] = set()
        for row in rows:
            kind = str(row["kind"]).strip()
            if kind not in ("off", "work"):
                raise DomainError("工作日表的类型应为 off 或 work，现为“{kind}”", field="kind", kind=kind)
            (off if kind == "off" else work).add(parse_day(row["date"], field="date"))
            years.add(int(str(row["year"])))
        if both := sorted(off & work):
            raise DomainError("{day} 不能既放假又上班，请核对工作日表", field="date", day=both[0])
        return cls(frozenset(off), frozenset(work), frozenset(years))

    def is_published(self, day: date) -> bool:
        return day.year in self.published_years

    def is_working_day(self, day: date) -> bool:
        # A day named by a notice counts even if the rest of its year is still unknown.
        if day in self.days_off:
            return False
        return day in self.make_up_days or day.weekday() < 5

    def next_working_day(self, day: date) -> date:
        """The day itself when it is a working day, else the first one after it."""
        while not self.is_working_day(day):
            day += timedelta(days=1)
        return day

    def add_working_days(self, start: date, n: int) -> PublicityPeriod:
        """The period of `n` working days whose first day is `start` or the next working day."""
        if not 1 <= n <= LONGEST_PERIOD:
            raise DomainError("工作日天数应为 1 至 {most}，现为 {n}", most=LONGEST_PERIOD, n=n)
        starts = ends = self.next_working_day(start)
        for _ in range(n - 1):
            ends = self.next_working_day(ends + timedelta(days=1))
        years = range(start.year, ends.year + 1)
        return PublicityPeriod(starts, ends, expected=any(year not in self.published_years for year in years))

    def working_days_between(self, first: date, last: date) -> int:
        """Working days from `first` to `last`, both included; 0 when `last` is earlier."""
        span = range((last - first).days + 1)
        return sum(self.is_working_day(first + timedelta(days=n)) for n in span)


def china_today(now: datetime) -> date:
    """The day in China at a moment; a moment without a time zone is a bug."""
    if now.tzinfo is None:
        raise ValueError("china_today() needs an aware moment")
    return now.astimezone(CHINA).date()


def wall_time(moment: datetime) -> datetime:
    """What the clock on a wall in China shows at a moment; a moment without a time zone is a bug."""
    if moment.tzinfo is None:
        raise ValueError("wall_time() needs an aware moment")
    return moment.astimezone(CHINA).replace(tzinfo=None)


def moved(moment: datetime, by: timedelta) -> datetime:
    """The moment whose clock on the wall shows `by` later: 9:30 stays 9:30, whatever the zone does in between."""
    return (wall_time(moment) + by).replace(tzinfo=CHINA).astimezone(UTC)


def add_months(day: date, months: int) -> date:
    """The same day of a later (or earlier) month, or that month's last day when it is shorter."""
    index = day.year * 12 + day.month - 1 + months
    year, month = index // 12, index % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def months_between(earlier: date, later: date) -> int:
    """Whole months that have passed; negative when `later` comes first."""
    if later < earlier:
        return -months_between(later, earlier)
    months = (later.year - earlier.year) * 12 + later.month - earlier.month
    return months if add_months(earlier, months) <= later else months - 1


def parse_day(value: object, *, field: str | None = None) -> date:
    """Read a day as people type it: 2026-1-5, 2026/1/5, 2026.1.5, 2026年1月5日, 20260105, full-width digits."""
    if isinstance(value, datetime):
        return value.date() if value.tzinfo is None else china_today(value)
    if isinstance(value, date):
        return value
    typed = unicodedata.normalize("NFKC", str(value)).strip()
    found = _DAY.fullmatch(_MIDNIGHT.sub("", typed))
    if found:
        year, month, day = (int(part) for part in found.groups() if part)
        try:
            return date(year, month, day)
        except ValueError:
            raise DomainError("没有“{typed}”这一天，请核对年月日", field=field, typed=typed[:20]) from None
    raise DomainError("看不懂日期“{typed}”，请写成 2026-01-05 的样子", field=field, typed=typed[:20])
