"""The firm's pages: apply, its own applications and stays, one tenancy."""

from __future__ import annotations

from typing import Any

from flask import flash, g, redirect, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.activity import queries as activity
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import DomainError
from matchmaker.core.i18n import sentence
from matchmaker.core.web import answer, errors_on, one_or_404, page, requires, signed_in
from matchmaker.files import queries as files
from matchmaker.incubation import access, queries
from matchmaker.incubation.forms import ApplicationForm, RevisionForm
from matchmaker.incubation.models import Carrier, Tenancy
from matchmaker.incubation.rules import CHAIN, TenancyState, has_age_limit
from matchmaker.incubation.services import applications
from matchmaker.incubation.views import bp
from matchmaker.incubation.views.steps import further_steps, next_step


@bp.route("/carriers/<int:carrier_id>/apply", methods=["GET", "POST"])
@requires(Permission.TENANCY_OWN)
def apply(carrier_id: int) -> Any:
    """Apply for a place."""
    carrier = one_or_404(queries.visible_to(current_user).where(Carrier.id == carrier_id))
    form = ApplicationForm(organisation_id=_worn_organisation())
    form.offer(current_user)
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                tenancy = applications.apply(carrier, actor=current_user, **form.values)
                tenancy_id = tenancy.id
            flash(_("申请已提交，载体受理后会通知您"), "good")
            return redirect(url_for("incubation.tenancy", tenancy_id=tenancy_id), 303)
    limits = applications.limits_on(clock.today())
    return answer(form, "incubation/apply.html", carrier=carrier, limits=limits, aged=has_age_limit(carrier.kind))


def _worn_organisation() -> int:
    hat = g.user_session.hat or "" if "user_session" in g else ""
    own = sorted(current_user.organisation_ids)
    worn = int(hat.removeprefix("org:")) if hat.startswith("org:") else 0
    return worn if worn in own else (own[0] if own else 0)


@bp.get("/own")
@requires(Permission.TENANCY_OWN)
def own() -> Any:
    """One's own applications and stays."""
    rows = db.session.execute(queries.own_tenancies(current_user).limit(200)).unique().scalars().all()
    return page("incubation/own.html", tenancies=rows, today=clock.today())


@bp.get("/tenancies/<int:tenancy_id>")
@signed_in
def tenancy(tenancy_id: int) -> Any:
    """One tenancy: where it stands, what comes next, what happened."""
    row = one_or_404(queries.tenancies_visible_to(current_user).where(Tenancy.id == tenancy_id))
    manages = access.may_manage(current_user, row.carrier)
    return page(
        "incubation/tenancy.html",
        tenancy=row,
        chain=_chain(row),
        timeline=activity.of(row),
        files=files.of(row),
        history=_others(row),
        today=clock.today(),
        urgency=row.urgency_on(clock.today()),
        mine=access.is_own(current_user, row),
        next=next_step(row) if manages else None,
        further=further_steps(row) if manages else [],
    )


def _chain(row: Tenancy) -> list[TenancyState]:
    """The steps shown: the chain, with an extension and what followed graduation where they happened."""
    chain = list(CHAIN)
    if row.state is TenancyState.EXTENDED:
        chain[chain.index(TenancyState.INCUBATING)] = TenancyState.EXTENDED
    if row.state in {TenancyState.ACCELERATING, TenancyState.IN_PARK}:
        chain.append(row.state)
    return chain


def _others(row: Tenancy) -> list[Tenancy]:
    if row.organisation_id is None:
        return []
    statement = queries.history_of(row.organisation_id, current_user).where(Tenancy.id != row.id).limit(20)
    return list(db.session.execute(statement).unique().scalars())


@bp.route("/tenancies/<int:tenancy_id>/revise", methods=["GET", "POST"])
@requires(Permission.TENANCY_OWN)
def revise(tenancy_id: int) -> Any:
    """Complete an application."""
    row = one_or_404(queries.own_tenancies(current_user).where(Tenancy.id == tenancy_id))
    form = RevisionForm(obj=row)
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                applications.revise(row, actor=current_user, **form.values)
            flash(_("已保存"), "good")
            return redirect(url_for("incubation.tenancy", tenancy_id=tenancy_id), 303)
    return answer(form, "incubation/revise.html", tenancy=row)


@bp.post("/tenancies/<int:tenancy_id>/withdraw")
@requires(Permission.TENANCY_OWN)
def withdraw(tenancy_id: int) -> Any:
    """Take an application back."""
    row = one_or_404(queries.own_tenancies(current_user).where(Tenancy.id == tenancy_id))
    try:
        with transaction():
            applications.withdraw(row, actor=current_user)
        flash(_("申请已撤回"), "good")
    except DomainError as error:
        flash(sentence(error), "warn")
    return redirect(url_for("incubation.tenancy", tenancy_id=tenancy_id), 303)


@bp.get("/organisations/<int:organisation_id>/tenancies")
@signed_in
def of_organisation(organisation_id: int) -> Any:
    """A firm's way through the carriers, as a part of its page."""
    rows = db.session.execute(queries.history_of(organisation_id, current_user).limit(50)).unique().scalars().all()
    return page("incubation/of_organisation.html", fragment="incubation/_history.html", tenancies=rows)
