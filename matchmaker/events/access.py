"""Which event and which registration may this person touch?"""

from __future__ import annotations

from typing import Any

from matchmaker.accounts.rules import Permission
from matchmaker.core.regions import contains
from matchmaker.events.models import Audience, Event, Registration
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
    return may_decide_group(viewer, registration.event, registration.audience_id)


def may_decide_group(viewer: Any, event: Event, audience_id: int | None) -> bool:
    """Does this person decide on the registrations of this group?"""
    return may_manage(viewer, event) or any(
        role.user_id == viewer.id and role.duty is EventDuty.REGISTRATIONS and role.audience_id in {None, audience_id}
        for role in event.team
    )


def groups_decided(viewer: Any, event: Event) -> list[Audience]:
    """The groups whose registrations fall to this person."""
    return [audience for audience in event.audiences if may_decide_group(viewer, event, audience.id)]


def may_look(viewer: Any, event: Event) -> bool:
    """Staff of the region, and whoever is on the event's team."""
    return _reads(viewer, event) or any(role.user_id == viewer.id for role in event.team)


def may_list(viewer: Any, event: Event) -> bool:
    """Who sees registrations: staff of the region, and members of the team who have to do with them."""
    wanted = {EventDuty.MANAGER, EventDuty.REGISTRATIONS, EventDuty.VIEWER}
    return _reads(viewer, event) or any(role.user_id == viewer.id and role.duty in wanted for role in event.team)


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


def _reads(viewer: Any, event: Event) -> bool:
    return viewer.has(Permission.EVENTS_READ) and any(contains(code, event.region) for code in viewer.region_codes)
