"""Events and registrations."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from matchmaker.core import clock
from matchmaker.core.db import transaction
from matchmaker.events.models import Audience, Event, Registration, SeatPool
from matchmaker.events.rules import EventKind, EventState, PoolKind
from matchmaker.events.services import registrations


def an_event(*, owner: Any, capacity: int = 10, **values: Any) -> Event:
    """A published event in two weeks with a free registration."""
    now = clock.now()
    given = {
        "region": "650105",
        "kind": EventKind.PROMOTION,
        "state": EventState.PUBLISHED,
        "title": "智慧安防招商对接会",
        "summary": "面向安防企业的对接会",
        "description": "议程与嘉宾",
        "venue": "红光山会展中心",
        "starts": now + timedelta(days=14),
        "ends": now + timedelta(days=14, hours=3),
        "deadline": now + timedelta(days=12),
        "needs_approval": False,
        "published": now,
        "created": now,
        "updated": now,
        **values,
    }
    pools = [SeatPool(kind=PoolKind.EVENT, capacity=capacity, used=0)]
    event = Event(owner_id=owner.id, pools=pools, audiences=[Audience(name="参会人员")], **given)
    with transaction() as session:
        session.add(event)
    return event


def a_registration(event: Event, *, actor: Any, people: int = 1, organisation_id: int | None = None) -> Registration:
    """A registration made the way everybody makes one."""
    names = "\n".join(f"参会人{chr(0x4E00 + i)}" for i in range(people))
    with transaction():
        return registrations.register(
            event, actor=actor, organisation_id=organisation_id, attendees=names, phone="13000000001"
        )
