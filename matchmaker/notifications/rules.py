"""States of a message and when to try again."""

from __future__ import annotations

from datetime import datetime, timedelta

from matchmaker.core.labels import Labelled


class Channel(Labelled):
    """How a message reaches a person."""

    MAIL = "mail", "邮件"
    SMS = "sms", "短信"
    SITE = "site", "站内"


class MessageState(Labelled):
    """How far a message has come."""

    WAITING = "waiting", "待发送", "wait"
    SENDING = "sending", "发送中", "wait"
    SENT = "sent", "已发送", "good"
    FAILED = "failed", "发送失败", "bad"


ATTEMPTS = 6


def next_try(attempts: int, now: datetime) -> datetime | None:
    """When to try again after `attempts` failures (1, 4, 9, 16, 25 minutes), or None to give up."""
    return None if attempts >= ATTEMPTS else now + timedelta(minutes=attempts * attempts)
