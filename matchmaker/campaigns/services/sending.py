"""Sending: each campaign is begun once, and served in portions that are remembered with their messages.

A portion moves the cursor and writes its messages in one transaction: whoever dies in the middle has served nobody of
the portion, and whoever goes on begins behind the cursor.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from matchmaker.activity import services as activity
from matchmaker.campaigns import queries, rules
from matchmaker.campaigns.models import Campaign
from matchmaker.campaigns.rules import CampaignState, Reach, Route
from matchmaker.campaigns.services import filling, writing
from matchmaker.core import clock
from matchmaker.core.db import claim, db
from matchmaker.events.rules import EventState
from matchmaker.notifications import services as notifications
from matchmaker.notifications.rules import Channel

PORTION = 500
TOO_LATE = "到点时系统没有运行，超过时限后不再自动发送"
NOT_HELD = "到点时活动未发布或已取消"


def is_due(campaign: Campaign) -> bool:
    """Has its moment come, by the times that the event has now?"""
    moment = campaign.planned_for
    return moment is not None and moment <= clock.now()


def begin(campaign: Campaign) -> bool:
    """Begin a planned campaign whose moment has come, once; too late, it is marked as missed instead."""
    now, event, moment = clock.now(), campaign.event, campaign.planned_for
    if campaign.state is not CampaignState.PLANNED or moment is None or moment > now:
        return False
    if event.state is EventState.DRAFT or (
        event.state is EventState.CANCELLED and campaign.timing is not rules.Timing.NOW
    ):
        writing.miss(campaign, NOT_HELD)
        return False
    if rules.is_late(campaign.timing, planned=moment, now=now, starts=event.starts, ends=event.ends):
        writing.miss(campaign, TOO_LATE)
        return False
    expected = queries.count(campaign, now)
    taken = claim(
        sa.update(Campaign)
        .where(Campaign.id == campaign.id, Campaign.state == CampaignState.PLANNED)
        .where(Campaign.version == campaign.version)
        .values(state=CampaignState.SENDING, started=now, updated=now, expected=expected, version=Campaign.version + 1)
    )
    if taken:
        db.session.refresh(campaign)
    return taken


def serve(campaign: Campaign) -> bool:
    """Queue the messages of the next portion; False when nobody is left or somebody else serves it."""
    if campaign.state is not CampaignState.SENDING:
        return False
    rows = db.session.execute(queries.recipients(campaign, clock.now(), after=campaign.cursor).limit(PORTION))
    portion = list(rows.unique().scalars())
    if not portion:
        _finish(campaign)
        return False
    taken = claim(
        sa.update(Campaign)
        .where(Campaign.id == campaign.id, Campaign.state == CampaignState.SENDING)
        .where(Campaign.cursor == campaign.cursor)
        .values(cursor=portion[-1].id)
    )
    if taken:
        _queue(campaign, portion)
    return taken


def _queue(campaign: Campaign, portion: Sequence[filling.Recipient]) -> None:
    persons = [queries.person_of(row) for row in portion]
    stopped = queries.stopped(persons)
    told: set[tuple[str, str]] = set()
    if not campaign.each:
        told = queries.told(campaign.batch, persons)
    found = rules.routes(persons, campaign.way, stopped=stopped, each=campaign.each, told=told)
    positions = filling.line_positions(campaign)
    with db.session.no_autoflush:
        for row, way in zip(portion, found, strict=True):
            if way.reach is not Reach.SHARED:
                _one(campaign, row, way, positions)
    counts = Counter(way.reach for way in found)
    missing = counts[Reach.UNREACHABLE] + counts[Reach.SUPPRESSED]
    db.session.execute(
        sa.update(Campaign)
        .where(Campaign.id == campaign.id)
        .values(
            queued=Campaign.queued + counts[Reach.REACHED],
            unreachable=Campaign.unreachable + missing,
            shared=Campaign.shared + counts[Reach.SHARED],
        )
        .execution_options(synchronize_session=False)
    )
    db.session.flush()
    db.session.expire(campaign)


def _one(campaign: Campaign, row: filling.Recipient, way: Route, positions: Mapping[int, int]) -> None:
    """One message; to somebody who cannot be reached it is written down all the same, for the log."""
    language = filling.language_of(row)
    text = filling.letter(campaign, row, language, positions)
    channel = Channel(way.channel) if way.channel else _wanted(campaign)
    address: dict[str, Any] = {"mail": {"email": way.address}, "sms": {"phone": way.address}}.get(way.channel, {})
    notifications.enqueue_text(
        text.subject,
        text.body,
        to=getattr(row, "user", None) if way.reach is not Reach.UNREACHABLE else None,
        to_name=filling.name_of(row),
        channel=channel,
        dedupe=f"{campaign.batch}:{'i' if campaign.invited else ''}{row.id}",
        fresh=True,
        batch=campaign.batch,
        about=row,
        url=filling.path_of(row),
        language=language,
        **address,
    )


def _wanted(campaign: Campaign) -> Channel:
    return Channel(campaign.way.value) if campaign.way is not rules.Way.REACHABLE else Channel.MAIL


def _finish(campaign: Campaign) -> None:
    now = clock.now()
    done = claim(
        sa.update(Campaign)
        .where(Campaign.id == campaign.id, Campaign.state == CampaignState.SENDING)
        .values(state=CampaignState.SENT, finished=now, updated=now, version=Campaign.version + 1)
    )
    if done:
        db.session.refresh(campaign)
        activity.record(
            "campaigns.sent",
            subject=campaign,
            actor=None,
            name=campaign.name,
            queued=campaign.queued,
            unreachable=campaign.unreachable,
        )
        db.session.flush()
