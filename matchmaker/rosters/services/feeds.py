"""The address under which a calendar programme fetches a person's sessions and visits."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from flask import url_for

from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.errors import Missing
from matchmaker.core.feature import AgendaEntry, features
from matchmaker.notifications.services import base_url
from matchmaker.rosters import gateways
from matchmaker.rosters.models import RosterFeed


def of(user_id: int) -> RosterFeed | None:
    """The person's address, None when there is none."""
    statement = sa.select(RosterFeed).where(RosterFeed.user_id == user_id)
    return db.session.execute(statement).unique().scalar_one_or_none()


def create(user: Any) -> None:
    """A new address; one that was there before answers no longer."""
    revoke(user)
    db.session.add(RosterFeed(user_id=user.id, created=clock.now()))
    db.session.flush()


def revoke(user: Any) -> None:
    """The address answers no longer."""
    db.session.execute(sa.delete(RosterFeed).where(RosterFeed.user_id == user.id))
    db.session.expire_all()


def address_of(user: Any) -> str | None:
    """The full address, None when there is none."""
    feed = of(user.id)
    if feed is None:
        return None
    return base_url() + url_for("rosters.feed", token=gateways.feed_link(feed.user_id, feed.nonce))


def open_feed(text: str) -> RosterFeed:
    """The feed behind an address. Raises Missing when it was revoked or never made."""
    read = gateways.read_feed(text)
    feed = of(read[0]) if read else None
    if feed is None or read is None or not feed.user.is_active or not secrets.compare_digest(feed.nonce, read[1]):
        raise Missing("这个日历地址已停用，请登录后重新生成")
    return feed


def entries_of(user: Any) -> Sequence[AgendaEntry]:
    """What every feature has for this person, in order."""
    found = [entry for f in features().all if f.agenda is not None for entry in f.agenda(user)]
    return sorted(found, key=lambda entry: entry.starts)
