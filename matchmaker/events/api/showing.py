"""Rows of events as plain data for programs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from matchmaker.core import clock
from matchmaker.events.models import Audience, Event, Registration, SeatPool
from matchmaker.events.services.events import EDITABLE


def moment(value: datetime | None) -> str | None:
    """A moment in Beijing time, ISO 8601."""
    return value.astimezone(clock.CHINA).isoformat() if value is not None else None


def event(row: Event, *, url: str) -> dict[str, Any]:
    """One event."""
    plain = {key: getattr(row, key) for key in EDITABLE}
    shown = {key: moment(value) if isinstance(value, datetime) else value for key, value in plain.items()}
    places = {"capacity": row.pool.capacity, "used": row.pool.used}
    return {
        **shown,
        **places,
        "id": row.id,
        "region": row.region,
        "state": row.state,
        "version": row.version,
        "url": url,
    }


def place(row: SeatPool) -> dict[str, Any]:
    """One pool of places."""
    return {key: getattr(row, key) for key in ("id", "kind", "name", "name_en", "capacity", "used")}


def group(row: Audience) -> dict[str, Any]:
    """One group, with what it takes over from the event."""
    plain = {key: getattr(row, key) for key in ("id", "name", "name_en", "pool_id", "invited_only", "largest_party")}
    return {
        **plain,
        "needs_approval": row.asks_approval,
        "opens": moment(row.opens),
        "deadline": moment(row.closes),
    }


def registration(row: Registration) -> dict[str, Any]:
    """One registration with its people."""
    keys = ("id", "event_id", "source", "who", "party", "note", "reason", "external_id", "version")
    return {
        **{key: getattr(row, key) for key in keys},
        "group_id": row.audience_id,
        "state": row.standing_at(clock.now()),
        "name": row.contact_name,
        "phone": row.phone,
        "email": row.email,
        "tags": [tag.text for tag in row.tags],
        "offered_until": moment(row.offered_until),
        "created": moment(row.created),
        "attendees": [
            {"id": a.id, "name": a.name, "phone": a.phone, "position": a.position, "attended_at": moment(a.attended_at)}
            for a in row.attendees
        ],
    }
