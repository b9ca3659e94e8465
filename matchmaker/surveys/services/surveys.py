"""Setting up the survey of an event."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from matchmaker.activity import services as activity
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict, NotPermitted
from matchmaker.events import access
from matchmaker.events.models import Event
from matchmaker.events.rules import EventDuty
from matchmaker.questionnaires import services as questionnaires
from matchmaker.questionnaires.rules.ready import Ready, ready
from matchmaker.surveys import queries, rules
from matchmaker.surveys.models import Survey
from matchmaker.surveys.rules import SurveyState

TITLE, TITLE_EN = "满意度调查", "Satisfaction survey"


def create(
    event: Event, *, actor: Any, anonymous: bool, opens: int = rules.OPENS, closes: int = rules.CLOSES
) -> Survey:
    """The survey of an event, with questions to begin with; nobody is asked before it is started."""
    _check_runs(actor, event)
    if queries.of_event(event.id) is not None:
        raise Conflict("这个活动已经有满意度调查")
    rules.check_times(opens=opens, closes=closes)
    survey = _new(event, anonymous=anonymous, opens=opens, closes=closes)
    survey.questionnaire = questionnaires.create(
        actor=actor, owner=survey, title=TITLE, title_en=TITLE_EN, definition=ready(Ready.SATISFACTION)
    )
    activity.record("surveys.created", subject=event, actor=actor, anonymous=anonymous)
    db.session.flush()
    return survey


def _new(event: Event, **values: Any) -> Survey:
    now = clock.now()
    survey = Survey(event=event, state=SurveyState.DRAFT, invited_count=0, created=now, updated=now, **values)
    db.session.add(survey)
    db.session.flush()
    return survey


def arrange(survey: Survey, *, actor: Any, anonymous: bool, opens: int, closes: int) -> None:
    """Other times, or anonymous instead of named as long as nobody has answered."""
    _check_runs(actor, survey.event)
    rules.check_times(opens=opens, closes=closes)
    if anonymous != survey.anonymous:
        rules.check_changeable(answered=queries.numbers(survey.event_id)["answered"])
        if survey.state is SurveyState.OPEN:
            _check_questions(survey, anonymous=anonymous)
    before = {"anonymous": survey.anonymous, "opens": survey.opens, "closes": survey.closes}
    survey.anonymous, survey.opens, survey.closes, survey.updated = anonymous, opens, closes, clock.now()
    after = {"anonymous": anonymous, "opens": opens, "closes": closes}
    activity.record("surveys.arranged", subject=survey.event, actor=actor, before=before, after=after)
    db.session.flush()


def start(survey: Survey, *, actor: Any) -> None:
    """From its time on, everybody who was there is asked."""
    _check_runs(actor, survey.event)
    _check_questions(survey, anonymous=survey.anonymous)
    survey.state, survey.updated = SurveyState.OPEN, clock.now()
    activity.record("surveys.started", subject=survey.event, actor=actor)
    db.session.flush()


def stop(survey: Survey, *, actor: Any) -> None:
    """Nobody is asked any more, and no answer is taken."""
    _check_runs(actor, survey.event)
    survey.state, survey.updated = SurveyState.CLOSED, clock.now()
    activity.record("surveys.stopped", subject=survey.event, actor=actor)
    db.session.flush()


def copy(source: Event, copied: Event, _shift: timedelta) -> None:
    """Settings and questions come along; its times are relative, so they fit the new day."""
    survey = queries.of_event(source.id)
    if survey is None or survey.questionnaire is None:
        return
    new = _new(copied, anonymous=survey.anonymous, opens=survey.opens, closes=survey.closes)
    new.questionnaire = questionnaires.copy(survey.questionnaire, owner=new, actor=None)
    db.session.flush()


def _check_questions(survey: Survey, *, anonymous: bool) -> None:
    if survey.questionnaire is None:
        raise Conflict("问卷还没有题目，请先加题目")
    rules.check_questions(survey.questionnaire.definition, anonymous=anonymous)


def _check_runs(actor: Any, event: Event) -> None:
    if not access.has_duty(actor, event, EventDuty.SURVEYS):
        raise NotPermitted("这个活动不在您负责的区域")
