"""One registration as the person who made it sees it, with an account or by a signed link."""

from __future__ import annotations

from typing import Any

from matchmaker.core import clock
from matchmaker.events import rules
from matchmaker.events.models import Registration
from matchmaker.events.rules import EventState, RegistrationState, WaitingPolicy
from matchmaker.events.services import waiting

OPEN_TO_CHANGE = {
    RegistrationState.SUBMITTED,
    RegistrationState.APPROVED,
    RegistrationState.WAITING,
    RegistrationState.OFFERED,
}


def outlook(row: Registration) -> dict[str, Any]:
    """How it stands now, whether it may still be changed, and the place in the line."""
    now = clock.now()
    standing = row.standing_at(now)
    changeable = standing in OPEN_TO_CHANGE and now < row.event.starts and row.event.state is not EventState.CANCELLED
    return {
        "registration": row,
        "event": row.event,
        "now": now,
        "standing": standing,
        "changeable": changeable,
        "holds": standing in rules.HOLDING,
        **(_line(row) if standing is RegistrationState.WAITING else {"position": None, "in_line": 0}),
    }


def _line(row: Registration) -> dict[str, Any]:
    """The place in the line; before a draw, and where staff chooses, there is none to tell."""
    line = [each.id for each in waiting.line_of(row.event)]
    told = row.event.waiting_policy in {WaitingPolicy.FIRST_COME, WaitingPolicy.PRIORITY} or bool(row.event.draw_seed)
    return {"position": line.index(row.id) + 1 if told and row.id in line else None, "in_line": len(line)}
