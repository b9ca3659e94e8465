"""The register of carriers, what the plan counts, and who sees what."""

from __future__ import annotations

from datetime import date

import pytest

from matchmaker.accounts.rules import Role
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.incubation import queries
from matchmaker.incubation.rules import BuildState, CarrierLevel, CarrierState, CarrierType, TenancyState
from matchmaker.incubation.services import carriers
from tests.cast import OTHER_REGION, a_user
from tests.factories.directory import an_organisation
from tests.factories.incubation import YOUNG, a_carrier, a_manager, a_tenancy, an_operator

TODAY = date(2026, 3, 2)


@pytest.fixture
def carrier(app, now):
    return a_carrier()


@pytest.fixture
def member(carrier):
    return a_user(organisation=an_organisation(founded=YOUNG))


def test_the_bureau_registers_a_carrier_and_recognises_it_with_a_paper(app, now):
    handler, operator = a_user(Role.HANDLER), an_operator()
    with transaction():
        row = carriers.open_carrier(
            actor=handler,
            region="650105",
            name="七坊街众创空间",
            kind=CarrierType.MAKERSPACE,
            operator=operator.name,
            level=CarrierLevel.NONE,
            target="C1",
        )
    with transaction():
        carriers.move(row, actor=handler, target=CarrierState.OPERATING)
    with pytest.raises(DomainError, match="认定文件"), transaction():
        carriers.move(row, actor=handler, target=CarrierState.RECOGNISED)
    with transaction():
        carriers.add_paper(row, actor=handler, title="认定通知", level=CarrierLevel.CITY)
    with transaction():
        carriers.move(row, actor=handler, target=CarrierState.RECOGNISED)

    assert (row.state, row.level, row.counts_as_built) == (CarrierState.RECOGNISED, CarrierLevel.CITY, True)


def test_a_carrier_of_another_region_is_not_edited(carrier):
    stranger = a_user(Role.HANDLER, region=OTHER_REGION)

    with pytest.raises(NotPermitted), transaction():
        carriers.add_paper(carrier, actor=stranger, title="x")


def test_targets_count_built_carriers_with_evidence(app, now):
    built = a_carrier(target="C2", papers=1)
    a_carrier(target="C2", papers=0)
    a_carrier(target="C2", papers=1, build_state=BuildState.PLANNED)
    a_carrier(target="C3", papers=1)

    rows = db.session.execute(queries.carriers_for_target("650105", "C2")).unique().scalars().all()

    assert len(rows) == 3
    assert [row.id for row in rows if row.counts_as_built] == [built.id]


def test_ever_admitted_counts_firms_once_and_knows_no_data_from_zero(carrier):
    assert queries.count_ever_admitted("650105", TODAY) is None
    firm = an_organisation()
    a_tenancy(carrier, organisation=firm, state=TenancyState.LEFT, entered=date(2025, 1, 1), left=date(2025, 6, 1))
    a_tenancy(organisation=firm, state=TenancyState.INCUBATING)
    a_tenancy(carrier)  # only applied
    a_tenancy(carrier, team_name="雪豹队", state=TenancyState.INCUBATING)

    counted = [queries.count_ever_admitted("650105", day) for day in (date(2024, 12, 31), date(2025, 1, 1), TODAY)]

    assert counted == [0, 1, 1]


def test_two_firms_that_both_live_in_carriers_are_not_merged(carrier):
    one, other = an_organisation(), an_organisation()
    a_tenancy(carrier, organisation=one, state=TenancyState.INCUBATING)
    a_tenancy(carrier, organisation=other, state=TenancyState.INCUBATING)

    with pytest.raises(Conflict, match="合并"):
        carriers.keep_apart(one.id, other.id)


def test_staff_of_another_region_and_strangers_see_nothing(carrier, member):
    a_tenancy(carrier)

    def seen(viewer):
        return len(db.session.execute(queries.tenancies_visible_to(viewer)).unique().all())

    viewers = (a_user(Role.HANDLER, region=OTHER_REGION), member, a_user(organisation=carrier.operator))
    assert [seen(viewer) for viewer in viewers] == [0, 0, 0]
    assert seen(a_user(Role.HANDLER)) == seen(a_manager(carrier)) == 1
