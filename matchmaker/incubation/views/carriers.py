"""Keeping the register: a new carrier, its facts, papers and states."""

from __future__ import annotations

from typing import Any

from flask import abort, current_app, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.core.db import transaction
from matchmaker.core.errors import DomainError
from matchmaker.core.i18n import sentence
from matchmaker.core.web import answer, errors_on, one_or_404, requires
from matchmaker.incubation import access, queries
from matchmaker.incubation.forms import CarrierForm, PaperForm
from matchmaker.incubation.models import Carrier
from matchmaker.incubation.rules import CarrierState
from matchmaker.incubation.services import carriers
from matchmaker.incubation.views import bp


@bp.route("/manage/carriers/new", methods=["GET", "POST"])
@requires(Permission.CARRIERS_MANAGE)
def open_carrier() -> Any:
    """Put a carrier into the register."""
    form = CarrierForm()
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                carrier = carriers.open_carrier(actor=current_user, region=_region(), **form.values)
                carrier_id = carrier.id
            flash(_("载体已登记；请补充证明文件，投入运营后变更状态"), "good")
            return redirect(url_for("incubation.show", carrier_id=carrier_id), 303)
    return answer(form, "incubation/edit.html", carrier=None)


def _region() -> str:
    own = sorted(current_user.region_codes)
    home = str(current_app.config["SETTINGS"].region)
    return home if home in own or not own else own[-1]


def _kept(carrier_id: int) -> Carrier:
    carrier: Carrier = one_or_404(queries.kept_by(current_user).where(Carrier.id == carrier_id))
    if not access.may_edit(current_user, carrier):
        abort(403)
    return carrier


@bp.route("/carriers/<int:carrier_id>/edit", methods=["GET", "POST"])
@requires(Permission.CARRIERS_MANAGE, Permission.TENANCY_MANAGE)
def edit(carrier_id: int) -> Any:
    """Change a carrier's facts."""
    carrier = _kept(carrier_id)
    form = CarrierForm(data=_facts(carrier))
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                carriers.edit(carrier, actor=current_user, **form.values)
            flash(_("已保存"), "good")
            return redirect(url_for("incubation.show", carrier_id=carrier_id), 303)
    return answer(form, "incubation/edit.html", carrier=carrier)


def _facts(carrier: Carrier) -> dict[str, Any]:
    """What the form shows: the operator by its name."""
    facts = {column.key: getattr(carrier, column.key) for column in Carrier.__mapper__.column_attrs}
    return {**facts, "operator": carrier.operator.name}


@bp.route("/carriers/<int:carrier_id>/papers", methods=["GET", "POST"])
@requires(Permission.CARRIERS_MANAGE, Permission.TENANCY_MANAGE)
def add_paper(carrier_id: int) -> Any:
    """Note a document."""
    carrier = _kept(carrier_id)
    form = PaperForm()
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                carriers.add_paper(carrier, actor=current_user, **form.values)
            flash(_("证明文件已登记"), "good")
            return redirect(url_for("incubation.show", carrier_id=carrier_id), 303)
    return answer(form, "incubation/paper.html", carrier=carrier)


@bp.post("/carriers/<int:carrier_id>/papers/<int:paper_id>/drop")
@requires(Permission.CARRIERS_MANAGE, Permission.TENANCY_MANAGE)
def drop_paper(carrier_id: int, paper_id: int) -> Any:
    """Strike a document."""
    carrier = _kept(carrier_id)
    paper = next((paper for paper in carrier.papers if paper.id == paper_id), None)
    if paper is None:
        abort(404)
    with transaction():
        carriers.drop_paper(paper, actor=current_user)
    flash(_("证明文件已删除"), "info")
    return redirect(url_for("incubation.show", carrier_id=carrier_id), 303)


@bp.post("/carriers/<int:carrier_id>/move")
@requires(Permission.CARRIERS_MANAGE)
def move(carrier_id: int) -> Any:
    """Take a carrier to its next state."""
    carrier = _kept(carrier_id)
    text = request.form.get("state", "")
    if text not in {state.value for state in CarrierState}:
        abort(404)
    try:
        with transaction():
            carriers.move(carrier, actor=current_user, target=CarrierState(text))
        flash(_("状态已变更"), "good")
    except DomainError as error:
        flash(sentence(error), "warn")
    return redirect(url_for("incubation.show", carrier_id=carrier_id), 303)
