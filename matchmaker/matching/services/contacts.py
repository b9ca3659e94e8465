"""The two sides' contacts: read here and nowhere else, and only once a helper has accepted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from matchmaker.accounts.models import User
from matchmaker.core.db import db
from matchmaker.core.errors import NotPermitted
from matchmaker.matching import access
from matchmaker.matching.models import HelpRequest


@dataclass(frozen=True)
class Contact:
    """How to reach somebody."""

    name: str
    unit: str
    phone: str
    email: str


def of(request: HelpRequest, *, viewer: Any) -> tuple[Contact, Contact] | None:
    """(the firm's, the helper's) contact, or None for who may not see them yet."""
    return _both(request) if access.may_see_contacts(viewer, request) else None


def for_mail(request: HelpRequest) -> tuple[Contact, Contact]:
    """Both contacts for the letters about an acceptance. Raises NotPermitted before it."""
    if request.state not in access.MET:
        raise NotPermitted("对方接受后才能看到联系方式")
    return _both(request)


def _both(request: HelpRequest) -> tuple[Contact, Contact]:
    asker, firm = request.asked_by, request.need.organisation
    owner = request.need.user
    by_hand = not access.owns(asker, request.need)  # a handler asked for the firm
    person = request.person
    user = db.session.get(User, person.user_id) if person.user_id else None
    unit = person.organisation.name if person.organisation else person.unit_text or ""
    helper = Contact(
        person.name,
        unit,
        person.phone or (user.phone if user else "") or "",
        person.email or (user.email if user else "") or "",
    )
    if by_hand and firm is not None and firm.id not in owner.organisation_ids:
        return Contact(firm.contact_name or "", firm.name, firm.contact_phone or "", firm.contact_email or ""), helper
    who = owner if by_hand else asker
    return Contact(who.name, firm.name if firm else "", who.phone or "", who.email or ""), helper
