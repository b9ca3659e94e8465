"""Messages to the people of an event."""

from __future__ import annotations

from typing import Any

from matchmaker.campaigns.models import Campaign
from matchmaker.campaigns.rules import Occasion, Timing, Way
from matchmaker.campaigns.services import writing
from matchmaker.core.db import transaction

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
        **values,
    }


def a_campaign(event: Any, *, actor: Any, planned: bool = False, **values: Any) -> Campaign:
    """A draft of a message to everybody; with `planned`, confirmed."""
    with transaction():
        row = writing.draft(event, actor=actor, **campaign_values(**values))
        if planned:
            writing.plan(row, actor=actor)
    return row
