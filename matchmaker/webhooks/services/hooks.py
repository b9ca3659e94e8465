"""Setting up webhooks, and sending once more by hand."""

from __future__ import annotations

import secrets as randomness
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from matchmaker.accounts import gateways as vault
from matchmaker.activity import services as activity
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.core.feature import features
from matchmaker.webhooks import access, gateways, queries, rules
from matchmaker.webhooks.models import Delivery, Webhook
from matchmaker.webhooks.rules import DeliveryState
from matchmaker.webhooks.services import queueing


def examine(url: str) -> None:
    """Refuse an address that may not be told; looks its name up, so call it before the transaction."""
    target = rules.check_url(url, http=gateways.http_allowed())
    try:
        gateways.resolve(target)
    except gateways.Unreachable as error:
        raise DomainError(error.message, field="url") from None


def create(*, actor: Any, region: str, name: str, url: str, kinds: Iterable[str]) -> tuple[Webhook, str]:
    """A new webhook and its secret, which is shown this once."""
    if not access.may_manage(actor, region):
        raise NotPermitted("推送只能由本辖区的组织者或管理员设置")
    if queries.count_in(region) >= rules.LARGEST_COUNT:
        raise DomainError("一个区划最多设置 {n} 个推送", field="name", n=rules.LARGEST_COUNT)
    rules.check_url(url, http=gateways.http_allowed())
    secret = _new_secret()
    row = Webhook(
        region=region,
        name=name,
        url=url,
        secret=vault.seal(secret),
        kinds=_checked(kinds, actor),
        active=True,
        owner_id=actor.id,
        created=clock.now(),
    )
    db.session.add(row)
    db.session.flush()
    queueing.forget_memo()
    activity.record("webhooks.created", subject=row, actor=actor, name=name, kinds=row.kinds)
    return row, secret


def edit(webhook: Webhook, *, actor: Any, name: str, url: str, kinds: Iterable[str]) -> None:
    """Change name, address or what it listens to."""
    _check_manages(webhook, actor)
    rules.check_url(url, http=gateways.http_allowed())
    before = {"name": webhook.name, "url": webhook.url, "kinds": webhook.kinds}
    webhook.name, webhook.url, webhook.kinds = name, url, _checked(kinds, actor, kept=webhook.kinds)
    after = {"name": webhook.name, "url": webhook.url, "kinds": webhook.kinds}
    queueing.forget_memo()
    activity.record("webhooks.edited", subject=webhook, actor=actor, before=before, after=after)
    db.session.flush()


def rotate(webhook: Webhook, *, actor: Any) -> str:
    """A new secret, shown this once; for a day everything is signed with the old one, too."""
    _check_manages(webhook, actor)
    secret = _new_secret()
    webhook.old_secret, webhook.old_until = webhook.secret, clock.now() + rules.OLD_SECRET
    webhook.secret = vault.seal(secret)
    activity.record("webhooks.rotated", subject=webhook, actor=actor)
    db.session.flush()
    return secret


def switch(webhook: Webhook, *, actor: Any, active: bool) -> None:
    """Pause or go on; what waits is kept and leaves when it goes on."""
    _check_manages(webhook, actor)
    if webhook.active == active:
        raise Conflict("推送的状态刚刚变了，请刷新页面")
    webhook.active = active
    webhook.failures, webhook.failing_since, webhook.disabled_at = 0, None, None
    queueing.forget_memo()
    if active:
        activity.record("webhooks.resumed", subject=webhook, actor=actor)
    else:
        activity.record("webhooks.paused", subject=webhook, actor=actor)
    db.session.flush()


def delete(webhook: Webhook, *, actor: Any) -> None:
    """End a webhook with its log."""
    _check_manages(webhook, actor)
    activity.record("webhooks.deleted", subject=webhook, actor=actor, name=webhook.name)
    db.session.execute(sa.delete(Delivery).where(Delivery.webhook_id == webhook.id))
    db.session.delete(webhook)
    db.session.flush()
    queueing.forget_memo()


def ping(webhook: Webhook, *, actor: Any) -> Delivery:
    """A delivery about nothing, to try the way."""
    _check_manages(webhook, actor)
    now = clock.now()
    body = {
        "id": None,
        "kind": rules.PING,
        "moment": now.isoformat(),
        "subject": {"kind": "webhooks", "id": webhook.id},
    }
    row = Delivery(
        webhook_id=webhook.id, kind=rules.PING, body=body, state=DeliveryState.WAITING, due=now, created=now, attempts=0
    )
    db.session.add(row)
    activity.record("webhooks.ping", subject=webhook, actor=actor)
    db.session.flush()
    return row


def resend(delivery: Delivery, *, actor: Any) -> None:
    """Send once more, under the same id. Conflict when it is on its way."""
    _check_manages(delivery.webhook, actor)
    if not _again(Delivery.id == delivery.id, Delivery.state.in_((DeliveryState.DELIVERED, DeliveryState.FAILED))):
        raise Conflict("这条推送正在发送，请稍后刷新页面")


def resend_failed(webhook: Webhook, *, actor: Any) -> int:
    """Send everything once more that was given up; returns how much that is."""
    _check_manages(webhook, actor)
    return _again(Delivery.webhook_id == webhook.id, Delivery.state == DeliveryState.FAILED)


def _again(*which: Any) -> int:
    values = {"state": DeliveryState.WAITING, "attempts": 0, "due": clock.now(), "lease": None}
    statement = sa.update(Delivery).where(*which).values(**values).execution_options(synchronize_session=False)
    return int(db.session.execute(statement).rowcount)  # type: ignore[attr-defined]


def _checked(kinds: Iterable[str], actor: Any, *, kept: Iterable[str] = ()) -> list[str]:
    """What an administrator set stays when an organiser edits the rest."""
    known = {*features().merged("activities")}
    everything, old = access.may_hear_everything(actor), set(kept)
    wanted = list(kinds)
    fresh = [kind for kind in wanted if kind not in old]
    if fresh or not wanted:
        rules.check_kinds(fresh, known=known, everything=everything)
    return list(dict.fromkeys(wanted))


def _check_manages(webhook: Webhook, actor: Any) -> None:
    if not access.may_manage(actor, webhook.region):
        raise NotPermitted("推送只能由本辖区的组织者或管理员设置")


def _new_secret() -> str:
    return f"whsec_{randomness.token_urlsafe(32)}"
