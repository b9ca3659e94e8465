"""Carriers and tenancies."""

from __future__ import annotations

from datetime import date
from itertools import count
from typing import Any

from matchmaker.accounts.rules import Role
from matchmaker.core import clock
from matchmaker.core.db import transaction
from matchmaker.directory.rules import OrganisationKind
from matchmaker.incubation.models import Carrier, CarrierPaper, Tenancy
from matchmaker.incubation.rules import CarrierLevel, CarrierState, CarrierType, Stage, TenancyState
from tests.cast import a_user
from tests.factories.directory import an_organisation

_serial = count(1)
YOUNG = date(2025, 6, 1)  # founded nine months before the tests' today


def an_operator(**values: Any) -> Any:
    """The organisation that runs a carrier."""
    return an_organisation(kind=OrganisationKind.CARRIER_OPERATOR, **values)


def a_carrier(*, operator: Any = None, papers: int = 0, **values: Any) -> Carrier:
    """A working incubator of the district."""
    operator = operator or an_operator(region=values.get("region", "650105"))
    given = {
        "region": "650105",
        "kind": CarrierType.INCUBATOR,
        "level": CarrierLevel.CITY,
        "state": CarrierState.OPERATING,
        "name": f"红光山孵化器{next(_serial)}",
        "address": "红光山路 888 号",
        "total_m2": 10_000,
        "usable_m2": 8_000,
        "tenant_m2": 6_000,
        "created": clock.now(),
        "updated": clock.now(),
        **values,
    }
    carrier = Carrier(operator_id=operator.id, **given)
    carrier.papers = [CarrierPaper(title=f"认定通知{n}") for n in range(papers)]
    with transaction() as session:
        session.add(carrier)
    return carrier


def a_manager(carrier: Carrier) -> Any:
    """Somebody who runs the carrier."""
    return a_user(Role.INCUBATOR_MANAGER, organisation=carrier.operator)


def a_tenancy(carrier: Carrier | None = None, *, organisation: Any = None, **values: Any) -> Tenancy:
    """An application under review; give other states with the days they need."""
    carrier = carrier or a_carrier()
    organisation = organisation or (None if "team_name" in values else an_organisation(founded=YOUNG))
    state = values.get("state", TenancyState.REVIEWING)
    days: dict[str, Any] = {}
    if state in {TenancyState.ADMITTED, TenancyState.INCUBATING, TenancyState.EXTENDED, TenancyState.GRADUATED}:
        days = {"entered": date(2025, 9, 1), "due": date(2029, 9, 1), "stay_months_max": 48}
    if state is TenancyState.GRADUATED:
        days["left"] = date(2026, 2, 1)
    given = {
        "region": carrier.region,
        "state": state,
        "stage": Stage.INCUBATION,
        "project": "智能传感终端",
        "applied": date(2025, 8, 1),
        "created": clock.now(),
        "updated": clock.now(),
        **days,
        **values,
    }
    row = Tenancy(carrier_id=carrier.id, organisation_id=organisation.id if organisation else None, **given)
    with transaction() as session:
        session.add(row)
    return row
