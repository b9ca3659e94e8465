"""Sending what waits: claimed first, then sent, so that a dead sender loses nothing and two senders share."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
import structlog

from matchmaker.accounts import gateways as vault
from matchmaker.activity import services as activity
from matchmaker.core import clock
from matchmaker.core.db import claim, db, transaction
from matchmaker.core.errors import DomainError
from matchmaker.notifications import services as notifications
from matchmaker.webhooks import gateways, queries, rules
from matchmaker.webhooks.models import Delivery, Webhook
from matchmaker.webhooks.rules import DeliveryState

log = structlog.get_logger()

AGENT = "matchmaker-webhooks/1"


def deliver(*, limit: int = 50) -> int:
    """Send what is due, of every webhook up to its first failure. Opens its own transactions."""
    done = 0
    for webhook_id, _region, _kinds in db.session.execute(queries.ACTIVE).all():
        for delivery_id in queries.due_ids(webhook_id, clock.now(), limit=limit):
            outcome = _deliver_one(delivery_id)
            if outcome is False:
                break  # the others would only wait for the same silence
            done += outcome is True
    return done


def _deliver_one(delivery_id: int) -> bool | None:
    """True when it arrived, False when not, None when somebody else has it."""
    attempt = take(delivery_id)
    if attempt is None:
        return None
    delivery = db.session.get_one(Delivery, delivery_id)
    status, error = _try(delivery)
    with transaction():
        if not finish(delivery_id, attempt, status=status, error=error):
            return None
        _note(delivery.webhook_id, succeeded=error is None)
    return error is None


def take(delivery_id: int) -> int | None:
    """Claim a due delivery for the time of one lease; returns the number of the try, None when it is not to be had."""
    now = clock.now()
    values = {"state": DeliveryState.SENDING, "attempts": Delivery.attempts + 1, "lease": now + rules.LEASE}
    with transaction() as session:
        taken = claim(sa.update(Delivery).where(Delivery.id == delivery_id, queries.is_due(now)).values(**values))
        if not taken:
            return None
        return int(session.execute(sa.select(Delivery.attempts).where(Delivery.id == delivery_id)).scalar_one())


def _try(delivery: Delivery) -> tuple[int | None, str | None]:
    """The status of the answer, and what was wrong with it."""
    try:
        target = rules.check_url(delivery.webhook.url, http=gateways.http_allowed())
        body = rules.payload(delivery.body, delivery.id)
        answer = gateways.post(target, body, _headers(delivery, body))
    except (DomainError, gateways.Unreachable) as error:
        return None, rules.one_line(error.message)
    except Exception as error:  # noqa: BLE001 - whatever a receiver does, the others get theirs
        log.exception("webhook.failed", delivery=delivery.id)
        return None, rules.one_line(f"{type(error).__name__}: {error}")
    if 200 <= answer.status < 300:
        return answer.status, None
    return answer.status, rules.one_line(f"HTTP {answer.status} {answer.text}")


def _headers(delivery: Delivery, body: bytes) -> dict[str, str]:
    webhook, now = delivery.webhook, clock.now()
    sealed = [webhook.secret]
    if webhook.old_secret and webhook.old_until and webhook.old_until > now:
        sealed.append(webhook.old_secret)
    secrets = [vault.unseal(secret) for secret in sealed]
    return {
        "Content-Type": "application/json",
        "User-Agent": AGENT,
        "Matchmaker-Delivery": str(delivery.id),
        "Matchmaker-Signature": rules.signature(secrets, int(now.timestamp()), body),
    }


def finish(delivery_id: int, attempt: int, *, status: int | None, error: str | None) -> bool:
    """Note how a try ended; False when the lease was over and somebody else has the delivery now."""
    now, done = clock.now(), error is None
    again = None if done else rules.next_try(attempt, now)
    state = DeliveryState.DELIVERED if done else DeliveryState.WAITING if again else DeliveryState.FAILED
    values: dict[str, Any] = {"state": state, "status_code": status, "error": error, "lease": None}
    if again is not None:
        values["due"] = again
    if done:
        values["delivered"] = now
    mine = (Delivery.id == delivery_id, Delivery.state == DeliveryState.SENDING, Delivery.attempts == attempt)
    return claim(sa.update(Delivery).where(*mine).values(**values))


def _note(webhook_id: int, *, succeeded: bool) -> None:
    """Count failures of a webhook; the one that only failed for days is switched off and its owner told."""
    now = clock.now()
    values: dict[str, Any] = {"failures": 0, "failing_since": None, "last_success": now}
    if not succeeded:
        values = {"failures": Webhook.failures + 1, "failing_since": sa.func.coalesce(Webhook.failing_since, now)}
    claim(sa.update(Webhook).where(Webhook.id == webhook_id).values(**values))
    webhook = db.session.get(Webhook, webhook_id, populate_existing=True)
    if webhook is None or not rules.gives_up(webhook.failing_since, webhook.failures, now):
        return
    off = sa.update(Webhook).where(Webhook.id == webhook_id, Webhook.active.is_(True))
    if not claim(off.values(active=False, disabled_at=now)):
        return
    db.session.refresh(webhook)
    activity.record("webhooks.disabled", subject=webhook, actor=None, failures=webhook.failures)
    url = f"/webhooks/{webhook_id}"
    notifications.enqueue("webhooks/mail/disabled", to=webhook.owner, about=webhook, url=url, webhook=webhook)


def sweep() -> int:
    """Forget old deliveries that are over."""
    over = (DeliveryState.DELIVERED, DeliveryState.FAILED)
    old = clock.now() - timedelta(days=rules.KEEP_DAYS)
    statement = sa.delete(Delivery).where(Delivery.created < old, Delivery.state.in_(over))
    return int(db.session.execute(statement).rowcount)  # type: ignore[attr-defined]
