"""Series: the same event again on other days, as drafts; and changes to all that are still to come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from matchmaker.activity import services as activity
from matchmaker.core import clock, folding
from matchmaker.core.calendar import CHINA, wall_time
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.events import access
from matchmaker.events.models import Event, EventSeries
from matchmaker.events.services import copying, events
from matchmaker.programme import queries
from matchmaker.programme.rules.rhythm import CHANGEABLE


def repeat(event: Event, *, actor: Any, days: Sequence[date], title: str) -> list[Event]:
    """Drafts like `event` on these days, at its time of day, in one series with it; days that have one are left out."""
    if not access.may_manage(actor, event):
        raise NotPermitted("这个活动不在您负责的区域")
    series = event.series or _new_series(event, title=title)
    taken = {wall_time(row.starts).date() for row in queries.events_of_series(series.id)}
    wanted = [day for day in days if day not in taken]
    if not wanted:
        raise Conflict("这些日期都已经有活动，没有新建")
    at = wall_time(event.starts).time()
    made = [copying.copy(event, actor=actor, starts=_at(day, at), series=series) for day in wanted]
    activity.record("programme.series_made", subject=event, actor=actor, series=series.id, events=len(made))
    db.session.flush()
    return made


def _at(day: date, at: time) -> datetime:
    return datetime.combine(day, at, CHINA)


def _new_series(event: Event, *, title: str) -> EventSeries:
    title = title.strip()
    if not title:
        raise DomainError("请填写系列名称", field="title")
    series = EventSeries(region=event.region, title=title[:200], title_en=event.title_en, created=clock.now())
    db.session.add(series)
    db.session.flush()
    event.series = series
    return series


def rename(series: EventSeries, *, actor: Any, title: str, title_en: str = "") -> None:
    """Another title of a series."""
    if not any(access.may_manage(actor, event) for event in queries.events_of_series(series.id)):
        raise NotPermitted("这个活动不在您负责的区域")
    title = folding.clean_text(title)
    if not title:
        raise DomainError("请填写系列名称", field="title")
    before = series.title
    series.title, series.title_en = title[:200], folding.clean_text(title_en)[:200] or None
    activity.record("programme.series_renamed", subject=series, actor=actor, before=before, after=series.title)
    db.session.flush()


def later(event: Event) -> Sequence[Event]:
    """This event and the later ones of its series that a change would reach."""
    return queries.later_events(event, now=clock.now())


def change_later(
    event: Event, *, actor: Any, values: Mapping[str, Any], at: time | None = None, minutes: int | None = None
) -> list[Event]:
    """Give `values` to this event and all later ones of its series; `at` moves the time of day, `minutes` the length.

    The deadline keeps its distance to the start. Everybody who registered is told of another time or place.
    """
    unknown = set(values) - set(CHANGEABLE)
    if unknown:
        raise ValueError(f"not to be changed in bulk: {sorted(unknown)}")
    if not values and at is None and minutes is None:
        raise DomainError("请至少勾选一项要修改的内容")
    changed = list(later(event))
    if not changed:
        raise Conflict("没有还未开始的活动可以修改")
    for row in changed:
        events.edit(row, actor=actor, capacity=row.pool.capacity, **{**times(row, at=at, minutes=minutes), **values})
    activity.record(
        "programme.series_changed",
        subject=event,
        actor=actor,
        fields=sorted(values),
        events=[row.id for row in changed],
    )
    return changed


def times(event: Event, *, at: time | None, minutes: int | None) -> dict[str, datetime]:
    """Start, end and deadline of an event with another time of day or length."""
    day = wall_time(event.starts).date()
    starts = datetime.combine(day, at, CHINA) if at is not None else event.starts
    length = timedelta(minutes=minutes) if minutes is not None else event.ends - event.starts
    return {"starts": starts, "ends": starts + length, "deadline": event.deadline + (starts - event.starts)}
