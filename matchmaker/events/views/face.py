"""What search engines, messengers and calendars read about an event."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import current_app, url_for

from matchmaker.core.clock import CHINA
from matchmaker.core.feature import features
from matchmaker.core.i18n import current_locale
from matchmaker.events.models import Event
from matchmaker.events.rules import EventKind, EventState, WaitingPolicy
from matchmaker.notifications.services import base_url

SCHEMA = "https://schema.org/"
TYPES = {
    EventKind.TRAINING: "EducationEvent",
    EventKind.EXHIBITION: "ExhibitionEvent",
    EventKind.SALON: "SocialEvent",
    EventKind.OTHER: "Event",
}
LANGUAGES = {"zh": "zh-CN", "en": "en"}


def address(endpoint: str, language: str = "zh", **values: Any) -> str:
    """The full address of a page in a language; Chinese is the page without a word about it."""
    if language != "zh":
        values["lang"] = language
    return base_url() + url_for(endpoint, **values)


def json_ld(event: Event, *, door: str) -> dict[str, Any]:
    """The event in the words of schema.org, in the reader's language."""
    language = current_locale()
    settings = current_app.config["SETTINGS"]
    page = address("events.show", language, event_id=event.id)
    told: dict[str, Any] = {
        "@context": SCHEMA,
        "@type": TYPES.get(event.kind, "BusinessEvent"),
        "@id": address("events.show", event_id=event.id),
        "url": page,
        "name": event.text_in("title", language),
        "description": event.text_in("summary", language),
        "inLanguage": LANGUAGES[language],
        "startDate": _local(event.starts),
        "endDate": _local(event.ends),
        "eventStatus": SCHEMA + ("EventCancelled" if event.state is EventState.CANCELLED else "EventScheduled"),
        "eventAttendanceMode": SCHEMA + "OfflineEventAttendanceMode",
        "image": [address("events.picture", language, event_id=event.id)],
        "location": {
            "@type": "Place",
            "name": event.text_in("venue", language),
            "address": {
                "@type": "PostalAddress",
                "streetAddress": event.text_in("address", language) or event.text_in("venue", language),
                "addressCountry": "CN",
            },
        },
        "organizer": {"@type": "GovernmentOrganization", "name": settings.district_name, "url": base_url() + "/"},
        "isAccessibleForFree": True,
        "maximumAttendeeCapacity": event.pool.capacity,
        "remainingAttendeeCapacity": max(0, event.pool.left),
    }
    if event.state is EventState.PUBLISHED:
        told["offers"] = {
            "@type": "Offer",
            "price": 0,
            "priceCurrency": "CNY",
            "url": page,
            "availability": SCHEMA + _availability(event, door),
            "validThrough": _local(event.deadline),
        }
    if event.series is not None:
        told["superEvent"] = {"@type": "EventSeries", "name": event.series.title_in(language)}
    for feature in features().all:
        if tell := feature.machine_data.get(Event.__tablename__):
            told |= tell(event, language)
    return told


def _availability(event: Event, door: str) -> str:
    if door == "open":
        return "InStock"
    return "BackOrder" if door == "waiting" and event.waiting_policy is not WaitingPolicy.NONE else "SoldOut"


def _local(moment: datetime) -> str:
    return moment.astimezone(CHINA).isoformat(timespec="minutes")


def door(event: Event, *, now: datetime, somebody_waits: bool) -> str:
    """What a visitor can do: open, waiting (the list), full, soon, closed, draft or cancelled."""
    if event.state is not EventState.PUBLISHED:
        return event.state.value
    groups = [group for group in event.audiences if not group.invited_only]
    if not groups:
        return "invited"
    live = [group for group in groups if group.is_open_at(now)]
    if not live:
        opens = [group.opens for group in groups if group.opens is not None and group.opens > now]
        return "soon" if opens else "closed"
    free = event.pool.left > 0 and any(group.pool is None or group.pool.left > 0 for group in live)
    if free and not (somebody_waits and event.waiting_policy is not WaitingPolicy.NONE):
        return "open"
    return "full" if event.waiting_policy is WaitingPolicy.NONE else "waiting"


def opening(event: Event, *, now: datetime) -> datetime | None:
    """When the first group may register, while none may yet."""
    times = [group.opens for group in event.audiences if not group.invited_only and group.opens]
    return min((time for time in times if time > now), default=None)
