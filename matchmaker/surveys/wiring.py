"""What surveys plug into the application."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from matchmaker.core import clock
from matchmaker.core.feature import Feature, Job, Part, Tab
from matchmaker.events import access
from matchmaker.events.rules import EventDuty, RegistrationState
from matchmaker.surveys import jobs, queries, views
from matchmaker.surveys.rules import SurveyState
from matchmaker.surveys.services import answering, surveys

# What this feature writes into the activity log, in words.
ACTIVITIES = {
    "surveys.created": "新建满意度调查",
    "surveys.arranged": "修改满意度调查",
    "surveys.started": "启用满意度调查",
    "surveys.stopped": "停止满意度调查",
}


def _own_survey(viewer: Any, registration: Any) -> dict[str, Any] | None:
    """The survey for who registered; a guest's signed link shows the page to nobody else."""
    if registration.state is not RegistrationState.ATTENDED:
        return None
    if viewer.is_authenticated and not access.may_withdraw(viewer, registration):
        return None
    survey = queries.of_event(registration.event_id)
    if survey is None or survey.state_at(clock.now()) is not SurveyState.OPEN:
        return None
    people = [
        (person, queries.invitation_of(survey, person.id))
        for person in registration.attendees
        if person.attended_at is not None
    ]
    return {"survey": survey, "people": [(person, bool(row and row.used)) for person, row in people]}


FEATURE = Feature(
    name="surveys",
    title="满意度调查",
    activities=ACTIVITIES,
    blueprints=(views.bp,),
    jobs=(Job("surveys.send", "发放满意度调查并催填一次", jobs.send, every=timedelta(minutes=10)),),
    tabs=(
        Tab(
            "event",
            "满意度调查",
            "surveys.index",
            "event_id",
            lambda viewer, event: access.has_duty(viewer, event, EventDuty.SURVEYS),
            order=80,
        ),
    ),
    parts=(Part("registration", "surveys/_own.html", _own_survey, order=50),),
    questionnaire_access={"surveys": queries.may_edit},
    questionnaire_home={"surveys": queries.home},
    answer_access={"survey_invitations": queries.may_see_answers},
    copies={"events": surveys.copy},
    personal_data=queries.personal_data,
    forget=answering.forget,
)
