"""Needs and requests."""

from __future__ import annotations

from typing import Any

from matchmaker.core.db import transaction
from matchmaker.directory.models import Person
from matchmaker.matching.models import HelpRequest, Need
from matchmaker.matching.rules import NeedKind
from matchmaker.matching.services import needs, requests

TITLE = "想把下雪天的识别率提上去"
TEXT = "小区摄像头一到下大雪就误报，夜里更厉害，希望有做过低光照识别的老师带我们改模型"
EXPERTISE = "低光照和恶劣天气的视频识别，误报分析，模型压缩与部署"


def a_need(*, actor: Any, **values: Any) -> Need:
    """An open technical need of the actor's first organisation, stated the way everybody states one."""
    own = sorted(actor.organisation_ids)
    given = {
        "region": "650105",
        "kind": NeedKind.TECHNICAL,
        "title": TITLE,
        "text": TEXT,
        "organisation_id": own[0] if own else None,
        **values,
    }
    with transaction():
        return needs.state(actor=actor, **given)


def a_request(need: Need, person: Person, *, actor: Any, message: str = "") -> HelpRequest:
    """A question to one helper, asked the way everybody asks."""
    with transaction():
        return requests.ask(need, actor=actor, person_ids=[person.id], message=message).requests[0]
