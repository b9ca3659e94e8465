"""Surveys that run, and answers to them."""

from __future__ import annotations

from typing import Any

from matchmaker.core.db import db, transaction
from matchmaker.events.models import Event
from matchmaker.questionnaires.rules.definition import FieldKind
from matchmaker.surveys.models import Survey, SurveyInvitation
from matchmaker.surveys.services import surveys


def a_survey(event: Event, *, actor: Any, anonymous: bool = True, opens: int = 0, closes: int = 20_000) -> Survey:
    """A started survey with the questions of the house."""
    with transaction():
        survey = surveys.create(event, actor=actor, anonymous=anonymous, opens=opens, closes=closes)
    with transaction():
        surveys.start(survey, actor=actor)
    return survey


def invitations(event: Event) -> list[SurveyInvitation]:
    """Who may answer, in the order in which they were asked."""
    found = db.session.query(SurveyInvitation).join(Survey).filter(Survey.event_id == event.id)
    return list(found.order_by(SurveyInvitation.id))


def answers_for(version: Any, rating: int = 5) -> dict[str, Any]:
    """Something typed into every question that must be answered."""
    typed: dict[str, Any] = {}
    for field in version.content.for_registrants().fields:
        if field.kind is FieldKind.RATING:
            typed[field.id] = str(rating)
        elif field.required:
            typed[field.id] = field.options[0].id if field.options else "好"
    return typed
