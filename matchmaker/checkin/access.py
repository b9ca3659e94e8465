"""Who may work at which gate?"""

from __future__ import annotations

from typing import Any

from matchmaker.checkin.models import Gate
from matchmaker.events import access as events
from matchmaker.events.models import Event
from matchmaker.events.rules import EventDuty


def may_run(viewer: Any, event: Event) -> bool:
    """Set up lists and gates, settle conflicts, take check-ins back."""
    return events.has_duty(viewer, event, EventDuty.CHECKIN)


def may_stand_at(viewer: Any, gate: Gate) -> bool:
    """Scan at this gate: who runs check-in, and who was put there."""
    return viewer.is_authenticated and (
        may_run(viewer, gate.event) or any(steward.user_id == viewer.id for steward in gate.stewards)
    )
