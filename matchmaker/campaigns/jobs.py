"""Sending what is due."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from matchmaker.campaigns import queries
from matchmaker.campaigns.services import sending
from matchmaker.core.db import db, transaction


def send() -> int:
    """Begin what is due, then go on with everything that has begun; returns how many portions were queued."""
    due = [row.id for row in db.session.execute(queries.planned()).unique().scalars() if sending.is_due(row)]
    for campaign_id in due:
        _with(campaign_id, sending.begin)
    return sum(_through(campaign_id) for campaign_id in list(db.session.execute(queries.sending()).scalars()))


def _through(campaign_id: int) -> int:
    portions = 0
    while _with(campaign_id, sending.serve):
        portions += 1
    return portions


def _with(campaign_id: int, work: Callable[[Any], bool]) -> bool:
    with transaction() as session:
        return work(session.execute(queries.one(campaign_id)).unique().scalar_one())
