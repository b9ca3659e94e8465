"""Reading messages."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from matchmaker.core.db import db
from matchmaker.core.viewer import Viewer
from matchmaker.notifications.models import Message


def visible_to(viewer: Viewer) -> sa.Select[Message]:
    """A person's own messages."""
    return sa.select(Message).where(Message.user_id == viewer.id)


def unread_count(viewer: Viewer) -> int:
    """How many of them were not opened."""
    statement = sa.select(sa.func.count(Message.id)).where(Message.user_id == viewer.id, Message.read.is_(None))
    return int(db.session.execute(statement).scalar_one())


def personal_data(user: Any) -> dict[str, Any]:
    """Every message a person was sent, for their own download."""
    rows = db.session.execute(visible_to(user).order_by(Message.id)).scalars()
    return {
        "messages": [
            {
                "created": row.created.isoformat(),
                "channel": row.channel.value,
                "address": row.address,
                "subject": row.subject,
                "text": row.text,
            }
            for row in rows
        ]
    }
