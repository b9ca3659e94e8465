"""Putting somebody on the list by hand: 代报 at the desk or on the phone, walk-ins at the door."""

from __future__ import annotations

from typing import Any

from matchmaker.core import folding
from matchmaker.core.errors import DomainError, NotPermitted
from matchmaker.events import access, rules
from matchmaker.events.models import Audience, Event, Registration
from matchmaker.events.rules import AttendeeLine, Source
from matchmaker.events.services import pools, registrations
from matchmaker.events.services.answering import Filled


def add_guest(
    event: Event,
    *,
    actor: Any,
    audience: Audience,
    name: str,
    phone: str = "",
    email: str = "",
    organisation_name: str = "",
    others: str = "",
    note: str = "",
    walk_in: bool = False,
    pending: bool = False,
    reason: str = "",
    exceed: bool = False,
    filled: Filled | None = None,
) -> Registration:
    """Register a guest by staff. Passing the waiting list or going over capacity needs a reason (and a permission)."""
    if not access.may_decide_group(actor, event, audience.id):
        raise NotPermitted("这个活动不在您负责的区域")
    if email and "@" not in email:
        raise DomainError("邮箱格式不对，请核对", field="email")
    people = [AttendeeLine(folding.clean_text(name), phone)]
    if others.strip():
        people += rules.attendees_of(others, most=audience.largest_party)
    if exceed:
        reason = rules.check_internal_reason(reason)
        for pool in sorted((p for p in (event.pool, audience.pool) if p is not None), key=lambda p: p.id):
            pools.exceed(pool, seats=len(people), actor=actor, reason=reason)
    row = registrations.register_guest(
        event,
        audience=audience,
        actor=actor,
        source=Source.WALK_IN if walk_in else Source.STAFF,
        name=people[0].name,
        people=people,
        phone=phone,
        email=email,
        organisation_name=organisation_name,
        note=note or reason,
        approved=not pending,
        past_line=bool(reason.strip()),
        silent=walk_in,
        filled=filled,
    )
    if row.sheet is not None:
        row.sheet.user_id = None  # the organiser wrote it down, the answers are not theirs
    return row
