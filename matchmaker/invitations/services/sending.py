"""Writing to the invited: the first message over a link, reminders to the silent; nothing is sent twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import current_app

from matchmaker.accounts import queries as accounts
from matchmaker.activity import services as activity
from matchmaker.core import clock
from matchmaker.core.db import claim, db
from matchmaker.core.errors import Conflict, NotPermitted
from matchmaker.events.models import Event
from matchmaker.events.rules import reads_english
from matchmaker.invitations import access, gateways, queries, rules
from matchmaker.invitations.models import Invitation, InvitationSending
from matchmaker.invitations.rules import UNANSWERED, InvitationState
from matchmaker.invitations.services.inviting import check_handles
from matchmaker.notifications import queries as message_queries
from matchmaker.notifications import services as notifications
from matchmaker.notifications.models import Message
from matchmaker.notifications.rules import Channel, MessageState

LETTER, TEXT = "invitations/mail/invitation", "invitations/mail/invitation_sms"


@dataclass(frozen=True)
class Recipients:
    """Who would be written to: over mail, over SMS, and who cannot be reached."""

    mail: list[Invitation]
    sms: list[Invitation]
    lost: list[Invitation]

    @property
    def reachable(self) -> list[Invitation]:
        """Everybody who gets a message, in the order of the list."""
        return sorted([*self.mail, *self.sms], key=lambda row: row.id)


def recipients(rows: Sequence[Invitation]) -> Recipients:
    """Sort the invited by how they are reached: a working address first, else a number; stopped ones are lost."""
    dead_mail = message_queries.suppressed_among(Channel.MAIL, [row.email for row in rows])
    dead_sms = message_queries.suppressed_among(Channel.SMS, [row.phone for row in rows])
    found = Recipients([], [], [])
    for row in rows:
        if row.email and row.email.lower() not in dead_mail:
            found.mail.append(row)
        elif row.phone and row.phone not in dead_sms:
            found.sms.append(row)
        else:
            found.lost.append(row)
    return found


def check_send(invitation: Invitation, actor: Any) -> None:
    """May this invitation go out now?"""
    check_handles(actor, invitation)
    rules.check_sendable(
        invitation.state,
        sent=invitation.sent,
        event_state=invitation.event.state,
        closes=invitation.audience.closes,
        now=clock.now(),
    )


def check_remind(invitation: Invitation, actor: Any) -> None:
    """May this guest be reminded now?"""
    check_handles(actor, invitation)
    rules.check_remindable(
        invitation.state,
        sent=invitation.sent,
        reminders=invitation.reminders,
        last_reminded=invitation.last_reminded,
        event_state=invitation.event.state,
        closes=invitation.audience.closes,
        now=clock.now(),
    )


def begin(event: Event, *, actor: Any, reminder: bool, expected: int, paragraph: str = "") -> InvitationSending:
    """Open a round of messages to `expected` people; `carry_on` fills it, some at a time."""
    if not any(access.may_invite(actor, event, audience) for audience in event.audiences):
        raise NotPermitted("这个活动不在您负责的区域")
    latest = max(audience.closes for audience in event.audiences)
    rules.check_inviting(event.state, closes=latest, now=clock.now())
    if not expected:
        raise Conflict("没有可以发送的嘉宾")
    row = InvitationSending(
        event=event, reminder=reminder, paragraph=paragraph.strip()[:1000], actor_id=actor.id, created=clock.now()
    )
    db.session.add(row)
    db.session.flush()
    activity.record("invitations.sent", subject=event, actor=actor, sending=row.id, reminder=reminder)
    return row


def carry_on(sending: InvitationSending, rows: Sequence[Invitation], *, actor: Any) -> int:
    """Queue the messages of these invitations; those that cannot take part any more are left out. How many were."""
    check = check_remind if sending.reminder else check_send
    queued = 0
    for row in recipients(rows).reachable:
        try:
            check(row, actor)
        except Conflict:
            continue  # answered or written to in between
        message = _remind(row, sending) if sending.reminder else _send(row, sending)
        queued += message is not None
    sending.queued += queued
    db.session.flush()
    return queued


def send_one(invitation: Invitation) -> Message | None:
    """Send one invitation by itself: to a colleague it was handed to."""
    return _send(invitation, None)


def bulk_send(invitation: Invitation, actor: Any, _reason: str = "") -> dict[str, Any]:
    """Send one chosen invitation."""
    check_send(invitation, actor)
    _check_reached(invitation)
    before = {"state": invitation.state.value}
    _send(invitation, None)
    activity.record("invitations.sent_one", subject=invitation, actor=actor)
    return {**before, "version": invitation.version}


def bulk_remind(invitation: Invitation, actor: Any, _reason: str = "") -> dict[str, Any]:
    """Remind one chosen guest."""
    check_remind(invitation, actor)
    _check_reached(invitation)
    last = invitation.last_reminded
    _remind(invitation, None)
    activity.record("invitations.sent_one", subject=invitation, actor=actor, reminder=True)
    return {"last": last.isoformat() if last else None, "version": invitation.version}


def undo_send(invitation: Invitation, actor: Any, before: dict[str, Any]) -> None:
    """Call back a message that has not left yet; one that was sent stays sent."""
    _call_back(invitation, actor, before)
    invitation.sent, invitation.state = None, InvitationState(before["state"])
    db.session.flush()


def undo_remind(invitation: Invitation, actor: Any, before: dict[str, Any]) -> None:
    """Call back a reminder that has not left yet."""
    _call_back(invitation, actor, before)
    invitation.reminders -= 1
    invitation.last_reminded = datetime.fromisoformat(before["last"]) if before["last"] else None
    db.session.flush()


def _call_back(invitation: Invitation, actor: Any, before: dict[str, Any]) -> None:
    check_handles(actor, invitation)
    last = sa.select(sa.func.max(Message.id)).where(
        Message.about_kind == Invitation.__tablename__, Message.about_id == invitation.id
    )
    message = db.session.get(Message, db.session.execute(last).scalar() or 0)
    if invitation.version != before["version"] or message is None or message.state is not MessageState.WAITING:
        raise Conflict("消息已经发出，不能撤销")
    db.session.delete(message)
    db.session.flush()


def _check_reached(invitation: Invitation) -> None:
    if recipients([invitation]).lost:
        raise Conflict("地址已停发，请改正手机号或邮箱，或复制链接另行发送")


def _send(invitation: Invitation, sending: InvitationSending | None) -> Message | None:
    now = clock.now()
    taken = claim(
        sa.update(Invitation)
        .where(Invitation.id == invitation.id, Invitation.sent.is_(None), Invitation.state.in_(UNANSWERED))
        .values(
            sent=now,
            state=sa.case(
                (Invitation.state == InvitationState.DRAFT, InvitationState.SENT.value), else_=Invitation.state
            ),
            version=Invitation.version + 1,
        )
    )
    if not taken:
        return None
    db.session.refresh(invitation)
    return _queue(invitation, sending, dedupe=f"invitation:{invitation.id}:{invitation.nonce}")


def _remind(invitation: Invitation, sending: InvitationSending | None) -> Message | None:
    before = invitation.reminders
    taken = claim(
        sa.update(Invitation)
        .where(Invitation.id == invitation.id, Invitation.reminders == before, queries.silent())
        .values(reminders=before + 1, last_reminded=clock.now(), version=Invitation.version + 1)
    )
    if not taken:
        return None
    db.session.refresh(invitation)
    dedupe = f"invitation:{invitation.id}:{invitation.nonce}:{before + 1}"
    return _queue(invitation, sending, dedupe=dedupe, reminder=True)


def _queue(
    invitation: Invitation, sending: InvitationSending | None, *, dedupe: str, reminder: bool = False
) -> Message | None:
    by_mail = bool(recipients([invitation]).mail) if invitation.email and invitation.phone else bool(invitation.email)
    language = language_of(invitation)
    return notifications.enqueue(
        LETTER if by_mail else TEXT,
        email=invitation.email if by_mail else None,
        phone=None if by_mail else invitation.phone,
        to_name=invitation.name or None,
        channel=Channel.MAIL if by_mail else Channel.SMS,
        dedupe=dedupe,
        batch=sending.batch if sending else None,
        about=invitation,
        url=notifications.spoken_link(gateways.path_of(invitation), language),
        language=language,
        invitation=invitation,
        event=invitation.event,
        paragraph=sending.paragraph if sending else "",
        reminder=reminder,
    )


def language_of(invitation: Invitation) -> str:
    """The language of the account behind the address, else English when event and name are written so."""
    account = accounts.by_identifier(invitation.email) or accounts.by_identifier(invitation.phone)
    if account is not None:
        return str(account.language)
    return "en" if invitation.event.title_en and reads_english(invitation.name) else "zh"


def link_of(invitation: Invitation) -> str:
    """The whole address, for copying into another message."""
    base = str(current_app.config["SETTINGS"].base_url).rstrip("/")
    return base + gateways.path_of(invitation)
