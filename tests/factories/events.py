"""Events and registrations."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from matchmaker.core import clock
from matchmaker.core.db import transaction
from matchmaker.events.models import Audience, Event, EventSeries, Registration, SeatPool
from matchmaker.events.rules import AttendeeLine, EventKind, EventState, PoolKind, Source
from matchmaker.events.services import registrations
from matchmaker.events.services.answering import Filled
from matchmaker.questionnaires import services as questionnaires
from matchmaker.questionnaires.models import Questionnaire
from matchmaker.questionnaires.rules.definition import Definition


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


def a_series(*held: Event, title: str = "企业家月度沙龙") -> EventSeries:
    """A series with these events."""
    with transaction() as session:
        series = EventSeries(region=held[0].region, title=title, title_en="Monthly salon", created=clock.now())
        session.add(series)
        session.flush()
        for event in held:
            event.series_id = series.id
    return series


def a_form(event: Event, definition: Definition, *, audience: Audience | None = None) -> Questionnaire:
    """A questionnaire in use, asked of one group of an event."""
    with transaction():
        made = questionnaires.create(actor=None, owner=event, title="报名表", definition=definition)
        (audience or event.audiences[0]).questionnaire_id = made.id
    return made


def filled(questionnaire: Questionnaire, raw: dict[str, Any]) -> Filled:
    """Checked answers on the form's current wording."""
    assert questionnaire.current is not None
    return Filled(questionnaire.current, questionnaires.check(questionnaire.current, raw))


def a_guest(event: Event, *, name: str = "赵来宾", people: int = 1, **values: Any) -> Registration:
    """Somebody without an account on the list."""
    given = {"phone": "13000000009", "source": Source.INVITATION, "actor": None, **values}
    lines = [AttendeeLine(f"{name}{n or ''}", "") for n in range(people)]
    with transaction():
        return registrations.register_guest(event, audience=event.audiences[0], name=name, people=lines, **given)


def a_registration(event: Event, *, actor: Any, people: int = 1, organisation_id: int | None = None) -> Registration:
    """A registration made the way everybody makes one."""
    names = "\n".join(f"参会人{chr(0x4E00 + i)}" for i in range(people))
    with transaction():
        return registrations.register(
            event, actor=actor, organisation_id=organisation_id, attendees=names, phone="13000000001"
        )
