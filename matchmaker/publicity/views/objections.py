"""Handling objections: the only pages that show who objected."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import abort, flash, redirect, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.activity import queries as activity
from matchmaker.core.db import transaction
from matchmaker.core.errors import DomainError
from matchmaker.core.i18n import sentence
from matchmaker.core.web import answer, errors_on, one_or_404, requires
from matchmaker.files import queries as files
from matchmaker.lists.pages import list_page
from matchmaker.publicity import access, lists, queries
from matchmaker.publicity.forms import OutcomeForm, ReasonForm
from matchmaker.publicity.models import Objection
from matchmaker.publicity.services import objections
from matchmaker.publicity.views import bp


@bp.get("/objections/")
@requires(Permission.OBJECTIONS_HANDLE)
def objection_index() -> Any:
    """The objections of one's regions, without names."""
    return list_page(lists.OBJECTIONS, "publicity/objections.html")


@bp.route("/objections/<int:objection_id>", methods=["GET", "POST"])
@requires(Permission.OBJECTIONS_HANDLE)
def objection(objection_id: int) -> Any:
    """One objection with its signed page; the form proposes an outcome."""
    row = _handled(objection_id)
    form = OutcomeForm()
    form.offer(row.state)
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                objections.propose_outcome(row, actor=current_user, **form.values)
            flash(_("处理意见已提请复核，请另一位同事办理"), "good")
            return redirect(url_for("publicity.objection", objection_id=objection_id), 303)
    return answer(
        form,
        "publicity/objection.html",
        objection=row,
        decision=queries.decision_of(row, kind=objections.DECISION),
        evidence=files.of(row),
        timeline=activity.of(row),
    )


@bp.post("/objections/<int:objection_id>/accept")
@requires(Permission.OBJECTIONS_HANDLE)
def accept_objection(objection_id: int) -> Any:
    """Begin to look into it."""
    return _step(objection_id, objections.accept, _("已受理，公示转为异议核实"))


@bp.post("/objections/<int:objection_id>/confirm")
@requires(Permission.NOTICES_DECIDE)
def confirm_outcome(objection_id: int) -> Any:
    """The second person agrees."""
    return _step(objection_id, objections.confirm_outcome, _("已复核，答复已发给异议人"))


def _step(objection_id: int, act: Callable[..., None], said: str) -> Any:
    row = _handled(objection_id)
    try:
        with transaction():
            act(row, actor=current_user)
        flash(said, "good")
    except DomainError as error:
        flash(sentence(error), "warn")
    return redirect(url_for("publicity.objection", objection_id=objection_id), 303)


@bp.route("/objections/<int:objection_id>/return", methods=["GET", "POST"])
@requires(Permission.NOTICES_DECIDE)
def return_outcome(objection_id: int) -> Any:
    """The second person does not agree."""
    row = _handled(objection_id)
    form = ReasonForm()
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                objections.return_outcome(row, actor=current_user, reason=form.reason.data)
            flash(_("已退回"), "info")
            return redirect(url_for("publicity.objection", objection_id=objection_id), 303)
    return answer(form, "publicity/return.html", back=url_for("publicity.objection", objection_id=objection_id))


def _handled(objection_id: int) -> Objection:
    row: Objection = one_or_404(queries.objections_handled_by(current_user).where(Objection.id == objection_id))
    if not access.may_handle(current_user, row):
        abort(404)
    return row
