"""Webhooks for tests."""

from __future__ import annotations

from typing import Any

from matchmaker.accounts.rules import Role
from matchmaker.core.db import db, transaction
from matchmaker.webhooks.models import Delivery, Webhook
from matchmaker.webhooks.services import hooks
from tests.cast import REGION, a_user


def a_webhook(*, owner: Any = None, url: str = "https://oa.example.cn/hook", **values: Any) -> Webhook:
    """A webhook for events; its secret stands in `plain_secret`."""
    actor = owner or a_user(Role.ORGANISER)
    given = {"name": "协同平台", "kinds": ["events."], "region": REGION, **values}
    with transaction():
        row, secret = hooks.create(actor=actor, url=url, **given)
    row.plain_secret = secret
    return row


def a_ping(webhook: Webhook, *, owner: Any) -> Delivery:
    """A delivery that waits."""
    with transaction():
        return hooks.ping(webhook, actor=owner)


def deliveries() -> list[Delivery]:
    """All deliveries as they are stored now."""
    db.session.rollback()
    db.session.expire_all()
    return db.session.query(Delivery).order_by(Delivery.id).all()
