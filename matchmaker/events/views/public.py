"""What everybody sees: what is on, one event, its calendar file."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

from flask import Response, current_app, request, url_for
from flask_login import current_user

from matchmaker.core import clock, documents
from matchmaker.core.db import db
from matchmaker.core.errors import Missing
from matchmaker.core.feature import features
from matchmaker.core.i18n import current_locale, moment
from matchmaker.core.web import download, one_or_404, page, public
from matchmaker.directory import taxonomy
from matchmaker.events import access, calendars, queries
from matchmaker.events.models import Event, EventSeries, Registration
from matchmaker.events.rules import LIVE, EventKind
from matchmaker.events.services import feeds
from matchmaker.events.views import bp, face

A_PAGE = 12
FILTERS = ("kind", "month", "region", "q", "open")


@bp.get("/")
@public
def index() -> Any:
    """What is on, as filtered."""
    now = clock.now()
    chosen = {name: request.args.get(name, "").strip()[:60] for name in FILTERS}
    statement = queries.listed(
        now,
        kind=chosen["kind"],
        month=chosen["month"],
        region=chosen["region"],
        words=chosen["q"],
        only_open=bool(chosen["open"]),
    )
    events, number, pages, found = _paged(statement)
    months, regions = queries.months_and_regions(now)
    names = taxonomy.english_names("regions") if current_locale() == "en" else taxonomy.names("regions")
    return page(
        "events/index.html",
        events=events,
        found=found,
        number=number,
        pages=pages,
        chosen=chosen,
        kinds=list(EventKind),
        months=months,
        regions=[(code, names.get(code, code)) for code in regions],
        to_page=lambda n: url_for(".index", **_in_address(chosen), page=n),
        now=now,
    )


def _in_address(chosen: dict[str, str]) -> dict[str, Any]:
    return {key: value for key, value in chosen.items() if value}


def _paged(statement: Any) -> tuple[Any, int, int, int]:
    ids = list(db.session.execute(statement.with_only_columns(Event.id)).scalars())
    pages = max(1, math.ceil(len(ids) / A_PAGE))
    asked = request.args.get("page", "1")
    number = min(max(1, int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 1), pages)
    rows = db.session.execute(statement.limit(A_PAGE).offset((number - 1) * A_PAGE)).unique().scalars().all()
    return rows, number, pages, len(ids)


@bp.get("/<int:event_id>")
@public
def show(event_id: int) -> Any:
    """One event, with what this person can do about it."""
    event, now = _event(event_id), clock.now()
    door = face.door(event, now=now, somebody_waits=queries.somebody_waits(event_id))
    return page(
        "events/show.html",
        event=event,
        own=_own(event_id),
        now=now,
        door=door,
        opening=face.opening(event, now=now),
        canonical=face.address("events.show", current_locale(), event_id=event.id),
        alternates={code: face.address("events.show", code, event_id=event.id) for code in face.LANGUAGES},
        picture=face.address("events.picture", current_locale(), event_id=event.id),
        told=face.json_ld(event, door=door),
        manages=access.may_manage(current_user, event),
    )


def _event(event_id: int) -> Event:
    event: Event = one_or_404(queries.visible_to(current_user).where(Event.id == event_id))
    return event


def _own(event_id: int) -> Any:
    """The person's own registration: a live one before any other."""
    if not current_user.is_authenticated:
        return None
    statement = queries.own_registrations(current_user).where(Registration.event_id == event_id).limit(20)
    rows = db.session.execute(statement).unique().scalars().all()
    return min(rows, key=lambda row: (row.state not in LIVE, -row.id), default=None)


@bp.get("/<int:event_id>/calendar.ics")
@public
def calendar(event_id: int) -> Any:
    """The event for one's own calendar."""
    event, language = _event(event_id), current_locale()
    url = face.address("events.show", language, event_id=event.id)
    body = calendars.calendar_of(event, url=url, now=clock.now(), language=language)
    return download(body, filename=f"{event.text_in('title', language)}.ics", mimetype="text/calendar")


@bp.get("/<int:event_id>/picture.png")
@public
def picture(event_id: int) -> Response:
    """The picture that messengers show beside a link to the event."""
    event = _event(event_id)
    language = current_locale()
    settings = current_app.config["SETTINGS"]
    words = (event.text_in("title", language), moment(event.starts), event.text_in("venue", language))
    response = Response(_drawn(*words, settings.district_name, settings.site_name), mimetype="image/png")
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response


@lru_cache(maxsize=64)
def _drawn(title: str, when: str, where: str, district: str, site: str) -> bytes:
    data = {"title": title, "when": when, "where": where, "district": district, "site": site}
    return documents.picture("event_picture", data, ppi=72)


@bp.get("/series/<int:series_id>.ics")
@public
def series_calendar(series_id: int) -> Any:
    """All events of a series, to subscribe to."""
    events = db.session.execute(queries.of_series(series_id)).unique().scalars().all()
    series = db.session.get(EventSeries, series_id) if events else None
    if series is None:
        raise Missing("没有找到这个系列活动")
    language, now = current_locale(), clock.now()
    entries = [
        calendars.entry(event, url=face.address("events.show", language, event_id=event.id), now=now, language=language)
        for event in events
    ]
    title = series.title_in(language)
    return download(calendars.calendar(entries, name=title), filename=f"{title}.ics", mimetype="text/calendar")


@bp.get("/feed/<token>.ics")
@public
def feed(token: str) -> Any:
    """A person's registrations for a calendar programme, under an address that the person can take back."""
    found = feeds.open_feed(token)
    language, now = found.user.language or "zh", clock.now()
    rows = db.session.execute(queries.in_calendar(found.user)).unique().scalars().all()
    entries = [
        calendars.entry(
            row.event,
            url=face.address("events.registration", language, registration_id=row.id),
            now=now,
            language=language,
            tentative=row.state.value in {"submitted", "offered"},
            cancelled=row.state.value == "cancelled",
        )
        for row in rows
    ]
    for feature in features().all:
        if feature.calendar_entries is not None:
            entries += feature.calendar_entries(rows, language)
    name = current_app.config["SETTINGS"].site_name
    response = download(calendars.calendar(entries, name=name), filename="events.ics", mimetype="text/calendar")
    response.headers["Cache-Control"] = "no-store"
    return response
