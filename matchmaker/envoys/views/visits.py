"""Recording visits, and the page of one for both sides."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.activity import queries as activity
from matchmaker.candidacies.models import Agreement
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import Missing
from matchmaker.core.web import answer, errors_on, one_or_404, page, requires, signed_in, step
from matchmaker.directory.models import Person
from matchmaker.envoys import access, queries
from matchmaker.envoys.forms import AddressForm, ConfirmForm, DisputeForm, RelationForm, ResultForm, VisitForm
from matchmaker.envoys.models import EnvoyVisit
from matchmaker.envoys.rules import VisitState
from matchmaker.envoys.services import scoring, visits
from matchmaker.envoys.views import bp
from matchmaker.rosters import queries as rosters
from matchmaker.rosters.access import may_manage


@bp.get("/envoys/own")
@signed_in
def own() -> Any:
    """An envoy's agreements with what is owed, visits on either side, results, people too close to confirm."""
    person = db.session.execute(rosters.person_of(current_user.id)).scalar_one_or_none()
    agreements = list(db.session.execute(queries.own_agreements(current_user)).unique().scalars())
    return page(
        "envoys/own.html",
        person=person,
        progress=scoring.progress(agreements),
        rows=db.session.execute(queries.own(current_user).limit(200)).unique().scalars().all(),
        results=db.session.execute(queries.results_of(person.id)).unique().scalars().all() if person else [],
        relations=queries.relations_of(person.id) if person else [],
        form=RelationForm(formdata=None),
        today=clock.today(),
    )


@bp.route("/envoys/agreements/<int:agreement_id>/visit", methods=["GET", "POST"])
@requires(Permission.ROSTERS_OWN)
def record(agreement_id: int) -> Any:
    """Write a visit down."""
    row = _mine(agreement_id)
    hour = clock.now().replace(minute=0, second=0, microsecond=0)
    form = VisitForm(starts=hour - timedelta(hours=4), ends=hour, place=row.host.working_address or row.host.name)
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                visit = visits.record(row, actor=current_user, **form.values)
                visit_id = visit.id
            flash(_("已登记，等待企业确认"), "good")
            return redirect(url_for("envoys.visit", visit_id=visit_id), 303)
    return answer(form, "envoys/record.html", row=row)


@bp.route("/envoys/agreements/<int:agreement_id>/result", methods=["GET", "POST"])
@requires(Permission.ROSTERS_OWN)
def add_result(agreement_id: int) -> Any:
    """Write a result down."""
    row, form = _mine(agreement_id), ResultForm(day=clock.today())
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                scoring.add_result(row, actor=current_user, **form.values)
            flash(_("已登记，经办人核实后计入考核"), "good")
            return redirect(url_for("envoys.own"), 303)
    return answer(form, "envoys/result.html", row=row)


@bp.post("/envoys/relations")
@requires(Permission.ROSTERS_OWN)
def declare() -> Any:
    """Name somebody close."""
    person, form = _me(), RelationForm()
    values = form.values
    if not form.validate_on_submit():
        flash(_("请填写姓名"), "warn")
        return redirect(url_for("envoys.own"), 303)
    return step(
        lambda: visits.declare(person, actor=current_user, **values),
        done=_("已登记；此人不能确认您的服务"),
        back=url_for("envoys.own"),
    )


@bp.get("/envoys/visits/<int:visit_id>")
@signed_in
def visit(visit_id: int) -> Any:
    """One visit."""
    return shown(_seen(visit_id))


def shown(row: EnvoyVisit, form: Any = None) -> Any:
    """The page of a visit, with the form that came back."""
    host, waiting = access.is_host(current_user, row), row.state is VisitState.WAITING
    confirm_form = form if isinstance(form, ConfirmForm) else ConfirmForm(formdata=None, name=current_user.name)
    context: dict[str, Any] = {
        "row": row,
        "photo": visits.photo_of(row),
        "asks": host and waiting,
        "envoy": access.is_envoy(current_user, row),
        "waiting": waiting,
        "manages": may_manage(current_user, row.region),
        "confirm": confirm_form,
        "dispute": form if isinstance(form, DisputeForm) else DisputeForm(formdata=None, who=current_user.name),
        "address": form if isinstance(form, AddressForm) else AddressForm(formdata=None),
        "timeline": activity.of(row),
    }
    return page("envoys/visit.html", **context) if form is None else answer(form, "envoys/visit.html", **context)


@bp.post("/envoys/visits/<int:visit_id>/confirm")
@signed_in
def confirm(visit_id: int) -> Any:
    """The host agrees."""
    row, form = _seen(visit_id), ConfirmForm()
    return _act(row, form, lambda: visits.confirm(row, actor=current_user, **form.values), done=_("已确认，谢谢"))


@bp.post("/envoys/visits/<int:visit_id>/dispute")
@signed_in
def dispute(visit_id: int) -> Any:
    """The host does not agree."""
    row, form = _seen(visit_id), DisputeForm()
    return _act(
        row,
        form,
        lambda: visits.dispute(row, actor=current_user, name=form.who.data, reason=form.reason.data),
        done=_("已记录，特派员和科技局会看到"),
    )


@bp.post("/envoys/visits/<int:visit_id>/retract")
@signed_in
def retract(visit_id: int) -> Any:
    """The envoy takes it back."""
    row = _seen(visit_id)
    return step(
        lambda: visits.retract(row, actor=current_user),
        done=_("已撤回"),
        back=url_for("envoys.visit", visit_id=visit_id),
    )


def _act(row: EnvoyVisit, form: Any, change: Any, *, done: str) -> Any:
    visit_id = row.id
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                change()
            flash(done, "good")
            return redirect(url_for("envoys.visit", visit_id=visit_id), 303)
    return shown(_seen(visit_id), form)


def _seen(visit_id: int) -> EnvoyVisit:
    row: EnvoyVisit = one_or_404(queries.visible_to(current_user).where(EnvoyVisit.id == visit_id))
    return row


def _mine(agreement_id: int) -> Agreement:
    row: Agreement = one_or_404(queries.own_agreements(current_user).where(Agreement.id == agreement_id))
    return row


def _me() -> Person:
    person = db.session.execute(rosters.person_of(current_user.id)).scalar_one_or_none()
    if person is None:
        raise Missing("您的账号还没有关联名册，请联系经办人")
    return person
