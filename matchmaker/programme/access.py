"""Who plans a programme, who signs up?"""

from __future__ import annotations

from typing import Any

from matchmaker.events.access import has_duty, may_withdraw
from matchmaker.events.models import Event, Registration
from matchmaker.events.rules import EventDuty


def may_plan(viewer: Any, event: Event) -> bool:
    """Who manages the event, and who has the duty for its programme."""
    return has_duty(viewer, event, EventDuty.PROGRAMME)


def may_choose(viewer: Any, registration: Registration) -> bool:
    """Whoever registered, and everybody of the same organisation."""
    return may_withdraw(viewer, registration)
