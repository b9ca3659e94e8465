"""Queueing messages inside a change, and sending them afterwards."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
import structlog
from flask import current_app, g
from flask_babel import force_locale
from jinja2 import TemplateNotFound
from markupsafe import escape
from sqlalchemy.exc import IntegrityError

from matchmaker.activity import services as activity
from matchmaker.core import clock
from matchmaker.core.db import claim, db, transaction
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.core.i18n import spoken
from matchmaker.core.putting import put
from matchmaker.notifications import access, gateways, queries, rules
from matchmaker.notifications.models import Message, Suppression
from matchmaker.notifications.rules import Bounce, Channel, MessageState, Report, Source

log = structlog.get_logger()


@dataclass(frozen=True)
class Reach:
    """Whom a message is for and how it gets there."""

    channel: Channel
    address: str
    user: Any
    name: str | None


def enqueue(
    template: str,
    *,
    to: Any = None,
    email: str | None = None,
    phone: str | None = None,
    to_name: str | None = None,
    channel: Channel | None = None,
    due: datetime | None = None,
    dedupe: str | None = None,
    batch: str | None = None,
    about: Any = None,
    url: str | None = None,
    language: str | None = None,
    **context: Any,
) -> Message | None:
    """Write a message into the outbox, in the transaction of the change that causes it.

    `template` names `<feature>/mail/<name>` without ending; the first line of its .txt is the subject. `to` is a user
    (mail if there is an address, else SMS, else in-site only); `email` or `phone` reach people without an account;
    `channel` insists on one way. A `dedupe` key that was used before queues nothing and returns None; `batch` groups
    the messages of one sending ("campaign:12"); `language` is for readers without an account, else it is the account's.
    """
    if _is_double(dedupe):
        return None
    words = _rendered(template, _language(language, to), url=url, recipient=to, **context)
    reach = _reach(to, email, phone, to_name, channel)
    message = _message(reach, words, due=due, dedupe=dedupe, batch=batch, about=about, url=url)
    put(message)
    return message


def compose(
    template: str,
    *,
    about: Any,
    to: Any = None,
    email: str | None = None,
    phone: str | None = None,
    language: str | None = None,
    **context: Any,
) -> Message:
    """Word a message about a record still to be written, before the turn to write: `post` queues it then."""
    words = _rendered(template, _language(language, to), url=rules.LINK_TO_COME, recipient=to, **context)
    return _message(_reach(to, email, phone, None, None), words, due=None, about=about, url=rules.LINK_TO_COME)


def post(message: Message, *, about: Any, url: str) -> Message:
    """Queue a composed message now that its record has a number and an address."""
    message.about_id, message.url = about.id, url
    message.text = message.text.replace(rules.LINK_TO_COME, url)
    if message.html is not None:
        message.html = message.html.replace(rules.LINK_TO_COME, str(escape(url)))
    put(message)
    return message


def enqueue_text(
    subject: str,
    body: str,
    *,
    to: Any = None,
    email: str | None = None,
    phone: str | None = None,
    to_name: str | None = None,
    channel: Channel | None = None,
    due: datetime | None = None,
    dedupe: str | None = None,
    batch: str | None = None,
    about: Any = None,
    url: str | None = None,
    language: str | None = None,
    fresh: bool = False,
) -> Message | None:
    """Queue a message whose words an organiser typed: placeholders filled in already, plain text, escaped in the mail.

    The other arguments are those of `enqueue`; `language` is that of the frame around the words; `fresh`: whoever
    queues thousands knows that the key is new, and the unique index has the last word.
    """
    if not fresh and _is_double(dedupe):
        return None
    reach = _reach(to, email, phone, to_name, channel)
    subject, body = rules.one_line(subject, 200), body.replace("\r\n", "\n").strip() + "\n"
    html = None
    if reach.channel is Channel.MAIL:
        link = base_url() + url if url and url.startswith("/") else url
        frame = {"subject": subject, "body": body, "link": link}
        html = _in_language(_language(language, to), "notifications/mail/typed.html", **frame)
    message = _message(reach, (subject, body, html), due=due, dedupe=dedupe, batch=batch, about=about, url=url)
    put(message)
    return message


def spoken_link(path: str, language: str) -> str:
    """The address of a page for somebody without an account, opened in the language of the letter."""
    return path if language == "zh" else f"/language/{language}?{urlencode({'next': path})}"


def _language(asked: str | None, reader: Any) -> str:
    return str(asked or getattr(reader, "language", None) or "zh")


def _is_double(dedupe: str | None) -> bool:
    if not dedupe:
        return False
    return db.session.execute(sa.select(Message.id).where(Message.dedupe == dedupe)).first() is not None


def _reach(user: Any, email: str | None, phone: str | None, name: str | None, wanted: Channel | None) -> Reach:
    mail = (email or getattr(user, "email", None) or "").strip().lower()
    number = phone or getattr(user, "phone", None) or ""
    channel = wanted or (Channel.MAIL if mail else Channel.SMS if number else Channel.SITE)
    address = {Channel.MAIL: mail, Channel.SMS: number, Channel.SITE: ""}[channel]
    known = rules.one_line(name or getattr(user, "name", None) or "", 100)
    return Reach(channel, address[:254], user, known or None)


def _message(
    reach: Reach, words: tuple[str, str, str | None], *, about: Any, due: datetime | None, **rest: Any
) -> Message:
    now, (subject, text, html) = clock.now(), words
    on_site, is_mail = reach.channel is Channel.SITE, reach.channel is Channel.MAIL
    reachable = bool(reach.address) or (on_site and reach.user is not None)
    arrived = reachable and on_site and (due is None or due <= now)
    state = MessageState.SENT if arrived else MessageState.WAITING if reachable else MessageState.FAILED
    home: str = current_app.config["SETTINGS"].region
    return Message(
        channel=reach.channel,
        user_id=getattr(reach.user, "id", None),
        address=reach.address,
        to_name=reach.name,
        region=(activity.region_of(about) if about is not None else None)
        or getattr(reach.user, "region", None)
        or home,
        subject=rules.one_line(subject, 200),
        text=text,
        html=html,
        state=state,
        due=due or now,
        created=now,
        sent=now if arrived else None,
        error=None if reachable else rules.NO_ADDRESS,
        mail_id=_new_mail_id() if is_mail else None,
        about_kind=about.__tablename__ if about is not None else None,
        about_id=about.id if about is not None else None,
        **rest,
    )


def _new_mail_id() -> str:
    """A Message-ID that nobody can guess: whoever shows it in a report got the mail."""
    host = str(current_app.config["SETTINGS"].mail_from).rpartition("@")[2].strip("<> ") or "localhost"
    return f"<{secrets.token_hex(16)}@{host}>"


def _rendered(template: str, language: str, **context: Any) -> tuple[str, str, str | None]:
    whole = _in_language(language, f"{template}.txt", **context)
    html = _in_language(language, f"{template}.html", **context) if _has_page(f"{template}.html") else None
    subject, _, text = whole.partition("\n")
    return subject, text.strip() + "\n", html


@lru_cache(maxsize=256)
def _has_page(template: str) -> bool:
    """Is there a mail as a page, too? Templates do not come and go while the platform runs."""
    try:
        current_app.jinja_env.get_template(template)
    except TemplateNotFound:
        return False
    return True


def _in_language(language: str, template: str, **context: Any) -> str:
    g.mail_locale = language if language in {"zh", "en"} else "zh"
    # a letter knows its language and the settings, nothing of the page that caused it
    whole = {"locale": g.mail_locale, "settings": current_app.config["SETTINGS"], **context}
    letter = current_app.jinja_env.get_template(template)
    if spoken() == g.mail_locale:
        return str(letter.render(whole))
    with force_locale(g.mail_locale):
        return str(letter.render(whole))


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
    message = db.session.get_one(Message, message_id)
    standing = queries.standing(message.channel, message.address)
    if standing is not None:
        with transaction() as session:
            row = session.get_one(Message, message_id)
            row.state, row.error, row.attempts = MessageState.SUPPRESSED, standing.reason[:300], row.attempts - 1
        return False
    refusal = _try(message)
    with transaction() as session:
        row = session.get_one(Message, message_id)
        if refusal is None:
            row.state, row.sent, row.error = MessageState.SENT, clock.now(), None
        else:
            _note_refusal(row, refusal)
    return refusal is None


def _try(message: Message) -> gateways.Refusal | None:
    letter = gateways.Letter(
        to=message.address,
        to_name=message.to_name,
        subject=message.subject,
        text=message.text,
        html=message.html,
        mail_id=message.mail_id,
    )
    try:
        gateways.gateway_of(message.channel).send(letter)
    except gateways.Refusal as refusal:
        log.warning("message.refused", message=message.id, error=str(refusal))
        return refusal
    except Exception as error:  # noqa: BLE001 - whatever a mail server does, the outbox goes on
        log.warning("message.failed", message=message.id, error=str(error))
        return gateways.Refusal(f"{type(error).__name__}: {error}")
    return None


def _note_refusal(row: Message, refusal: gateways.Refusal) -> None:
    """Try again, or give up and draw the conclusion about the address."""
    now = clock.now()
    again = None if refusal.final else rules.next_try(row.attempts, now)
    row.error = rules.one_line(str(refusal), 300)
    if again is not None:
        row.state, row.due = MessageState.WAITING, again
        return
    row.state = MessageState.FAILED
    if refusal.bounce is not None:
        row.bounce, row.bounced = refusal.bounce, now
        _consider(row, Source.REFUSAL)


def recover(*, minutes: int = 15) -> int:
    """Take back messages whose sender died in the middle; a message may then arrive twice but is never lost."""
    with transaction() as session:
        stuck = (
            sa.update(Message)
            .where(Message.state == MessageState.SENDING, Message.due < clock.now() - timedelta(minutes=minutes))
            .values(state=MessageState.WAITING)
        )
        return int(session.execute(stuck).rowcount)  # type: ignore[attr-defined]


def take_report(report: Report) -> Message:
    """Note the report of a refusal on its message; a second report of the same changes nothing.

    Raises DomainError when no message of ours has that id.
    """
    row = db.session.execute(queries.by_mail_id(report.mail_id)).scalar_one_or_none()
    if row is None:
        raise DomainError("没有发过 Message-ID 为 {mail_id} 的邮件", mail_id=report.mail_id)
    said = rules.one_line(f"{report.status} {report.text}", 300)
    if not report.failed:
        row.error = said
    elif row.bounced is None:
        row.state, row.error = MessageState.BOUNCED, said
        row.bounced, row.bounce = clock.now(), rules.judge_status(report.status)
        _consider(row, Source.REPORT)
    db.session.flush()
    return row


def _consider(row: Message, source: Source) -> None:
    """Stop an address whose refusals say that it does not work."""
    db.session.flush()
    soft = 0
    if row.bounce is Bounce.SOFT:
        since = clock.now() - timedelta(days=rules.SOFT_DAYS)
        soft = queries.soft_bounces(row.channel, row.address, since=since)
    if row.bounce is None or not rules.stops(row.bounce, soft_ones=soft):
        return
    if queries.standing(row.channel, row.address) is not None:
        return
    suppression = Suppression(
        region=row.region or current_app.config["SETTINGS"].region,
        channel=row.channel,
        address=row.address.lower(),
        reason=row.error or row.bounce.label,
        source=source if row.bounce is Bounce.HARD else Source.REPEATED,
        since=clock.now(),
        message_id=row.id,
    )
    try:
        with db.session.begin_nested():
            db.session.add(suppression)
    except IntegrityError:
        return  # another sender was first
    activity.record("notifications.suppressed", subject=suppression, actor=None, channel=row.channel.value)


def lift(suppression: Suppression, *, actor: Any, reason: str) -> None:
    """The address works again: what is queued from now on goes there. Conflict when it was lifted already."""
    if not access.may_lift(actor, suppression):
        raise NotPermitted("这个地址不归您所在的区划管理")
    reason = reason.strip()
    if not reason:
        raise DomainError("请填写理由", field="reason")
    taken = claim(
        sa.update(Suppression)
        .where(Suppression.id == suppression.id, Suppression.lifted.is_(None))
        .values(lifted=clock.now(), lifted_by_name=actor.name, lift_reason=reason[:500])
    )
    if not taken:
        raise Conflict("这个地址已经恢复发送，请刷新页面")
    activity.record("notifications.lifted", subject=suppression, actor=actor, reason=reason)


def cancel_batch(batch: str) -> int:
    """Call back what a sending has not sent yet; returns how many messages that were."""
    statement = (
        sa.update(Message)
        .where(Message.batch == batch, Message.state == MessageState.WAITING)
        .values(state=MessageState.CANCELLED)
    )
    return int(db.session.execute(statement).rowcount)  # type: ignore[attr-defined]


def mark_read(message: Message) -> None:
    """The person opened the message."""
    if message.read is None:
        message.read = clock.now()


def base_url() -> str:
    """The site's address for links in messages."""
    return str(current_app.config["SETTINGS"].base_url).rstrip("/")


def forget(user: Any) -> None:
    """A person leaves: the messages to them go, also those sent to their address before they had an account."""
    addresses = [address.lower() for address in (user.email, user.phone) if address]
    theirs = sa.or_(Message.user_id == user.id, Message.address.in_(addresses))
    db.session.execute(sa.delete(Message).where(theirs))
    db.session.execute(sa.delete(Suppression).where(Suppression.address.in_(addresses)))
