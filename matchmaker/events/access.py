"""Which event and which registration may this person touch?"""

from __future__ import annotations

from typing import Any

from matchmaker.accounts.rules import Permission
from matchmaker.core.regions import contains
from matchmaker.events.models import Event, Registration
from matchmaker.events.rules import EventDuty


def may_manage(viewer: Any, event: Event) -> bool:
    """Organisers manage the events of their regions, the appointed manager of an event this one."""
    return _organises(viewer, event) or has_duty(viewer, event, EventDuty.MANAGER)


def has_duty(viewer: Any, event: Event, duty: EventDuty) -> bool:
    """Does this fall to the person: as organiser of the region, as manager of the event, or by that very duty?"""
    return _organises(viewer, event) or any(
        role.user_id == viewer.id and role.duty in {duty, EventDuty.MANAGER} for role in event.team
    )


def may_decide(viewer: Any, registration: Registration) -> bool:
    """Registrations fall to who manages the event, and to who has the duty for all groups or for this one."""
    return may_manage(viewer, registration.event) or any(
        role.user_id == viewer.id
        and role.duty is EventDuty.REGISTRATIONS
        and role.audience_id in {None, registration.audience_id}
        for role in registration.event.team
    )


def may_register_for(viewer: Any, organisation_id: int | None) -> bool:
    """A person registers an organisation of their own, or themselves."""
    return viewer.has(Permission.EVENTS_REGISTER) and (
        organisation_id is None or organisation_id in viewer.organisation_ids
    )


def may_withdraw(viewer: Any, registration: Registration) -> bool:
    """Whoever registered, and everybody of the same organisation."""
    return (registration.user_id is not None and registration.user_id == viewer.id) or (
        registration.organisation_id is not None and registration.organisation_id in viewer.organisation_ids
    )


def _organises(viewer: Any, event: Event) -> bool:
    return viewer.has(Permission.EVENTS_MANAGE) and any(contains(code, event.region) for code in viewer.region_codes)
