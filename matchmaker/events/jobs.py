"""Recurring work of events."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.events import queries
from matchmaker.events.services import attendance, registrations, waiting

LATE_GATES = timedelta(hours=24)  # gates that were offline have a day to report


def remind() -> int:
    """Queue reminders for tomorrow's events."""
    with transaction():
        return registrations.remind()


def sweep_offers() -> int:
    """Free the places of offers that ran out, and tell."""
    with transaction():
        return waiting.sweep()


def serve_waiting() -> int:
    """Offer free places to those who wait, one transaction an event."""
    ids = [event.id for event in db.session.execute(queries.to_serve(clock.now())).unique().scalars()]
    return sum(_each(event_id, waiting.serve) for event_id in ids)


def close_events() -> int:
    """Close events a day after their end: who was never seen is absent."""
    over = queries.to_close(clock.now() - LATE_GATES)
    ids = [event.id for event in db.session.execute(over).unique().scalars()]
    for event_id in ids:
        _each(event_id, lambda event: attendance.close(event, actor=None))
    return len(ids)


def _each(event_id: int, work: Callable[[Any], int]) -> int:
    with transaction() as session:
        return work(session.execute(queries.one(event_id)).unique().scalar_one())
