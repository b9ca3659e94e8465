"""Needs and requests."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from matchmaker.core import clock
from matchmaker.core.db import transaction
from matchmaker.directory.models import Person
from matchmaker.matching.models import HelpRequest, LearntWeights, Need
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


def some_weights(*, actor: Any) -> LearntWeights:
    """Learnt weights as they are kept, without the answers behind them."""
    parts = ("text", "field", "industry", "region", "ticket")
    row = LearntWeights(
        region="650105",
        digest="0" * 64,
        learnt=clock.now(),
        learnt_by_id=actor.id,
        until=clock.now(),
        engine="",
        answers=240,
        accepted=120,
        intercept=Decimal("-2"),
        weights=dict.fromkeys(parts, "1.0"),
        typical=dict.fromkeys(parts, "0.5"),
        by_hand=dict.fromkeys(parts, "0.2"),
        loss=Decimal("0.5"),
        loss_by_hand=Decimal("0.6"),
        loss_by_share=Decimal("0.69"),
        bins=[[48, "0.2", "0.2"]] * 5,
    )
    with transaction() as session:
        session.add(row)
    return row
