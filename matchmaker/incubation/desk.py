"""What incubation puts on the desks, and what the search finds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext as _

from matchmaker.core import clock, folding
from matchmaker.core.db import db
from matchmaker.core.feature import DeskItem
from matchmaker.core.i18n import day
from matchmaker.directory.models import Organisation
from matchmaker.incubation import queries
from matchmaker.incubation.models import Carrier, Tenancy
from matchmaker.incubation.rules import NEAR_DAYS, OPEN, PRESENT, TenancyState


def waiting_for_manager(viewer: Any) -> Sequence[DeskItem]:
    """Applications to take up, reviews to decide, and who must move this month."""
    return [*_applications(viewer), *_must_move(viewer)]


def _applications(viewer: Any) -> list[DeskItem]:
    statement = (
        queries.tenancies_managed_by(viewer)
        .where(Tenancy.state.in_(OPEN))
        .with_only_columns(Tenancy.state, sa.func.count(Tenancy.id))
        .group_by(Tenancy.state)
    )
    titles = {TenancyState.APPLIED: _("入驻申请待受理"), TenancyState.REVIEWING: _("入驻申请待评审")}
    counts = {state: n for state, n in db.session.execute(statement)}  # noqa: C416
    return [
        DeskItem(title, url_for("incubation.manage_tenants", state=state.value), count=counts[state])
        for state, title in titles.items()
        if counts.get(state)
    ]


def _must_move(viewer: Any) -> list[DeskItem]:
    today = clock.today()
    statement = (
        queries.tenancies_managed_by(viewer)
        .where(Tenancy.state.in_(PRESENT), Tenancy.due <= today + timedelta(days=NEAR_DAYS))
        .order_by(Tenancy.due, Tenancy.id)
        .limit(8)
    )
    return [
        DeskItem(
            _("“%(who)s”孵化期将满，须毕业、续期或退出", who=row.who),
            url_for("incubation.tenancy", tenancy_id=row.id),
            due=day(row.due),
            late=row.due is not None and row.due < today,
        )
        for row in db.session.execute(statement).unique().scalars()
    ]


def own_stays(viewer: Any) -> Sequence[DeskItem]:
    """One's own applications and running stays."""
    statement = queries.own_tenancies(viewer).where(Tenancy.state.in_(OPEN | PRESENT)).limit(6)
    today = clock.today()
    return [
        DeskItem(
            f"{row.carrier.name}（{_(row.state.label)}）",
            url_for("incubation.tenancy", tenancy_id=row.id),
            due=day(row.due) if row.due else None,
            late=bool(row.is_present and row.due and row.due < today),
        )
        for row in db.session.execute(statement).unique().scalars()
    ]


def late_in_region(viewer: Any) -> Sequence[DeskItem]:
    """For the bureau: how many stays are over in its region."""
    statement = sa.select(sa.func.count()).select_from(
        queries.tenancies_kept_by(viewer)
        .where(Tenancy.state.in_(PRESENT), Tenancy.due < clock.today())
        .with_only_columns(Tenancy.id)
        .subquery()
    )
    count = db.session.execute(statement).scalar_one()
    url = url_for("incubation.due", urgency="late")
    return [DeskItem(_("企业已超过孵化时限"), url, count=count, late=True)] if count else []


def find_carriers(viewer: Any, words: str) -> Sequence[tuple[str, str, str]]:
    """Carriers by name."""
    statement = (
        queries.visible_to(viewer)
        .where(
            sa.or_(Carrier.name.icontains(words, autoescape=True), Carrier.name_en.icontains(words, autoescape=True))
        )
        .order_by(Carrier.name, Carrier.id)
        .limit(10)
    )
    rows = db.session.execute(statement).unique().scalars()
    return [(row.name, _(row.kind.label), url_for("incubation.show", carrier_id=row.id)) for row in rows]


def find_tenants(viewer: Any, words: str) -> Sequence[tuple[str, str, str]]:
    """Tenancies by firm, team or project, as far as this person may see them."""
    if not viewer.is_authenticated:
        return []
    firms = sa.select(Organisation.id).where(Organisation.folded_name.contains(folding.fold(words), autoescape=True))
    statement = (
        queries.tenancies_visible_to(viewer)
        .where(
            sa.or_(
                Tenancy.organisation_id.in_(firms),
                Tenancy.team_name.icontains(words, autoescape=True),
                Tenancy.project.icontains(words, autoescape=True),
            )
        )
        .order_by(Tenancy.id.desc())
        .limit(10)
    )
    rows = db.session.execute(statement).unique().scalars()
    return [
        (row.who, f"{row.carrier.name} · {_(row.state.label)}", url_for("incubation.tenancy", tenancy_id=row.id))
        for row in rows
    ]
