"""Reading webhooks and their deliveries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from matchmaker.core.db import db
from matchmaker.core.viewer import Viewer, in_regions
from matchmaker.webhooks.models import Delivery, Webhook
from matchmaker.webhooks.rules import DeliveryState


def visible_to(viewer: Viewer, _scope: Mapping[str, str] | None = None) -> sa.Select[Webhook]:
    """The webhooks of one's regions."""
    return sa.select(Webhook).where(in_regions(Webhook.region, viewer))


def deliveries_visible_to(viewer: Viewer, scope: Mapping[str, str]) -> sa.Select[Delivery]:
    """The deliveries of one webhook of one's regions."""
    mine = sa.select(Webhook.id).where(in_regions(Webhook.region, viewer), Webhook.id == int(scope["webhook_id"]))
    return sa.select(Delivery).where(Delivery.webhook_id.in_(mine))


# What every written activity is compared with: few rows by an index.
HOOKS: Any = Webhook.__table__
ACTIVE = sa.select(HOOKS.c.id, HOOKS.c.region, HOOKS.c.kinds).where(HOOKS.c.active.is_(True))


def is_due(now: datetime) -> sa.ColumnElement[bool]:
    """Deliveries whose time has come, and those whose sender died."""
    waiting = sa.and_(Delivery.state == DeliveryState.WAITING, Delivery.due <= now)
    orphaned = sa.and_(Delivery.state == DeliveryState.SENDING, Delivery.lease < now)
    return sa.or_(waiting, orphaned)


def due_ids(webhook_id: int, now: datetime, *, limit: int) -> Sequence[int]:
    """The oldest due deliveries of one webhook."""
    statement = (
        sa.select(Delivery.id)
        .where(Delivery.webhook_id == webhook_id, is_due(now))
        .order_by(Delivery.due, Delivery.id)
        .limit(limit)
    )
    return db.session.execute(statement).scalars().all()


def counts_of(webhook_id: int) -> dict[DeliveryState, int]:
    """How many deliveries of a webhook are in which state."""
    statement = (
        sa.select(Delivery.state, sa.func.count(Delivery.id))
        .where(Delivery.webhook_id == webhook_id)
        .group_by(Delivery.state)
    )
    return {state: int(count) for state, count in db.session.execute(statement)}


def count_in(region: str) -> int:
    """How many webhooks a region has."""
    return int(db.session.execute(sa.select(sa.func.count(Webhook.id)).where(Webhook.region == region)).scalar_one())


def personal_data(user: Any) -> dict[str, Any]:
    """The webhooks a person set up, for their own download."""
    statement = sa.select(Webhook).where(Webhook.owner_id == user.id).order_by(Webhook.id)
    rows = db.session.execute(statement).unique().scalars()
    return {"webhooks": [{"name": row.name, "url": row.url, "created": row.created.isoformat()} for row in rows]}
