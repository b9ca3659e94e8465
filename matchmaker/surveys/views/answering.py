"""Answering: by the link of a message, or by the code of a poster and a badge."""

from __future__ import annotations

from typing import Any

from flask import abort, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.core import clock
from matchmaker.core.db import transaction
from matchmaker.core.errors import DomainError
from matchmaker.core.web import answer as answered
from matchmaker.core.web import errors_on, one_or_404, page, public
from matchmaker.events.rules.tickets import code_of_ticket
from matchmaker.questionnaires.forms import form_for
from matchmaker.surveys import queries
from matchmaker.surveys.forms import CodeForm
from matchmaker.surveys.models import Survey, SurveyInvitation
from matchmaker.surveys.rules import SurveyState
from matchmaker.surveys.services import answering, inviting
from matchmaker.surveys.views import bp


@bp.route("/answer/<token>", methods=["GET", "POST"])
@public
def answer(token: str) -> Any:
    """One person's survey; a link that was used says thank you."""
    invitation = _invitation(token)
    survey = invitation.survey
    state = survey.state_at(clock.now())
    if invitation.used or state is not SurveyState.OPEN:
        return page("surveys/closed.html", survey=survey, state=state, used=invitation.used)
    if survey.questionnaire is None or survey.questionnaire.current is None:
        abort(404)
    version = survey.questionnaire.current
    form = form_for(version)
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                answering.answer(invitation, version=version, raw=form.raw, actor=_actor(invitation))
            return redirect(url_for("surveys.thanks", key=survey.key), 303)
    return answered(form, "surveys/answer.html", survey=survey, token=token, draft=f"survey:{invitation.id}")


def _invitation(token: str) -> SurveyInvitation:
    read = inviting.read_link(token)
    if read is None:
        abort(404)
    invitation: SurveyInvitation = one_or_404(queries.invitation(*read))
    return invitation


def _actor(invitation: SurveyInvitation) -> Any:
    """A named answer belongs to whoever registered, when it is they who answer."""
    own = invitation.attendee.registration.user_id
    return current_user if current_user.is_authenticated and current_user.id == own else None


@bp.get("/<key>/thanks")
@public
def thanks(key: str) -> Any:
    """The answer is kept."""
    return page("surveys/thanks.html", survey=_by_key(key))


def _by_key(key: str) -> Survey:
    survey: Survey = one_or_404(queries.by_key(key[:22]))
    return survey


@bp.route("/<key>", methods=["GET", "POST"])
@public
def scan(key: str) -> Any:
    """The address of the poster: the number on the badge leads to one's own survey."""
    survey = _by_key(key)
    form = CodeForm(data={"code": request.args.get("code", "")[:40]})
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                token = inviting.link_of(_right(survey, form.code.data))
            return redirect(url_for("surveys.answer", token=token), 303)
    return answered(form, "surveys/scan.html", survey=survey, state=survey.state_at(clock.now()), title=_("满意度调查"))


def _right(survey: Survey, typed: str) -> SurveyInvitation:
    code = code_of_ticket(typed)
    person = queries.attendee_by_code(survey, code) if code else None
    if person is None:
        raise DomainError("没有找到这个编号的签到记录，请核对胸卡；没有签到的人不能填写", field="code")
    return inviting.invitation_for(survey, person)
