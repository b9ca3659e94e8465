"""Messages and stopped addresses for tests."""

from __future__ import annotations

from typing import Any

from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.notifications import services
from matchmaker.notifications.models import Message, Suppression
from matchmaker.notifications.rules import Channel, Source
from tests.cast import REGION


def a_message(**values: Any) -> int:
    """A typed message that waits; returns its id."""
    given = {"email": "guest@example.cn", **values} if "to" not in values and "phone" not in values else values
    words = {"subject": given.pop("subject", "活动变更"), "body": given.pop("body", "地点改到二楼。")}
    with transaction():
        row = services.enqueue_text(words["subject"], words["body"], **given)
        assert row is not None
        db.session.flush()
        return int(row.id)


def the_message(message_id: int) -> Message:
    """A message as it is stored now."""
    db.session.rollback()
    db.session.expire_all()
    return db.session.get_one(Message, message_id)


def a_suppression(address: str = "gone@example.cn", region: str = REGION) -> Suppression:
    """A stopped address."""
    values = {"channel": Channel.MAIL, "source": Source.REPORT, "reason": "550 5.1.1 no such user"}
    row = Suppression(region=region, address=address, since=clock.now(), **values)
    with transaction() as session:
        session.add(row)
    return row
