"""Messages to the people of an event."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from matchmaker.campaigns.models import Campaign
from matchmaker.campaigns.rules import Occasion, Timing, Way
from matchmaker.campaigns.services import writing
from matchmaker.core.db import db, transaction
from matchmaker.notifications.models import Message
from tests.factories.events import a_guest

TEXT = "{姓名}，您好：\n“{活动}”{时间}开始。"


def campaign_values(**values: Any) -> dict[str, Any]:
    """What the form of a campaign hands to the service."""
    return {
        "name": "会前提醒",
        "occasion": Occasion.OTHER,
        "subject": "{活动}提醒",
        "body": TEXT,
        "subject_en": "",
        "body_en": "",
        "way": Way.REACHABLE,
        "each": False,
        "timing": Timing.NOW,
        "minutes": 0,
        "moment": None,
        "replaces_reminder": False,
        "filters": {},
        "group_id": None,
        "invited": False,
        **values,
    }


def a_campaign(event: Any, *, actor: Any, planned: bool = False, **values: Any) -> Campaign:
    """A draft of a message to everybody; with `planned`, confirmed."""
    with transaction():
        row = writing.draft(event, actor=actor, **campaign_values(**values))
        if planned:
            writing.plan(row, actor=actor)
    return row


def guests(event: Any, count: int, **values: Any) -> list[Any]:
    """So many people without an account on the list, each with a number of their own."""
    return [a_guest(event, name=f"来宾{n}", phone=f"139{n:08d}", **values) for n in range(count)]


def change(row: Any, **values: Any) -> Any:
    """Set columns of a row as some other feature would."""
    with transaction() as session:
        fresh = session.get_one(type(row), row.id)
        for key, value in values.items():
            setattr(fresh, key, value)
    return row


def messages(campaign: Campaign) -> list[Message]:
    """What a campaign has put into the outbox."""
    statement = sa.select(Message).where(Message.batch == f"campaign:{campaign.id}").order_by(Message.id)
    return list(db.session.execute(statement).scalars())


def fresh(campaign: Campaign) -> Campaign:
    """A campaign as the database has it now."""
    db.session.rollback()
    return db.session.get_one(Campaign, campaign.id, populate_existing=True)
