"""Taking an answer: the right to answer is claimed in the same transaction, so nobody answers twice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from matchmaker.core import clock
from matchmaker.core.db import claim, db
from matchmaker.core.errors import Conflict
from matchmaker.events.models import Attendee, Registration
from matchmaker.questionnaires import services as questionnaires
from matchmaker.questionnaires.models import QuestionnaireVersion
from matchmaker.surveys import queries, rules
from matchmaker.surveys.models import AnonymousAnswer, SurveyInvitation


def answer(
    invitation: SurveyInvitation, *, version: QuestionnaireVersion, raw: Mapping[str, object], actor: Any | None = None
) -> None:
    """Keep one answer. Of an anonymous one remains that the person has answered, and apart from it what was said."""
    survey = invitation.survey
    rules.check_open(survey.state_at(clock.now()))
    left_out = {field.id for field in rules.forbidden(version.content, anonymous=survey.anonymous)}
    checked = questionnaires.check(version, raw)
    answers = {key: value for key, value in checked.items() if key not in left_out}
    unused = sa.update(SurveyInvitation).where(SurveyInvitation.id == invitation.id, SurveyInvitation.used.is_(False))
    if not claim(unused.values(used=True)):
        raise Conflict("您已经回答过了，谢谢")
    if survey.anonymous:
        _keep_apart(invitation, version, answers)
    else:
        sheet = questionnaires.store(version, answers, subject=invitation, actor=actor)
        db.session.execute(
            sa.update(SurveyInvitation).where(SurveyInvitation.id == invitation.id).values(sheet_id=sheet.id)
        )
    db.session.flush()


def _keep_apart(invitation: SurveyInvitation, version: QuestionnaireVersion, answers: dict[str, Any]) -> None:
    survey = invitation.survey
    audience_id = invitation.attendee.registration.audience_id
    large = queries.group_size(survey.event_id, audience_id) >= rules.FEWEST
    db.session.add(
        AnonymousAnswer(
            survey_id=survey.id,
            version_id=version.id,
            audience_id=audience_id if large else None,
            answers=answers,
            day=clock.today(),
        )
    )


def forget(user: Any) -> None:
    """Links that were not used stop working for who leaves; named answers are forgotten with the forms."""
    own = (
        sa.select(Attendee.id)
        .join(Registration, Registration.id == Attendee.registration_id)
        .where(Registration.user_id == user.id)
    )
    unused = SurveyInvitation.used.is_(False)
    db.session.execute(sa.delete(SurveyInvitation).where(unused, SurveyInvitation.attendee_id.in_(own)))
