"""What follows a request: the owner's answer to other terms, sessions, ratings, the outcome."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.web import answer, errors_on, one_or_404, page, signed_in, step
from matchmaker.matching import access, queries
from matchmaker.matching.forms import AnswerTermsForm, ConfirmForm, OutcomeForm, RateForm, ServiceForm
from matchmaker.matching.models import HelpRequest, Outcome, Proposal, RequestService
from matchmaker.matching.services import charge, outcomes, requests, terms
from matchmaker.matching.views import bp, helper


def _row(request_id: int) -> HelpRequest:
    row: HelpRequest = one_or_404(queries.requests_visible_to(current_user).where(HelpRequest.id == request_id))
    return row


def _back(request_id: int) -> str:
    return url_for("matching.request", request_id=request_id)


@bp.post("/requests/<int:request_id>/terms/<int:proposal_id>/<any(agree,refuse):what>")
@signed_in
def answer_terms(request_id: int, proposal_id: int, what: str) -> Any:
    """The owner agrees to other terms, or not."""
    row = _row(request_id)
    proposal = one_or_404(queries.proposals_of(row.id).where(Proposal.id == proposal_id))
    form = AnswerTermsForm()
    if form.validate_on_submit():
        service, done = (
            (requests.agree, _("已同意；双方现在可以看到联系方式"))
            if what == "agree"
            else (terms.refuse, _("已回复；对方仍可按原来的安排接受"))
        )
        with errors_on(form):
            with transaction():
                service(proposal, row, actor=current_user, answer=form.answer.data or "")
            flash(done, "good")
            return redirect(_back(request_id), 303)
    return answer(form, "matching/request.html", **helper.shown(row, agree=form))


@bp.route("/requests/<int:request_id>/service", methods=["GET", "POST"])
@signed_in
def service(request_id: int) -> Any:
    """Write down a session."""
    row = _row(request_id)
    by_helper = access.may_answer(current_user, row) and not access.owns(current_user, row.need)
    form = ServiceForm(served=clock.today())
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                outcomes.record_service(row, actor=current_user, **form.values)
            flash(_("服务已登记；对方确认后计入服务时长"), "good")
            return redirect(_back(request_id), 303)
    return answer(form, "matching/service.html", row=row, need=row.need, by_helper=by_helper)


@bp.get("/requests/<int:request_id>/services/<int:service_id>")
@signed_in
def session(request_id: int, service_id: int) -> Any:
    """One session: confirm it, rate it, or take it back."""
    row, given = _session(request_id, service_id)
    return page("matching/session.html", **_session_shown(row, given))


@bp.post("/requests/<int:request_id>/services/<int:service_id>/confirm")
@signed_in
def confirm_service(request_id: int, service_id: int) -> Any:
    """Agree with what the other side wrote down."""
    row, given = _session(request_id, service_id)
    form = ConfirmForm()
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                outcomes.confirm(row, given, actor=current_user, note=form.note.data or "")
            flash(_("已确认"), "good")
            return redirect(url_for("matching.session", request_id=request_id, service_id=service_id), 303)
    return answer(form, "matching/session.html", **_session_shown(row, given, confirm=form))


@bp.post("/requests/<int:request_id>/services/<int:service_id>/rate")
@signed_in
def rate_service(request_id: int, service_id: int) -> Any:
    """The owner rates the session, the helper its preparation."""
    row, given = _session(request_id, service_id)
    form = RateForm()
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                points, sentence = int(form.rating.data), form.rating_note.data
                outcomes.rate(row, given, actor=current_user, points=points, sentence=sentence)
            flash(_("评分已保存"), "good")
            return redirect(_back(request_id), 303)
    return answer(form, "matching/session.html", **_session_shown(row, given, rate=form))


@bp.post("/requests/<int:request_id>/services/<int:service_id>/remove")
@signed_in
def remove_service(request_id: int, service_id: int) -> Any:
    """Take back a record that nobody has confirmed."""
    row, given = _session(request_id, service_id)
    return step(lambda: outcomes.remove(row, given, actor=current_user), done=_("记录已删除"), back=_back(request_id))


def _session(request_id: int, service_id: int) -> tuple[HelpRequest, RequestService]:
    row = _row(request_id)
    return row, one_or_404(queries.records_of(row.id).where(RequestService.id == service_id))


def _session_shown(row: HelpRequest, given: RequestService, **forms: Any) -> dict[str, Any]:
    owns = access.owns(current_user, row.need)
    by_helper = access.may_answer(current_user, row) and not owns
    mine, theirs = given.record.helper_confirmed, given.record.client_confirmed
    if not by_helper:
        mine, theirs = theirs, mine
    rated = given.preparation if by_helper else given.record.rating
    note = given.preparation_note if by_helper else given.rating_note
    return {
        "confirm": ConfirmForm(formdata=None),
        "rate": RateForm(formdata=None, rating=str(rated or ""), rating_note=note),
        **forms,
        "row": row,
        "need": row.need,
        "given": given,
        "record": given.record,
        "by_helper": by_helper,
        "confirms": (owns or by_helper) and mine is None,
        "rates": owns or by_helper,
        "removes": mine is not None and theirs is None,
        "rated": rated,
    }


@bp.route("/requests/<int:request_id>/outcome", methods=["GET", "POST"])
@signed_in
def outcome(request_id: int) -> Any:
    """What came of it: closes the request, or corrects what was written down."""
    row = _row(request_id)
    kept: Outcome | None = db.session.execute(queries.outcome_of(row.id)).scalar_one_or_none()
    if charge.is_watched(row.need, current_user):
        with transaction():
            charge.note_look(row, actor=current_user)
    form = OutcomeForm(**_values_of(kept))
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                if kept is None:
                    outcomes.conclude(row, actor=current_user, **form.values)
                else:
                    outcomes.correct(row, actor=current_user, **form.values)
            flash(_("结果已登记"), "good")
            return redirect(_back(request_id), 303)
    owner = not access.may_answer(current_user, row) or access.owns(current_user, row.need)
    return answer(form, "matching/outcome.html", row=row, need=row.need, kept=kept, owner=owner)


def _values_of(kept: Outcome | None) -> dict[str, Any]:
    if kept is None:
        return {}
    return {
        "result": kept.result,
        "contract": kept.contract.value if kept.contract else "",
        "amount": kept.amount_fen,
        "why": kept.why.value if kept.why else "",
        "note": kept.note,
    }
