"""The address under which a calendar programme fetches a person's registrations."""

from __future__ import annotations

from typing import Any

from flask import url_for

from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.errors import Missing
from matchmaker.events import gateways, queries
from matchmaker.events.models import CalendarFeed
from matchmaker.notifications.services import base_url


def create(user: Any) -> None:
    """A new address; one that was there before answers no longer."""
    revoke(user)
    db.session.add(CalendarFeed(user_id=user.id, created=clock.now()))
    db.session.flush()


def revoke(user: Any) -> None:
    """The address answers no longer."""
    feed = of(user)
    if feed is not None:
        db.session.delete(feed)
        db.session.flush()


def of(user: Any) -> CalendarFeed | None:
    """The person's address, None when there is none."""
    feed: CalendarFeed | None = db.session.execute(queries.feed_of(user.id)).unique().scalar_one_or_none()
    return feed


def address_of(user: Any) -> str | None:
    """The full address, None when there is none."""
    feed = of(user)
    return base_url() + url_for("events.feed", token=gateways.feed_link(feed)) if feed else None


def open_feed(text: str) -> CalendarFeed:
    """The feed behind an address. Raises Missing when it was revoked or never made."""
    read = gateways.read_feed(text)
    feed = db.session.execute(queries.feed_of(read[0])).unique().scalar_one_or_none() if read else None
    if feed is None or read is None or feed.nonce != read[1] or not feed.user.is_active:
        raise Missing("这个日历地址已停用，请登录后在“我的报名”重新生成")
    return feed
