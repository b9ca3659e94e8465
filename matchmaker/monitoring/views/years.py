"""Closing years: what is closed, what waits for the second person."""

from __future__ import annotations

from typing import Any

from flask import current_app, flash, redirect, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import DomainError
from matchmaker.core.i18n import sentence
from matchmaker.core.web import answer, errors_on, one_or_404, page, requires
from matchmaker.directory.services import closed_years
from matchmaker.monitoring import access
from matchmaker.monitoring.forms import ClosingForm, ReasonForm
from matchmaker.monitoring.models import YearClosing
from matchmaker.monitoring.queries import plans
from matchmaker.monitoring.services import years as services
from matchmaker.monitoring.views import bp
from matchmaker.publicity import queries as publicity
from matchmaker.publicity.rules import DecisionState


@bp.get("/years/")
@requires(Permission.TARGETS_READ)
def years() -> Any:
    """The years put up for closing, each with its decision."""
    rows = db.session.execute(plans.closings(current_user)).scalars().all()
    shown = [(row, publicity.decision_of(row, kind=services.KIND)) for row in rows]
    region = _region()
    return page(
        "monitoring/years.html",
        closings=shown,
        closed=sorted(closed_years(region), reverse=True),
        region=region,
        proposed=DecisionState.PROPOSED,
        may_manage=access.may_manage(current_user, region),
        may_lock=access.may_lock(current_user, region),
        last_year=clock.today().year - 1,
    )


def _region() -> str:
    own = sorted(current_user.region_codes)
    home = str(current_app.config["SETTINGS"].region)
    return home if home in own or not own else own[-1]


def _closing(closing_id: int) -> Any:
    return one_or_404(plans.closings(current_user).where(YearClosing.id == closing_id))


@bp.route("/years/propose", methods=["GET", "POST"])
@requires(Permission.TARGETS_MANAGE)
def propose_closing() -> Any:
    """Put a year up for closing."""
    form = ClosingForm(data={"year": clock.today().year - 1})
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                services.propose_closing(actor=current_user, region=_region(), **form.values)
            flash(_("已提请关闭，等待审批人员确认"), "good")
            return redirect(url_for("monitoring.years"), 303)
    return answer(form, "monitoring/propose_closing.html")


@bp.post("/years/<int:closing_id>/confirm")
@requires(Permission.YEARS_CLOSE)
def confirm_closing(closing_id: int) -> Any:
    """Close the year for good."""
    row = _closing(closing_id)
    try:
        with transaction():
            services.confirm_closing(row, actor=current_user)
        flash(_("年度已关闭"), "good")
    except DomainError as error:
        flash(sentence(error), "warn")
    return redirect(url_for("monitoring.years"), 303)


@bp.route("/years/<int:closing_id>/return", methods=["GET", "POST"])
@requires(Permission.YEARS_CLOSE)
def return_closing(closing_id: int) -> Any:
    """Give a proposal back with a reason."""
    row = _closing(closing_id)
    form = ReasonForm()
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                services.return_closing(row, actor=current_user, reason=form.reason.data or "")
            flash(_("已退回"), "info")
            return redirect(url_for("monitoring.years"), 303)
    return answer(form, "monitoring/return_closing.html", closing=row)
