"""The pages of who runs a carrier, and of the bureau: board, tenants, stays that end, carriers."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.i18n import day
from matchmaker.core.web import page, requires
from matchmaker.incubation import access, lists, queries
from matchmaker.incubation.models import Carrier, Tenancy
from matchmaker.incubation.rules import OPEN, TenancyState, Urgency
from matchmaker.incubation.views import bp
from matchmaker.incubation.views.steps import next_step
from matchmaker.lists.pages import list_page

COLUMNS = (
    TenancyState.APPLIED,
    TenancyState.REVIEWING,
    TenancyState.ADMITTED,
    TenancyState.INCUBATING,
    TenancyState.EXTENDED,
    TenancyState.GRADUATED,
)
MOST = 20  # cards a column; the head of the column leads to all


@bp.get("/manage/board")
@requires(Permission.TENANCY_MANAGE, Permission.TENANCY_OVERSEE)
def board() -> Any:
    """The pipeline: a column a state, a card a firm, a button for its next step."""
    carriers = (
        db.session.execute(queries.kept_by(current_user).order_by(Carrier.name, Carrier.id)).unique().scalars().all()
    )
    text = request.args.get("carrier", "")
    chosen = next((carrier for carrier in carriers if str(carrier.id) == text), None)
    scope: dict[str, Any] = {"states": COLUMNS, "carrier_id": chosen.id if chosen else None}
    counts = {state: n for state, n in db.session.execute(queries.board_counts(current_user, **scope))}  # noqa: C416
    rows = db.session.execute(queries.board_cards(current_user, most=MOST, **scope)).unique().scalars().all()
    columns = [
        {
            "state": state,
            "count": counts.get(state, 0),
            "url": _column_url(state, chosen),
            "cards": [_card(row) for row in rows if row.state is state],
        }
        for state in COLUMNS
    ]
    return page("incubation/board.html", columns=columns, carriers=carriers, chosen=chosen, most=MOST)


def _column_url(state: TenancyState, chosen: Carrier | None) -> str:
    return url_for("incubation.manage_tenants", state=state.value, carrier=chosen.id if chosen else None)


def _card(row: Tenancy) -> dict[str, Any]:
    today = clock.today()
    urgency = row.urgency_on(today)
    manages = access.may_manage(current_user, row.carrier)
    return {
        "row": row,
        "meta": _meta(row),
        "urgency": urgency if urgency not in {None, Urgency.FAR} else None,
        "step": next_step(row) if manages else None,
    }


def _meta(row: Tenancy) -> str:
    if row.state in OPEN:
        return _("%(day)s 申请", day=day(row.applied))
    if row.state is TenancyState.GRADUATED:
        return _("%(day)s 毕业", day=day(row.left))
    return _("%(day)s 到期", day=day(row.due))


@bp.get("/manage/tenants")
@requires(Permission.TENANCY_MANAGE, Permission.TENANCY_OVERSEE)
def manage_tenants() -> Any:
    """Applications, tenants and former tenants."""
    return list_page(lists.TENANTS, "incubation/tenants.html")


@bp.get("/manage/due")
@requires(Permission.TENANCY_MANAGE, Permission.TENANCY_OVERSEE)
def due() -> Any:
    """Who must move within 90 days, and who is late."""
    return list_page(lists.DUE, "incubation/due.html")


@bp.get("/manage/carriers")
@requires(Permission.TENANCY_MANAGE, Permission.TENANCY_OVERSEE)
def manage_carriers() -> Any:
    """The register of carriers."""
    return list_page(lists.CARRIERS, "incubation/manage_carriers.html")
