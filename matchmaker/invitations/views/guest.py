"""Behind a personal link: accept, decline, hand on. Open to whoever holds the link; a look changes only "opened"."""

from __future__ import annotations

from typing import Any

from flask import flash, make_response, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import Conflict, DomainError
from matchmaker.core.i18n import sentence
from matchmaker.core.web import answer, errors_on, page, public
from matchmaker.events.models import Audience
from matchmaker.events.rules import EventState, attendees_of
from matchmaker.events.services import telling
from matchmaker.events.services.answering import Filled
from matchmaker.invitations import access
from matchmaker.invitations.forms import AnswerForm, DeclineForm, DelegateForm
from matchmaker.invitations.models import Invitation
from matchmaker.invitations.rules import InvitationState
from matchmaker.invitations.services import answering
from matchmaker.invitations.views import bp
from matchmaker.questionnaires import queries as questions
from matchmaker.questionnaires import services as questionnaires
from matchmaker.questionnaires.forms import AnswersForm, form_for
from matchmaker.questionnaires.models import Questionnaire
from matchmaker.questionnaires.rules.definition import FieldKind


@bp.after_request
def _hide(response: Any) -> Any:
    """Personal links are for nobody's index and nobody's cache."""
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Cache-Control"] = "no-store"
    return response


def _found(token: str) -> tuple[Invitation | None, Any]:
    """The invitation of a link that still leads somewhere, or the page that says why it does not."""
    row, current = answering.find(token)
    if row is None:
        return None, _closed(404, _("链接不完整或有误"), _("请检查是否复制了完整的链接，或从邮件、短信里重新打开。"))
    if not current:
        return None, _closed(410, _("这个链接已经更换"), _("主办方已换发新的链接，请使用最近一次收到的链接。"), row)
    if row.event.state is EventState.CANCELLED:
        return None, _closed(410, _("活动已取消"), _("很抱歉，这场活动已经取消，邀请随之失效。"), row)
    if row.state is InvitationState.WITHDRAWN:
        return None, _closed(410, _("邀请已取消"), _("主办方已取消这份邀请；如有疑问请与主办方联系。"), row)
    if row.state is InvitationState.DELEGATED:
        return None, _closed(
            410, _("邀请已转交"), _("这份邀请已转交给同事，同事会收到自己的链接；本链接不再有效。"), row
        )
    if row.event.state is not EventState.PUBLISHED:
        return None, _closed(409, _("活动尚未发布"), _("活动发布后就能用这个链接答复，请稍后再打开。"), row)
    return row, None


def _closed(status: int, title: str, text: str, invitation: Invitation | None = None) -> Any:
    event = invitation.event if invitation is not None else None
    return make_response(page("invitations/closed.html", title=title, text=text, event=event), status)


def _context(row: Invitation, token: str) -> dict[str, Any]:
    registration = row.registration if row.state is InvitationState.ACCEPTED else None
    return {
        "invitation": row,
        "event": row.event,
        "token": token,
        "now": clock.now(),
        "open": row.audience.is_open_at(clock.now()),
        "answerable": answering.may_answer(row),
        "registration": registration,
        "registration_url": telling.address_of(registration) if registration is not None else None,
    }


@bp.route("/i/<token>", methods=["GET", "POST"])
@public
def answer_link(token: str) -> Any:
    """The invitation: what it is about, and the form that accepts it."""
    row, closed = _found(token)
    if row is None:
        return closed
    if request.method == "GET" and not access.may_handle(current_user, row):
        with transaction():
            answering.note_opened(row)
    form = _prefilled(row)
    fine, filled = _taken(form)
    if fine:
        with errors_on(form):
            try:
                with transaction():
                    answering.accept(row, viewer=current_user, filled=filled, **_typed(form, row))
            except Conflict as error:
                if error.field is not None:
                    raise
                flash(sentence(error), "info")  # somebody was first, perhaps this very form sent twice
                return redirect(url_for("invitations.answer_link", token=token), 303)
            flash(_("谢谢，已收到您的答复"), "good")
            return redirect(url_for("invitations.answer_link", token=token), 303)
    return answer(form, "invitations/answer.html", **_context(row, token))


def _prefilled(row: Invitation) -> Any:
    """The form with what is known; what the link is bound to cannot be changed."""
    known = {"name": row.name, "phone": row.phone, "email": row.email, "position": row.position}
    form = _form_of(row.audience, {**known, "organisation_name": row.company})
    if row.name:
        del form.name
    if row.organisation_id is not None or (not row.name and row.organisation_name):
        del form.organisation_name
    if row.party_most <= 1:
        del form.companions
    return form


def _form_of(audience: Audience, known: dict[str, str]) -> Any:
    """The form in its newest wording, with the questions of the group's own form where it has one."""
    questionnaire = db.session.get(Questionnaire, audience.questionnaire_id) if audience.questionnaire_id else None
    version = questionnaire.current if questionnaire else None
    if questionnaire is None or version is None or not version.content.for_registrants().fields:
        return AnswerForm(data=known)
    left = questions.left(questionnaire, version.content)
    answers = {FieldKind.PHONE: known["phone"], FieldKind.EMAIL: known["email"]}
    return form_for(version, base=AnswerForm, known=answers, left=left, data=known)


def _taken(form: Any) -> tuple[bool, Filled | None]:
    """Is the form all right, and the checked answers where the group asks questions; files wait until it is."""
    if isinstance(form, AnswersForm) and form.uploads:
        with transaction():
            form.staged(questionnaires.stage(form.version, form.uploads))
    if not form.validate_on_submit():
        return False, None
    filled = None
    if isinstance(form, AnswersForm):
        with errors_on(form):
            filled = Filled(form.version, questionnaires.check(form.version, form.raw))
    return not form.errors, filled


def _typed(form: Any, row: Invitation) -> dict[str, Any]:
    values = {key: value or "" for key, value in form.values.items()}
    companions = values.pop("companions", "")
    if companions.strip():
        try:
            values["companions"] = attendees_of(companions, most=row.party_most)
        except DomainError as error:
            error.field = "companions"
            raise
    return values


@bp.route("/i/<token>/decline", methods=["GET", "POST"])
@public
def decline(token: str) -> Any:
    """The guest cannot come."""
    row, closed = _found(token)
    if row is None:
        return closed
    form = DeclineForm()
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                answering.decline(row, reason=form.reason.data or "")
            flash(_("已告知主办方您不能参加；改变主意可以再回到这里"), "info")
            return redirect(url_for("invitations.answer_link", token=token), 303)
    return answer(form, "invitations/decline.html", **_context(row, token))


@bp.route("/i/<token>/delegate", methods=["GET", "POST"])
@public
def delegate(token: str) -> Any:
    """A colleague comes instead."""
    row, closed = _found(token)
    if row is None:
        return closed
    form = DelegateForm()
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                answering.delegate(row, **{key: value or "" for key, value in form.values.items()})
            return redirect(url_for("invitations.answer_link", token=token), 303)
    return answer(form, "invitations/delegate.html", **_context(row, token))
