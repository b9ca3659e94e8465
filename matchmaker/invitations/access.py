"""Who may invite to an event?"""

from __future__ import annotations

from typing import Any

from matchmaker.events.access import may_manage
from matchmaker.events.models import Audience, Event
from matchmaker.events.rules import EventDuty
from matchmaker.invitations.models import Invitation


def may_invite(viewer: Any, event: Event, audience: Audience | None = None) -> bool:
    """Who manages the event, and who has the duty of registrations for all groups or for this one."""
    return may_manage(viewer, event) or any(
        role.user_id == viewer.id
        and role.duty is EventDuty.REGISTRATIONS
        and (role.audience_id is None or (audience is not None and role.audience_id == audience.id))
        for role in event.team
    )


def may_handle(viewer: Any, invitation: Invitation) -> bool:
    """May this person change, send and withdraw this invitation?"""
    return may_invite(viewer, invitation.event, invitation.audience)
