"""What is written into the activity log is queued for the webhooks that listen, in the same transaction."""

from __future__ import annotations

from typing import Any

from matchmaker.core import clock, regions
from matchmaker.core.db import db
from matchmaker.webhooks import queries, rules
from matchmaker.webhooks.models import Delivery
from matchmaker.webhooks.rules import DeliveryState

MEMO = "webhooks"


def after_record(line: Any) -> None:
    """Queue a line of the activity log for every webhook that listens; one query a transaction."""
    if line.region is None:
        return
    listening = [i for i, region, kinds in _active() if _hears(region, kinds, line)]
    if not listening:
        return
    db.session.flush()
    body = {
        "id": line.id,
        "kind": line.kind,
        "moment": line.moment.isoformat(),
        "subject": {"kind": line.subject_kind, "id": line.subject_id},
    }
    now = clock.now()
    for webhook_id in listening:
        values = {"state": DeliveryState.WAITING, "due": now, "created": now, "attempts": 0}
        db.session.add(Delivery(webhook_id=webhook_id, activity_id=line.id, kind=line.kind, body=body, **values))


def _hears(region: str, kinds: list[str], line: Any) -> bool:
    return rules.matches(kinds, line.kind) and regions.contains(region, line.region)


def _active() -> Any:
    """The active webhooks, read once a transaction: a bulk action records a thousand lines."""
    session = db.session()
    running = session.get_transaction()
    known = session.info.get(MEMO)
    if known is None or known[0] is not running:
        with session.no_autoflush:
            rows = session.execute(queries.ACTIVE).all()
        known = session.info[MEMO] = (session.get_transaction(), rows)
    return known[1]


def forget_memo() -> None:
    """The webhooks changed in this transaction."""
    db.session().info.pop(MEMO, None)
