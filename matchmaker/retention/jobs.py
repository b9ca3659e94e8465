"""Deleting what is due, every night."""

from __future__ import annotations

from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import DomainError
from matchmaker.events import queries as events
from matchmaker.retention import queries
from matchmaker.retention.rules import SETTLED, LineState
from matchmaker.retention.services import purging


def purge() -> int:
    """Delete every line that is due, one transaction each; what fails does not stop the rest and is told at the end."""
    done, failed = 0, []
    for event_id in queries.over_ids(clock.now() - SETTLED):
        event = db.session.execute(events.one(event_id)).unique().scalar_one()
        for key in [line.key for line in queries.ledger(event) if line.state is LineState.DUE]:
            try:
                done += _one(event_id, key)
            except DomainError as error:
                failed.append(f"{event_id} {key}: {error}")
    if failed:
        raise RuntimeError("; ".join(failed))
    return done


def _one(event_id: int, key: str) -> int:
    with transaction() as session:
        event = session.execute(events.one(event_id)).unique().scalar_one()
        row = purging.purge_key(event, key, actor=None, only_due=True)
        return row.count if row is not None else 0
