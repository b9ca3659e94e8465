"""Whose event is this? – who may write to its people and read what they were sent."""

from __future__ import annotations

from typing import Any

from matchmaker.events import access as events
from matchmaker.events.models import Event, Registration
from matchmaker.events.rules import EventDuty


def may_write(viewer: Any, event: Event) -> bool:
    """Organisers of the region, and who has the messages of the event."""
    return events.has_duty(viewer, event, EventDuty.MESSAGES)


def may_see_log(viewer: Any, registration: Registration) -> bool:
    """Who writes to the people of the event, or decides on this registration."""
    wrote = any(
        role.user_id == viewer.id
        and role.duty is EventDuty.MESSAGES
        and role.audience_id in {None, registration.audience_id}
        for role in registration.event.team
    )
    return wrote or events.may_decide(viewer, registration)
