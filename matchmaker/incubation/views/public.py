"""What everybody sees: the carriers of the district, and one of them."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_login import current_user

from matchmaker.activity import queries as activity
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.web import one_or_404, page, public
from matchmaker.incubation import access, queries
from matchmaker.incubation.models import Carrier
from matchmaker.incubation.rules import CARRIER_STEPS, PRESENT, CarrierType
from matchmaker.incubation.views import bp


@bp.get("/")
@public
def index() -> Any:
    """The carriers that take firms."""
    kind = request.args.get("kind", "")
    statement = queries.published().limit(200)
    if kind in {member.value for member in CarrierType}:
        statement = statement.where(Carrier.kind == kind)
    rows = db.session.execute(statement).unique().scalars().all()
    kinds = [member for member in CarrierType if kind or any(row.kind is member for row in rows)]
    return page("incubation/index.html", carriers=rows, kinds=kinds, kind=kind)


@bp.get("/carriers/<int:carrier_id>")
@public
def show(carrier_id: int) -> Any:
    """One carrier: facts for everybody, numbers and papers for who keeps it."""
    carrier = one_or_404(queries.visible_to(current_user).where(Carrier.id == carrier_id))
    counts = {state: n for state, n in db.session.execute(queries.occupancy(carrier_id))}  # noqa: C416
    keeps = current_user.is_authenticated and _keeps(carrier)
    return page(
        "incubation/show.html",
        carrier=carrier,
        counts=counts,
        present=sum(counts.get(state, 0) for state in PRESENT),
        keeps=keeps,
        edits=access.may_edit(current_user, carrier),
        steps=sorted(CARRIER_STEPS[carrier.state]) if access.may_register(current_user, carrier.region) else [],
        timeline=activity.of(carrier, limit=20) if keeps else [],
        today=clock.today(),
    )


def _keeps(carrier: Carrier) -> bool:
    statement = queries.kept_by(current_user).with_only_columns(Carrier.id).where(Carrier.id == carrier.id)
    return db.session.execute(statement).first() is not None
