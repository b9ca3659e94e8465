"""Registrations that somebody has begun: kept as they are, holding no place, until sent or thrown away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matchmaker.core import clock, folding
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.events import access, rules
from matchmaker.events.models import Attendee, Audience, Registration
from matchmaker.events.rules import AttendeeLine, RegistrationState
from matchmaker.questionnaires import services as questionnaires
from matchmaker.questionnaires.models import QuestionnaireVersion

LONGEST_NAME = 60


def save(
    audience: Audience,
    *,
    actor: Any,
    draft: Registration | None,
    organisation_id: int | None,
    attendees: str,
    phone: str,
    note: str,
    version: QuestionnaireVersion | None = None,
    raw: Mapping[str, object] | None = None,
) -> Registration:
    """Keep whatever was typed for one group. Nothing is required, nothing is claimed."""
    if not access.may_register_for(actor, organisation_id):
        raise NotPermitted("您不是这家单位的成员，请先加入单位再报名")
    event = audience.event
    rules.check_open(state=event.state, deadline=audience.closes, now=clock.now(), opens=audience.opens)
    row = draft or Registration(
        event=event, audience=audience, user_id=actor.id, state=RegistrationState.DRAFT, party=1, created=clock.now()
    )
    people = typed_lines(attendees)
    row.organisation_id, row.phone, row.note = organisation_id, phone[:20], note[:500]
    row.attendees = [Attendee(name=person.name, phone=person.phone) for person in people]
    row.party = max(1, len(people))
    db.session.add(row)
    db.session.flush()
    if version is not None:
        row.sheet = questionnaires.save_draft(version, raw or {}, subject=row, actor=actor, sheet=row.sheet)
    db.session.flush()
    return row


def typed_lines(text: str) -> list[AttendeeLine]:
    """The lines as far as they can be read; one that cannot stays as it was typed."""
    found: list[AttendeeLine] = []
    for line in text.splitlines()[: rules.LARGEST_PARTY]:
        try:
            found += rules.attendees_of(line)
        except DomainError:
            if clean := folding.clean_text(line):
                found.append(AttendeeLine(clean[:LONGEST_NAME], ""))
    return found


def discard(draft: Registration) -> None:
    """Throw a draft away, with its files."""
    if draft.state is not RegistrationState.DRAFT:
        raise Conflict("这份报名已经提交，请打开报名撤回")
    sheet, draft.sheet = draft.sheet, None
    db.session.flush()
    if sheet is not None:
        questionnaires.remove(sheet)
    db.session.delete(draft)
    db.session.flush()
