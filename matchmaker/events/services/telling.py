"""Messages about one registration, to whoever answers for it: an account, or a guest's mail address or phone."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from matchmaker.core.db import db
from matchmaker.events import gateways, rules
from matchmaker.events.models import Registration
from matchmaker.notifications import services as notifications
from matchmaker.notifications.models import Message
from matchmaker.notifications.rules import MessageState


def tell(registration: Registration, template: str, *, dedupe: str | None = None, **context: Any) -> Message | None:
    """Queue one message; None when it was queued before or when nobody can be reached."""
    if registration.user is None and not (registration.email or registration.phone):
        return None
    language = language_of(registration)
    return notifications.enqueue(
        template,
        to=registration.user,
        email=registration.email or None,
        phone=registration.phone or None if registration.user is None else None,
        about=registration,
        url=notifications.spoken_link(address_of(registration), language if registration.user is None else "zh"),
        dedupe=dedupe,
        language=language,
        registration=registration,
        **context,
    )


def compose(registration: Registration, template: str) -> Message:
    """Word the message about a registration of an account before it is written: `post` queues it."""
    who = registration.user
    return notifications.compose(
        template, to=who, about=registration, language=language_of(registration), registration=registration
    )


def post(registration: Registration, message: Message) -> None:
    """Queue what was worded before the registration was written."""
    notifications.post(message, about=registration, url=address_of(registration))


def language_of(registration: Registration) -> str:
    """The language an account has chosen; a guest reads English when event and name are written so."""
    if registration.user is not None:
        return str(registration.user.language)
    english = bool(registration.event.title_en) and rules.reads_english(registration.contact_name)
    return "en" if english else "zh"


def address_of(registration: Registration) -> str:
    """Where the person finds the registration: the page of an account, or a guest's signed link."""
    if registration.user_id is not None:
        return f"/events/registrations/{registration.id}"
    return f"/events/r/{gateways.link_of(registration)}"


def recall(registration: Registration) -> None:
    """Messages about an undone decision that have not left are dropped."""
    waiting = sa.delete(Message).where(
        Message.about_kind == Registration.__tablename__,
        Message.about_id == registration.id,
        Message.state == MessageState.WAITING,
        Message.created >= registration.decided,
    )
    db.session.execute(waiting)
