"""Entering, editing, renaming, moving and merging organisations; deciding held rows."""

from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa

from matchmaker.accounts.models import Membership
from matchmaker.accounts.rules import MembershipLevel, Role
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.directory import queries
from matchmaker.directory.models import HeldRecord, Organisation, Person
from matchmaker.directory.rules import OrganisationState, demo_uscc
from matchmaker.directory.services import held as held_service
from matchmaker.directory.services import merging, organisations
from tests.cast import a_user
from tests.factories.directory import a_person, an_organisation
from tests.factories.imports import a_table, imported, outcomes

CODE = demo_uscc(9002)
WRONG = CODE[:17] + ("0" if CODE[17] != "0" else "1")
HELD = a_table("单位名称|证券代码", "江苏京源环保股份有限公司|688096", "大连港股份有限公司|688096")


@pytest.fixture
def handler(app, now):
    return a_user(Role.HANDLER)


def entered(handler, **values):
    with transaction():
        return organisations.create(actor=handler, region="650105", **{"name": "磨溪软件有限公司", **values})


def found(words):
    statement = sa.select(Organisation.name).where(queries.matches(words), Organisation.merged_into_id.is_(None))
    return list(db.session.execute(statement.order_by(Organisation.id)).scalars())


def test_a_code_is_folded_and_a_missing_one_may_come_later(handler):
    row = entered(handler, uscc=CODE.lower())
    other = entered(handler, name="另一家有限公司")

    assert (row.uscc, row.state, other.uscc) == (CODE, OrganisationState.UNCLAIMED, None)


def test_a_wrong_code_needs_a_reviewers_reason(handler):
    with pytest.raises(DomainError, match="校验不符") as refusal:
        entered(handler, uscc=WRONG)
    row = entered(handler, uscc=WRONG, override="执照原件如此")

    assert refusal.value.field == "uscc"
    assert (row.uscc, row.uscc_override) == (WRONG, "执照原件如此")


@pytest.mark.parametrize(
    ("values", "field"), [({"name": "别的名称有限公司"}, "uscc"), ({"uscc": "", "name": "磨溪软件有限公司 "}, "name")]
)
def test_one_firm_appears_once(handler, values, field):
    entered(handler, uscc=CODE)

    with pytest.raises(Conflict) as refusal:
        entered(handler, **{"uscc": CODE, **values})

    assert refusal.value.field == field


def test_a_founding_day_ahead_is_refused(handler):
    with pytest.raises(DomainError, match="晚于今天"):
        entered(handler, founded=date(2030, 1, 1))


def test_a_strangers_region_is_refused(handler):
    with pytest.raises(NotPermitted), transaction():
        organisations.create(actor=handler, region="650104", name="磨溪软件有限公司")


def test_the_slower_of_two_editors_is_told(handler):
    row = entered(handler)
    stale = row.version
    with transaction():
        organisations.edit(row, actor=handler, version=stale, staff_count=12)

    with pytest.raises(Conflict, match="刚刚被别人改过"), transaction():
        organisations.edit(row, actor=handler, version=stale, staff_count=13)

    assert db.session.get(Organisation, row.id).staff_count == 12


def test_search_finds_code_old_and_new_name_and_pinyin(handler):
    row = entered(handler, uscc=CODE)
    with transaction():
        organisations.rename(row, actor=handler, name="新疆青石智能（集团）有限公司", since=date(2026, 1, 5))

    for words in (CODE.lower(), "磨溪软件", "青石智能(集团)", "qszn", CODE[:10]):
        assert found(words) == ["新疆青石智能（集团）有限公司"], words
    assert [(n.name, n.until) for n in row.names] == [("磨溪软件有限公司", date(2026, 1, 5))]


def test_leaving_the_good_states_needs_a_reason_and_an_allowed_step(handler):
    row = entered(handler)

    with pytest.raises(DomainError, match="请写明理由"), transaction():
        organisations.move(row, actor=handler, to=OrganisationState.DEREGISTERED)
    with transaction():
        organisations.move(row, actor=handler, to=OrganisationState.DEREGISTERED, reason="已注销")
    with pytest.raises(DomainError), transaction():
        organisations.move(row, actor=handler, to=OrganisationState.ACTIVE)

    assert row.state is OrganisationState.DEREGISTERED


def test_an_owners_change_of_registered_facts_is_checked_again(handler):
    row = an_organisation()
    owner = a_user(organisation=row)

    with transaction():
        organisations.edit_own(row, actor=owner, version=row.version, working_address="新址", uscc="")
    assert (row.state, row.working_address) == (OrganisationState.ACTIVE, "新址")
    with transaction():
        organisations.edit_own(row, actor=owner, version=row.version, registered_address="新注册地")

    assert row.state is OrganisationState.PENDING
    assert row.uscc is not None


def test_a_colleague_may_not_edit(handler):
    row = an_organisation()
    colleague = a_user()
    with transaction() as session:
        session.add(
            Membership(
                user_id=colleague.id, organisation_id=row.id, level=MembershipLevel.STAFF, created=handler.created
            )
        )

    with pytest.raises(NotPermitted), transaction():
        organisations.edit_own(row, actor=colleague, version=row.version, working_address="新址")


def test_merging_keeps_names_codes_people_and_history_in_one_record(handler):
    kept = an_organisation(name="磨溪软件有限公司", uscc=None, summary=None)
    dropped = an_organisation(name="磨溪软件开发有限公司", uscc=CODE, summary="做软件的")
    a_person(name="沈若琳", organisation_id=dropped.id)
    member = a_user(organisation=dropped)

    with transaction():
        merging.merge(kept, dropped, actor=handler, reason="同一家")

    assert (kept.uscc, kept.summary, [n.name for n in kept.names]) == (CODE, "做软件的", ["磨溪软件开发有限公司"])
    assert found("软件开发") == ["磨溪软件有限公司"]
    assert db.session.execute(sa.select(Person.organisation_id)).scalars().all() == [kept.id]
    assert member.organisation_ids == {kept.id}
    kinds = [row.kind for row in queries.history(kept)]
    assert kinds == ["directory.merged_away", "directory.merged", "accounts.joined"]
    assert dropped.merged_into_id == kept.id


def test_two_valid_codes_are_two_firms(handler):
    kept, dropped = an_organisation(), an_organisation()

    with pytest.raises(DomainError, match="不是同一家") as refusal, transaction():
        merging.merge(kept, dropped, actor=handler, reason="同一家")

    assert refusal.value.field == "other"
    assert dropped.merged_into_id is None


def test_every_reference_to_an_organisation_is_moved_by_a_merger(app):
    tables = {column.table.name for column in merging.references()}

    assert {"memberships", "people", "registrations"} <= tables


def the_held_row():
    imported("organisations", HELD)
    return db.session.execute(sa.select(HeldRecord)).scalar_one()


def test_held_rows_may_be_several_firms_and_a_new_import_respects_it(handler):
    held = the_held_row()

    with transaction():
        held_service.separate(held, actor=handler, holder=0)

    rows = db.session.execute(sa.select(Organisation.name, Organisation.stock_code).order_by(Organisation.id)).all()
    assert [tuple(row) for row in rows] == [("江苏京源环保股份有限公司", "688096"), ("大连港股份有限公司", None)]
    assert outcomes(imported("organisations", HELD)) == ["unchanged", "unchanged"]


def test_held_rows_may_be_one_firm_with_a_history(handler):
    held = the_held_row()

    with transaction():
        row = held_service.unite(held, actor=handler, present=1)

    assert (row.name, row.stock_code, [n.name for n in row.names]) == (
        "大连港股份有限公司",
        "688096",
        ["江苏京源环保股份有限公司"],
    )


def test_a_held_row_is_decided_once(handler):
    held = the_held_row()
    with transaction():
        held_service.dismiss(held, actor=handler)

    with pytest.raises(Conflict), transaction():
        held_service.unite(held, actor=handler, present=0)

    assert found("大连港") == []
