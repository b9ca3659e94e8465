"""Queueing messages inside a change, and sending them afterwards."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
import structlog
from flask import current_app, g, render_template
from flask_babel import force_locale
from jinja2 import TemplateNotFound

from matchmaker.core import clock
from matchmaker.core.db import claim, db, transaction
from matchmaker.notifications import gateways, rules
from matchmaker.notifications.models import Message
from matchmaker.notifications.rules import Channel, MessageState

log = structlog.get_logger()


def enqueue(
    template: str,
    *,
    to: Any = None,
    email: str | None = None,
    phone: str | None = None,
    due: datetime | None = None,
    dedupe: str | None = None,
    about: Any = None,
    url: str | None = None,
    **context: Any,
) -> Message | None:
    """Write a message into the outbox, in the transaction of the change that causes it.

    `template` names `<feature>/mail/<name>` without ending; the first line of its .txt is the subject. `to` is a user
    (mail if there is an address, else SMS, else in-site only); `email` or `phone` reach people without an account.
    A `dedupe` key that was used before queues nothing and returns None.
    """
    if dedupe and db.session.execute(sa.select(Message.id).where(Message.dedupe == dedupe)).first():
        return None
    address = email or getattr(to, "email", None)
    number = phone or getattr(to, "phone", None)
    channel = Channel.MAIL if address else Channel.SMS if number else Channel.SITE
    subject, text, html = _rendered(template, getattr(to, "language", "zh"), url=url, recipient=to, **context)
    now = clock.now()
    message = Message(
        channel=channel,
        user_id=getattr(to, "id", None),
        address=address or number or "",
        subject=_one_line(subject),
        text=text,
        html=html,
        url=url,
        state=MessageState.SENT if channel is Channel.SITE else MessageState.WAITING,
        due=due or now,
        created=now,
        sent=now if channel is Channel.SITE else None,
        dedupe=dedupe,
        about_kind=about.__tablename__ if about is not None else None,
        about_id=about.id if about is not None else None,
    )
    db.session.add(message)
    return message


def _rendered(template: str, language: str, **context: Any) -> tuple[str, str, str | None]:
    g.mail_locale = language if language in {"zh", "en"} else "zh"
    with force_locale(g.mail_locale):
        whole = render_template(f"{template}.txt", **context)
        try:
            html = render_template(f"{template}.html", **context)
        except TemplateNotFound:
            html = None
    subject, _, text = whole.partition("\n")
    return subject, text.strip() + "\n", html


def _one_line(subject: str) -> str:
    """No line break may reach a mail header."""
    return " ".join(subject.split())[:200]


def deliver(*, limit: int = 200) -> int:
    """Send what is due, each message claimed before it is sent. Opens its own transactions."""
    statement = (
        sa.select(Message.id)
        .where(Message.state == MessageState.WAITING, Message.due <= clock.now())
        .order_by(Message.id)
        .limit(limit)
    )
    ids = db.session.execute(statement).scalars().all()
    return sum(_deliver_one(message_id) for message_id in ids)


def _deliver_one(message_id: int) -> bool:
    with transaction():
        taken = claim(
            sa.update(Message)
            .where(Message.id == message_id, Message.state == MessageState.WAITING)
            .values(state=MessageState.SENDING, attempts=Message.attempts + 1, due=clock.now())
        )
    if not taken:
        return False
    message = db.session.get(Message, message_id)
    error = _try(message)
    with transaction() as session:
        row = session.get_one(Message, message_id)
        if error is None:
            row.state, row.sent, row.error = MessageState.SENT, clock.now(), None
        else:
            again = rules.next_try(row.attempts, clock.now())
            row.state = MessageState.WAITING if again else MessageState.FAILED
            row.due, row.error = again or row.due, error[:300]
    return error is None


def _try(message: Any) -> str | None:
    try:
        if message.channel is Channel.MAIL:
            gateways.send_mail(to=message.address, subject=message.subject, text=message.text, html=message.html)
        else:
            gateways.send_sms(to=message.address, text=message.text)
    except Exception as error:  # noqa: BLE001 - whatever a mail server does, the outbox goes on
        log.warning("message.failed", message=message.id, error=str(error))
        return f"{type(error).__name__}: {error}"
    return None


def recover(*, minutes: int = 15) -> int:
    """Take back messages whose sender died in the middle; a message may then arrive twice but is never lost."""
    from datetime import timedelta

    with transaction() as session:
        stuck = (
            sa.update(Message)
            .where(Message.state == MessageState.SENDING, Message.due < clock.now() - timedelta(minutes=minutes))
            .values(state=MessageState.WAITING)
        )
        return int(session.execute(stuck).rowcount)  # type: ignore[attr-defined]


def mark_read(message: Message) -> None:
    """The person opened the message."""
    if message.read is None:
        message.read = clock.now()


def base_url() -> str:
    """The site's address for links in messages."""
    return str(current_app.config["SETTINGS"].base_url).rstrip("/")


def forget(user: Any) -> None:
    """A person leaves: the messages to them go, also those sent to their address before they had an account."""
    addresses = [address for address in (user.email, user.phone) if address]
    theirs = sa.or_(Message.user_id == user.id, Message.address.in_(addresses))
    db.session.execute(sa.delete(Message).where(theirs))
