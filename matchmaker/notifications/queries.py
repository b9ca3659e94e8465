"""Reading messages: one's own, the delivery log, and the addresses that get nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.feature import features
from matchmaker.core.viewer import Viewer, in_regions
from matchmaker.notifications.models import Message, Suppression
from matchmaker.notifications.rules import Bounce, Channel, MessageState


def visible_to(viewer: Viewer) -> sa.Select[Message]:
    """A person's own messages; what is planned for later or was called back is none yet."""
    return sa.select(Message).where(Message.user_id == viewer.id, _arrived())


def _arrived() -> sa.ColumnElement[bool]:
    planned = sa.and_(Message.state == MessageState.WAITING, Message.attempts == 0, Message.due > clock.now())
    return sa.not_(sa.or_(planned, Message.state == MessageState.CANCELLED))


def unread_count(viewer: Viewer) -> int:
    """How many of them were not opened."""
    mine = sa.and_(Message.user_id == viewer.id, Message.read.is_(None), _arrived())
    return int(db.session.execute(sa.select(sa.func.count(Message.id)).where(mine)).scalar_one())


def log_of(viewer: Viewer, _scope: Mapping[str, str] | None = None) -> sa.Select[Message]:
    """The delivery log of one's regions: who got what when over which channel, with the result."""
    hidden = [feature.hidden_messages(viewer) for feature in features().all if feature.hidden_messages is not None]
    return sa.select(Message).where(
        in_regions(Message.region, viewer), *(sa.not_(clause) for clause in hidden if clause is not None)
    )


def of_batch(batch: str) -> sa.Select[Message]:
    """The delivery log of one sending; whoever asks has shown that the sending is theirs."""
    return sa.select(Message).where(Message.batch == batch)


def of_address(address: str) -> sa.Select[Message]:
    """The delivery log of one address, the newest first."""
    return sa.select(Message).where(Message.address == address.strip().lower()).order_by(Message.id.desc())


def counts_of_batch(batch: str) -> dict[MessageState, int]:
    """How many messages of one sending are in which state; states without any are left out."""
    statement = (
        sa.select(Message.state, sa.func.count(Message.id)).where(Message.batch == batch).group_by(Message.state)
    )
    return {state: int(count) for state, count in db.session.execute(statement)}


def by_mail_id(mail_id: str) -> sa.Select[Message]:
    """The message with that Message-ID header."""
    return sa.select(Message).where(Message.mail_id == mail_id)


def standing(channel: Channel, address: str) -> Suppression | None:
    """Why an address gets nothing over a channel, or None when it does."""
    if not address:
        return None
    statement = sa.select(Suppression).where(
        Suppression.address == address.lower(), Suppression.channel == channel, Suppression.lifted.is_(None)
    )
    return db.session.execute(statement).scalar_one_or_none()


def suppressed_among(channel: Channel, addresses: Iterable[str]) -> set[str]:
    """Which of these addresses get nothing over a channel, in lower case: for the count before a sending."""
    wanted = sorted({address.strip().lower() for address in addresses if address})
    found: set[str] = set()
    for start in range(0, len(wanted), 500):
        statement = sa.select(Suppression.address).where(
            Suppression.channel == channel,
            Suppression.lifted.is_(None),
            Suppression.address.in_(wanted[start : start + 500]),
        )
        found |= set(db.session.execute(statement).scalars())
    return found


def soft_bounces(channel: Channel, address: str, *, since: datetime) -> int:
    """How often delivery to an address was given up since then, and since it was last let go again."""
    lifted = (
        sa.select(sa.func.max(Suppression.lifted))
        .where(Suppression.address == address.lower(), Suppression.channel == channel)
        .scalar_subquery()
    )
    statement = sa.select(sa.func.count(Message.id)).where(
        Message.address == address,
        Message.channel == channel,
        Message.bounce == Bounce.SOFT,
        Message.bounced >= since,
        sa.or_(lifted.is_(None), Message.bounced > lifted),
    )
    return int(db.session.execute(statement).scalar_one())


def suppressions_visible_to(viewer: Viewer, _scope: Mapping[str, str] | None = None) -> sa.Select[Suppression]:
    """The stopped addresses of one's regions, those let go again, too."""
    return sa.select(Suppression).where(in_regions(Suppression.region, viewer))


def personal_data(user: Any) -> dict[str, Any]:
    """Every message a person was sent, for their own download."""
    statement = sa.select(Message).where(Message.user_id == user.id).order_by(Message.id)
    return {
        "messages": [
            {
                "created": row.created.isoformat(),
                "channel": row.channel.value,
                "address": row.address,
                "subject": row.subject,
                "text": row.text,
                "state": row.state.value,
            }
            for row in db.session.execute(statement).scalars()
        ]
    }
