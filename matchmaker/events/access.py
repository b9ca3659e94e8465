"""Which event and which registration may this person touch?"""

from __future__ import annotations

from typing import Any

from matchmaker.accounts.rules import Permission
from matchmaker.core.regions import contains
from matchmaker.events.models import Event, Registration


def may_manage(viewer: Any, event: Event) -> bool:
    """Organisers manage the events of their regions."""
    return viewer.has(Permission.EVENTS_MANAGE) and any(contains(code, event.region) for code in viewer.region_codes)


def may_register_for(viewer: Any, organisation_id: int | None) -> bool:
    """A person registers an organisation of their own, or themselves."""
    return viewer.has(Permission.EVENTS_REGISTER) and (
        organisation_id is None or organisation_id in viewer.organisation_ids
    )


def may_withdraw(viewer: Any, registration: Registration) -> bool:
    """Whoever registered, and everybody of the same organisation."""
    return registration.user_id == viewer.id or registration.organisation_id in viewer.organisation_ids
