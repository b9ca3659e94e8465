"""Surveys, who may answer them, and the answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from matchmaker.core.db import db
from matchmaker.core.viewer import Viewer
from matchmaker.events import access
from matchmaker.events import queries as events
from matchmaker.events.models import Attendee, Event, Registration
from matchmaker.events.rules import COMING, EventDuty
from matchmaker.questionnaires.models import AnswerSheet, Questionnaire
from matchmaker.questionnaires.queries import versions
from matchmaker.questionnaires.rules.definition import Field
from matchmaker.surveys.models import AnonymousAnswer, Survey, SurveyInvitation
from matchmaker.surveys.rules import SurveyState, remind_at
from matchmaker.surveys.rules.figures import Answer


def run_by(viewer: Viewer) -> sa.Select[Event]:
    """The events whose survey falls to a person."""
    return events.run_by(viewer, EventDuty.SURVEYS)


def of_event(event_id: int) -> Survey | None:
    """The survey of an event."""
    return db.session.execute(sa.select(Survey).where(Survey.event_id == event_id)).unique().scalar_one_or_none()


def by_key(key: str) -> sa.Select[Survey]:
    """The survey behind the code of a poster; one that was never started has none."""
    return sa.select(Survey).where(Survey.key == key, Survey.state != SurveyState.DRAFT)


def started() -> Sequence[int]:
    """Surveys that were started and not stopped."""
    statement = sa.select(Survey.id).where(Survey.state == SurveyState.OPEN).order_by(Survey.id)
    return db.session.execute(statement).scalars().all()


def seen(event_id: int) -> sa.Select[Attendee]:
    """Everybody whom a gate of this event let in."""
    return (
        sa.select(Attendee)
        .join(Registration, Registration.id == Attendee.registration_id)
        .where(Registration.event_id == event_id, Attendee.attended_at.is_not(None))
        .order_by(Attendee.id)
    )


def not_invited(survey: Survey) -> sa.Select[Attendee]:
    """Those of them who may not answer yet."""
    there = sa.select(SurveyInvitation.id).where(
        SurveyInvitation.survey_id == survey.id, SurveyInvitation.attendee_id == Attendee.id
    )
    return seen(survey.event_id).where(~there.exists())


def unsent(survey: Survey) -> sa.Select[SurveyInvitation]:
    """Invitations whose message is still to be written."""
    return (
        sa.select(SurveyInvitation)
        .where(SurveyInvitation.survey_id == survey.id)
        .where(SurveyInvitation.sent.is_(False), SurveyInvitation.used.is_(False))
        .order_by(SurveyInvitation.id)
    )


def silent(survey: Survey) -> sa.Select[SurveyInvitation]:
    """Who was asked and has not answered."""
    return (
        sa.select(SurveyInvitation)
        .where(SurveyInvitation.survey_id == survey.id, SurveyInvitation.used.is_(False))
        .order_by(SurveyInvitation.id)
    )


def invitation(number: int, nonce: str) -> sa.Select[SurveyInvitation]:
    """The invitation of a link."""
    return sa.select(SurveyInvitation).where(SurveyInvitation.id == number, SurveyInvitation.nonce == nonce)


def attendee_by_code(survey: Survey, code: str) -> Attendee | None:
    """The person with that code who was there."""
    return db.session.execute(seen(survey.event_id).where(Attendee.code == code)).unique().scalar_one_or_none()


def invitation_of(survey: Survey, attendee_id: int) -> SurveyInvitation | None:
    """One person's right to answer."""
    statement = sa.select(SurveyInvitation).where(
        SurveyInvitation.survey_id == survey.id, SurveyInvitation.attendee_id == attendee_id
    )
    return db.session.execute(statement).unique().scalar_one_or_none()


def group_size(event_id: int, audience_id: int) -> int:
    """How many of a group were there."""
    return _count(seen(event_id).where(Registration.audience_id == audience_id))


def _count(statement: sa.Select[Any]) -> int:
    counted = sa.select(sa.func.count()).select_from(statement.order_by(None).subquery())
    return int(db.session.execute(counted).scalar_one())


def numbers(event_id: int) -> dict[str, int]:
    """People with a place, seen, asked, answered: the figures beside one another."""
    places = (
        sa.select(Attendee)
        .join(Registration, Registration.id == Attendee.registration_id)
        .where(Registration.event_id == event_id, Registration.state.in_(COMING))
    )
    asked = sa.select(SurveyInvitation.id).join(Survey).where(Survey.event_id == event_id)
    return {
        "approved": _count(places),
        "attended": _count(seen(event_id)),
        "invited": _count(asked),
        "answered": _count(asked.where(SurveyInvitation.used)),
    }


def answers_of(survey: Survey) -> list[Answer]:
    """All answers without their givers."""
    if survey.anonymous:
        rows = db.session.execute(
            sa.select(AnonymousAnswer.answers, AnonymousAnswer.audience_id)
            .where(AnonymousAnswer.survey_id == survey.id)
            .order_by(AnonymousAnswer.id)
        )
    else:
        rows = db.session.execute(
            sa.select(AnswerSheet.answers, Registration.audience_id)
            .join(SurveyInvitation, SurveyInvitation.sheet_id == AnswerSheet.id)
            .join(Attendee, Attendee.id == SurveyInvitation.attendee_id)
            .join(Registration, Registration.id == Attendee.registration_id)
            .where(SurveyInvitation.survey_id == survey.id)
            .order_by(AnswerSheet.id)
        )
    return [Answer(answers, group) for answers, group in rows]


def named_answers(survey: Survey) -> Sequence[SurveyInvitation]:
    """Who answered what in a named survey."""
    statement = (
        sa.select(SurveyInvitation)
        .where(SurveyInvitation.survey_id == survey.id, SurveyInvitation.sheet_id.is_not(None))
        .order_by(SurveyInvitation.id)
    )
    return db.session.execute(statement).unique().scalars().all()


def fields_of(questionnaire: Questionnaire) -> list[Field]:
    """Every question that was ever asked, each in its newest wording, those of today first."""
    found: dict[str, Field] = {}
    for version in versions(questionnaire):
        for field in version.content.for_registrants().fields:
            found.setdefault(field.id, field)
    return list(found.values())


def may_edit(viewer: Any, survey_id: int) -> bool:
    """May this person change the questions of a survey?"""
    survey = db.session.get(Survey, survey_id)
    return survey is not None and access.has_duty(viewer, survey.event, EventDuty.SURVEYS)


def may_see_answers(viewer: Any, invitation_id: int) -> bool:
    """May this person read one named answer?"""
    row = db.session.get(SurveyInvitation, invitation_id)
    return row is not None and access.has_duty(viewer, row.survey.event, EventDuty.SURVEYS)


def home(survey_id: int) -> tuple[str, str]:
    """Title and address of the page a survey's questions belong to."""
    survey = db.session.get_one(Survey, survey_id)
    return survey.event.title, f"/surveys/of/{survey.event_id}"


def due_to_remind(survey: Survey, now: datetime) -> bool:
    """Is it time to ask the silent once more, and was it not done?"""
    return survey.reminded is None and now >= remind_at(opens_at=survey.opens_at, closes_at=survey.closes_at)


def personal_data(user: Any) -> dict[str, Any]:
    """Whether a person was asked and answered; the named answers stand among the answers to forms."""
    statement = (
        sa.select(Event.title, Survey.anonymous, SurveyInvitation.used)
        .join(Survey, Survey.id == SurveyInvitation.survey_id)
        .join(Event, Event.id == Survey.event_id)
        .join(Attendee, Attendee.id == SurveyInvitation.attendee_id)
        .join(Registration, Registration.id == Attendee.registration_id)
        .where(Registration.user_id == user.id)
        .order_by(SurveyInvitation.id)
    )
    rows = db.session.execute(statement)
    return {"surveys": [{"event": title, "anonymous": quiet, "answered": used} for title, quiet, used in rows]}
