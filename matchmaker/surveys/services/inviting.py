"""Asking those who were there, once each, and the silent once more."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from matchmaker.core import clock
from matchmaker.core.db import claim, db
from matchmaker.events.models import Attendee, Registration
from matchmaker.events.services.telling import language_of
from matchmaker.notifications import services as notifications
from matchmaker.surveys import gateways, queries
from matchmaker.surveys.models import Survey, SurveyInvitation
from matchmaker.surveys.rules import SurveyState

AT_ONCE = 200


def invite_next(survey_id: int) -> int:
    """Ask the next of those who were there; 0 when all were asked or it is not the time."""
    survey = db.session.get_one(Survey, survey_id)
    if survey.state_at(clock.now()) is not SurveyState.OPEN:
        return 0
    people = db.session.execute(queries.not_invited(survey).limit(AT_ONCE)).unique().scalars().all()
    for person in people:
        invitation_for(survey, person)
    asked = db.session.execute(queries.unsent(survey).limit(AT_ONCE)).unique().scalars().all()
    for invitation in asked:
        _tell(invitation, "surveys/mail/invited", dedupe=f"survey:{invitation.id}")
        invitation.sent = True
    survey.invited_count = queries.numbers(survey.event_id)["invited"]
    db.session.flush()
    return max(len(people), len(asked))


def invitation_for(survey: Survey, person: Attendee) -> SurveyInvitation:
    """The right of one person who was there to answer, made when it is not there."""
    found = queries.invitation_of(survey, person.id)
    if found is None:
        found = SurveyInvitation(survey=survey, attendee=person, sent=False, used=False)
        db.session.add(found)
        db.session.flush()
    return found


def link_of(invitation: SurveyInvitation) -> str:
    """The signed part of a link to answer."""
    return gateways.link_of(invitation)


def read_link(text: str) -> tuple[int, str] | None:
    """(invitation id, nonce) of a link, or None when it was not made here."""
    return gateways.read_link(text)


def remind(survey_id: int) -> int:
    """Ask the silent once more; whoever calls how often, once."""
    survey, now = db.session.get_one(Survey, survey_id), clock.now()
    if survey.state_at(now) is not SurveyState.OPEN or not queries.due_to_remind(survey, now):
        return 0
    first = sa.update(Survey).where(Survey.id == survey.id, Survey.reminded.is_(None)).values(reminded=now)
    if not claim(first):
        return 0
    silent = db.session.execute(queries.silent(survey)).unique().scalars().all()
    for invitation in silent:
        _tell(invitation, "surveys/mail/reminded", dedupe=f"survey-reminder:{invitation.id}")
    db.session.flush()
    return len(silent)


def _tell(invitation: SurveyInvitation, template: str, *, dedupe: str) -> None:
    person, survey = invitation.attendee, invitation.survey
    reach = _reach(person, person.registration)
    if reach is None:
        return
    language = language_of(person.registration)
    notifications.enqueue(
        template,
        **reach,
        language=language,
        to_name=person.name,
        about=person.registration,
        url=notifications.spoken_link(f"/surveys/answer/{gateways.link_of(invitation)}", language),
        dedupe=dedupe,
        survey=survey,
        name=person.name,
    )


def _reach(person: Attendee, registration: Registration) -> dict[str, Any] | None:
    """The person's own number; the contact of the registration stands for the first of its people alone, so that
    nobody gets the links of others."""
    if person.phone and person.phone != registration.phone:
        return {"phone": person.phone}
    there = [each for each in registration.attendees if each.attended_at is not None]
    named = [each for each in there if each.name == registration.contact_name]
    if person is not (named or there or [person])[0]:
        return None
    if registration.user is not None:
        return {"to": registration.user}
    if registration.email or registration.phone:
        return {"email": registration.email or None, "phone": registration.phone or None}
    return None
