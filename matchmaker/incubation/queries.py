"""Which carriers and tenancies exist for whom, and what the plan's targets count."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from matchmaker.accounts.models import Membership, RoleGrant, User
from matchmaker.accounts.rules import Permission, Role
from matchmaker.core import clock, folding
from matchmaker.core.db import db
from matchmaker.core.regions import region_prefix
from matchmaker.core.viewer import Viewer, in_regions
from matchmaker.directory.models import FormerName, Organisation
from matchmaker.incubation.models import Carrier, CarrierSpace, Tenancy
from matchmaker.incubation.rules import DUE_DAYS, NEVER_ADMITTED, OPEN, PRESENT, CarrierState, TenancyState

# --- carriers


def published() -> sa.Select[Carrier]:
    """The carriers everybody sees: those that stand and were not taken off the list."""
    return (
        sa.select(Carrier)
        .where(Carrier.state.not_in([CarrierState.BUILDING, CarrierState.REMOVED]))
        .order_by(Carrier.name, Carrier.id)
    )


def visible_to(viewer: Viewer) -> sa.Select[Carrier]:
    """Published carriers for everybody; the others for their operator and the staff of their region."""
    shown = Carrier.state.not_in([CarrierState.BUILDING, CarrierState.REMOVED])
    return sa.select(Carrier).where(sa.or_(shown, _kept(viewer)))


def kept_by(viewer: Viewer) -> sa.Select[Carrier]:
    """The carriers that a manager runs or that lie in a staff member's region."""
    return sa.select(Carrier).where(_kept(viewer))


def managed_by(viewer: Viewer) -> sa.Select[Carrier]:
    """The carriers whose operator this manager belongs to."""
    if not viewer.has(Permission.TENANCY_MANAGE):
        return sa.select(Carrier).where(sa.false())
    return sa.select(Carrier).where(Carrier.operator_id.in_(sorted(viewer.organisation_ids)))


def _kept(viewer: Viewer) -> sa.ColumnElement[bool]:
    parts: list[sa.ColumnElement[bool]] = [sa.false()]
    if viewer.has(Permission.TENANCY_MANAGE):
        parts.append(Carrier.operator_id.in_(sorted(viewer.organisation_ids)))
    if viewer.has(Permission.TENANCY_OVERSEE):
        parts.append(in_regions(Carrier.region, viewer))
    return sa.or_(*parts)


def managers_of(carrier: Carrier) -> sa.Select[User]:
    """The people who run a carrier."""
    today = clock.today()
    return (
        sa.select(User)
        .join(Membership, Membership.user_id == User.id)
        .join(RoleGrant, RoleGrant.user_id == User.id)
        .where(Membership.organisation_id == carrier.operator_id, RoleGrant.role == Role.INCUBATOR_MANAGER)
        .where(RoleGrant.starts <= today, sa.or_(RoleGrant.ends.is_(None), RoleGrant.ends >= today))
        .where(User.disabled.is_(None))
        .order_by(User.id)
    )


def occupancy(carrier_id: int) -> sa.Select[TenancyState, int]:
    """(state, tenancies) of one carrier."""
    return (
        sa.select(Tenancy.state, sa.func.count(Tenancy.id))
        .where(Tenancy.carrier_id == carrier_id)
        .group_by(Tenancy.state)
    )


def free_spaces(carrier_id: int) -> sa.Select[CarrierSpace]:
    """The rooms of a carrier that no live tenancy holds."""
    taken = sa.select(Tenancy.space_id).where(Tenancy.space_id.is_not(None), Tenancy.state.in_(PRESENT))
    return (
        sa.select(CarrierSpace)
        .where(CarrierSpace.carrier_id == carrier_id, CarrierSpace.id.not_in(taken))
        .order_by(CarrierSpace.name)
    )


def space_named(carrier_id: int, name: str) -> sa.Select[CarrierSpace]:
    """The room of that name."""
    return sa.select(CarrierSpace).where(CarrierSpace.carrier_id == carrier_id, CarrierSpace.name == name)


# --- tenancies


def tenancies_visible_to(viewer: Viewer) -> sa.Select[Tenancy]:
    """One's own, one's organisations', those of one's carriers, and for staff those of their region."""
    return sa.select(Tenancy).where(sa.or_(_own(viewer), _kept_tenancy(viewer)))


def tenancies_kept_by(viewer: Viewer) -> sa.Select[Tenancy]:
    """The tenancies of a manager's carriers and of a staff member's region."""
    return sa.select(Tenancy).where(_kept_tenancy(viewer))


def tenancies_managed_by(viewer: Viewer) -> sa.Select[Tenancy]:
    """The tenancies that a manager may move."""
    return sa.select(Tenancy).where(Tenancy.carrier_id.in_(managed_by(viewer).with_only_columns(Carrier.id)))


def own_tenancies(viewer: Viewer) -> sa.Select[Tenancy]:
    """A person's teams' and organisations' tenancies, the newest first."""
    return sa.select(Tenancy).where(_own(viewer)).order_by(Tenancy.id.desc())


def _own(viewer: Viewer) -> sa.ColumnElement[bool]:
    team = sa.and_(Tenancy.applicant_id == viewer.id, Tenancy.organisation_id.is_(None))
    return sa.or_(team, Tenancy.organisation_id.in_(sorted(viewer.organisation_ids)))


def _kept_tenancy(viewer: Viewer) -> sa.ColumnElement[bool]:
    parts: list[sa.ColumnElement[bool]] = [sa.false()]
    if viewer.has(Permission.TENANCY_MANAGE):
        parts.append(Tenancy.carrier_id.in_(managed_by(viewer).with_only_columns(Carrier.id)))
    if viewer.has(Permission.TENANCY_OVERSEE):
        parts.append(in_regions(Tenancy.region, viewer))
    return sa.or_(*parts)


def tenants(viewer: Viewer, _scope: Mapping[str, str]) -> sa.Select[Tenancy]:
    """The list of applications and tenants."""
    return tenancies_kept_by(viewer).join(Carrier, Carrier.id == Tenancy.carrier_id)


def due_stays(viewer: Viewer, _scope: Mapping[str, str]) -> sa.Select[Tenancy]:
    """Stays that end within the warning time or are over already."""
    return tenants(viewer, _scope).where(
        Tenancy.state.in_(PRESENT), Tenancy.due <= clock.today() + timedelta(days=DUE_DAYS)
    )


def board_cards(
    viewer: Viewer, *, states: tuple[TenancyState, ...], carrier_id: int | None, most: int
) -> sa.Select[Any]:
    """At most `most` tenancies a state, what is most pressing first."""
    statement = tenancies_kept_by(viewer).where(Tenancy.state.in_(states))
    if carrier_id is not None:
        statement = statement.where(Tenancy.carrier_id == carrier_id)
    pressing = (Tenancy.due.asc().nulls_last(), Tenancy.left.desc().nulls_last(), Tenancy.applied, Tenancy.id)
    rank = sa.func.row_number().over(partition_by=Tenancy.state, order_by=pressing)
    ranked = statement.with_only_columns(Tenancy.id.label("id"), rank.label("rank")).subquery()
    return (
        sa.select(Tenancy)
        .join(ranked, ranked.c.id == Tenancy.id)
        .where(ranked.c.rank <= most)
        .order_by(ranked.c.rank, Tenancy.id)
    )


def board_counts(
    viewer: Viewer, *, states: tuple[TenancyState, ...], carrier_id: int | None
) -> sa.Select[TenancyState, int]:
    """(state, how many) for the heads of the board's columns."""
    statement = tenancies_kept_by(viewer).where(Tenancy.state.in_(states))
    if carrier_id is not None:
        statement = statement.where(Tenancy.carrier_id == carrier_id)
    return statement.with_only_columns(Tenancy.state, sa.func.count(Tenancy.id)).group_by(Tenancy.state)


def stays_of(organisation_id: int, *, but: int | None = None) -> sa.Select[Tenancy]:
    """Every stay a firm had or has, the oldest first; applications are none."""
    statement = sa.select(Tenancy).where(Tenancy.organisation_id == organisation_id, Tenancy.entered.is_not(None))
    if but is not None:
        statement = statement.where(Tenancy.id != but)
    return statement.order_by(Tenancy.entered, Tenancy.id)


def history_of(organisation_id: int, viewer: Viewer) -> sa.Select[Tenancy]:
    """A firm's tenancies as far as this person may see them, the newest first."""
    return (
        tenancies_visible_to(viewer)
        .where(Tenancy.organisation_id == organisation_id)
        .order_by(Tenancy.entered.desc().nulls_first(), Tenancy.id.desc())
    )


def open_application(carrier_id: int, *, organisation_id: int | None, applicant_id: int, team_name: str | None) -> Any:
    """The application that would stand in the way of a new one."""
    statement = sa.select(Tenancy).where(Tenancy.carrier_id == carrier_id, Tenancy.state.in_(OPEN))
    if organisation_id is not None:
        return statement.where(Tenancy.organisation_id == organisation_id)
    return statement.where(Tenancy.applicant_id == applicant_id, Tenancy.team_name == team_name)


def to_remind(*, today: date, until: date) -> sa.Select[Tenancy]:
    """Running stays that end by that day or are over."""
    return sa.select(Tenancy).where(Tenancy.state.in_(PRESENT), Tenancy.due <= until).order_by(Tenancy.id)


# --- finding by what files and people write


def organisations_named(texts: list[str]) -> dict[str, Organisation]:
    """Organisations by credit code or by full name (old ones too), keyed by what was written. A few queries in all."""
    codes = {folding.fold_uscc(text): text for text in texts}
    names = {folding.fold_company(text): text for text in texts}
    living = Organisation.merged_into_id.is_(None)
    found: dict[str, Organisation] = {}
    former = aliased(FormerName)
    by_old = (
        sa.select(former.folded_name, Organisation)
        .join(Organisation, Organisation.id == former.organisation_id)
        .where(former.folded_name.in_(names), living)
    )
    for folded, row in db.session.execute(by_old):
        found[names[folded]] = row
    by_now = sa.select(Organisation).where(
        sa.or_(Organisation.uscc.in_(codes), Organisation.folded_name.in_(names)), living
    )
    for row in db.session.execute(by_now).scalars():
        if row.folded_name in names:
            found[names[row.folded_name]] = row
        if row.uscc in codes:
            found[codes[row.uscc]] = row
    return found


# --- what the plan counts


def _inside(column: Any, region: str) -> sa.ColumnElement[bool]:
    return column.like(region_prefix(region) + "%")  # type: ignore[no-any-return]


def ever_admitted(region: str, on: date) -> sa.Select[Any]:
    """T6: the firms that ever entered a carrier of the region by that day, one row (organisation id) a firm.

    A team without a firm is no firm. Leaving changes nothing, so the number never falls.
    """
    return (
        sa.select(Tenancy.organisation_id)
        .where(_inside(Tenancy.region, region), Tenancy.state.not_in(NEVER_ADMITTED))
        .where(Tenancy.organisation_id.is_not(None), Tenancy.entered <= on)
        .distinct()
    )


def count_ever_admitted(region: str, on: date) -> int | None:
    """T6 as a number; None when the region has no tenancy at all: no data is not zero."""
    known = sa.select(sa.func.count(Tenancy.id)).where(_inside(Tenancy.region, region))
    if not db.session.execute(known).scalar_one():
        return None
    return int(
        db.session.execute(sa.select(sa.func.count()).select_from(ever_admitted(region, on).subquery())).scalar_one()
    )


def carriers_for_target(region: str, target: str) -> sa.Select[Carrier]:
    """C1–C5: the carriers put down for this line, built or planned; `Carrier.counts_as_built` says which count."""
    return (
        sa.select(Carrier)
        .where(_inside(Carrier.region, region), Carrier.target == target)
        .order_by(Carrier.build_state, Carrier.id)
    )


def may_read_files(viewer: Viewer, tenancy_id: int) -> bool:
    """Who sees a tenancy sees its papers."""
    statement = tenancies_visible_to(viewer).with_only_columns(Tenancy.id).where(Tenancy.id == tenancy_id)
    return db.session.execute(statement).first() is not None
