"""Targets, snapshots that can be rebuilt, and the closing of a year by two people."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from matchmaker.accounts.rules import Role
from matchmaker.activity import queries as activity
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.directory.services import closed_years
from matchmaker.evaluation import services as titles
from matchmaker.monitoring.models import Snapshot
from matchmaker.monitoring.queries import board, values
from matchmaker.monitoring.rules import SnapshotState, Status
from matchmaker.monitoring.services import plans, snapshots, years
from matchmaker.publicity import queries as publicity
from matchmaker.publicity.rules import DecisionState
from matchmaker.seeding import reference_plan
from tests.cast import a_user
from tests.factories.evaluation import a_title
from tests.factories.monitoring import a_plan, indicator

YEAR_END = date(2025, 12, 31)


@pytest.fixture
def plan(app, now):
    return a_plan()


def taken(plan, actor=None, day=YEAR_END):
    with transaction():
        return snapshots.take(plan, actor=actor, day=day)


def locked(plan, day=YEAR_END):
    row, approver = taken(plan, day=day), a_user(Role.APPROVER)
    with transaction():
        snapshots.lock(row, actor=approver)
    return row


def test_the_plan_is_loaded_by_key_and_leaves_targets_set_by_hand(plan):
    handler = a_user(Role.HANDLER)
    with transaction():
        assert plans.change(indicator(plan, "T1"), actor=handler, target=Decimal(300))
    with transaction():
        assert reference_plan.load_plan() == 0

    assert indicator(plan, "T1").target == 300


def test_a_changed_formula_is_the_next_version_and_is_logged(plan):
    row, handler = indicator(plan, "T3"), a_user(Role.HANDLER)
    with transaction():
        plans.change(row, actor=handler, formula_zh="只计省级以上团队")

    assert row.formula_version == 2
    (entry,) = activity.of(row)
    assert entry.data["after"] == {"formula_zh": "只计省级以上团队"}


def test_an_easier_stretch_is_refused_and_strangers_change_nothing(plan):
    row, handler = indicator(plan, "T2"), a_user(Role.HANDLER)

    with pytest.raises(DomainError) as refusal, transaction():
        plans.change(row, actor=handler, stretch=Decimal(2))
    assert refusal.value.field == "stretch"
    for stranger in (a_user(Role.LEADER), a_user(Role.HANDLER, region="650104")):
        with pytest.raises(NotPermitted), transaction():
            plans.change(row, actor=stranger, target=Decimal(1))


def test_a_snapshot_is_rebuilt_whatever_changed_since(plan):
    title = a_title(valid_from=date(2025, 6, 1), valid_to=date(2026, 3, 31))
    a_title(valid_from=date(2025, 6, 2), holder="另一家公司")
    row, handler = locked(plan), a_user(Role.HANDLER)
    before = {r.definition.code: (r.definition, r.value, r.progress) for r in values.rebuild_all(row)}
    with transaction():
        titles.end(title, actor=None, ended=date(2025, 7, 1), reason="证书被撤销")
        plans.change(indicator(plan, "T1"), actor=handler, target=Decimal(1), formula_zh="另一口径")

    after = {r.definition.code: (r.definition, r.value, r.progress) for r in values.rebuild_all(row)}

    assert after == before
    definition, value, progress = after["T1"]
    assert (value.amount, len(value.evidence), definition.target) == (2, 2, 400)
    assert (definition.formula_version, progress.status) == (1, Status.BEHIND)
    assert values.read(indicator(plan, "T1"), YEAR_END).value.amount == 1


def test_unknown_numbers_stay_unknown_in_a_snapshot(plan):
    row = locked(plan)

    assert {(value.amount, value.status) for value in row.values} == {(None, Status.NO_DATA)}


def test_an_erased_record_keeps_its_place_without_a_name(plan):
    title = a_title(valid_from=date(2025, 6, 1))
    row = locked(plan)
    with transaction() as session:
        session.delete(title)

    reading = next(r for r in values.rebuild_all(row) if r.definition.code == "T1")
    assert (reading.value.amount, [line.name for line in reading.lines]) == (1, [""])


def test_a_day_is_kept_once_and_not_before_it_came(plan):
    taken(plan)

    for day in (YEAR_END, clock.today() + timedelta(days=1)):
        with pytest.raises(DomainError) as refusal:
            taken(plan, day=day)
        assert refusal.value.field == "day"


def test_the_taker_does_not_lock(plan):
    both = a_user(Role.HANDLER, Role.APPROVER)
    row, handler, approver = taken(plan, both), a_user(Role.HANDLER), a_user(Role.APPROVER)

    with pytest.raises(Conflict), transaction():
        snapshots.lock(row, actor=both)
    with pytest.raises(NotPermitted), transaction():
        snapshots.lock(row, actor=handler)
    with transaction():
        snapshots.lock(row, actor=approver)
    assert row.state is SnapshotState.LOCKED


def test_numbers_are_collected_again_only_while_checked(plan):
    handler, approver, row = a_user(Role.HANDLER), a_user(Role.APPROVER), taken(plan)
    a_title(valid_from=date(2025, 6, 1))
    with transaction():
        snapshots.collect_again(row, actor=handler)
    assert next(value.amount for value in row.values if value.code == "T1") == 1

    with transaction():
        snapshots.lock(row, actor=approver)
    with pytest.raises(Conflict), transaction():
        snapshots.collect_again(row, actor=handler)


def test_a_published_snapshot_is_corrected_beside(plan):
    row, handler, approver = locked(plan), a_user(Role.HANDLER), a_user(Role.APPROVER)
    with transaction():
        snapshots.publish(row, actor=approver)
    with pytest.raises(DomainError), transaction():
        snapshots.correct(row, actor=handler, reason=" ")
    with transaction():
        new = snapshots.correct(row, actor=handler, reason="漏计一家")

    assert (row.state, new.edition, new.state) == (SnapshotState.CORRECTED, 2, SnapshotState.CHECKING)
    assert new.reason == "漏计一家"


def test_the_monthly_job_keeps_last_month_once(plan):
    with transaction():
        assert snapshots.take_monthly() == 1
    with transaction():
        assert snapshots.take_monthly() == 0

    row = db.session.execute(sa.select(Snapshot)).unique().scalar_one()
    assert (row.day, row.taken_by, row.state) == (date(2026, 2, 28), None, SnapshotState.CHECKING)


def close(year=2025):
    handler, approver = a_user(Role.HANDLER), a_user(Role.APPROVER)
    with transaction():
        row = years.propose_closing(actor=handler, region="650105", year=year, reason="年报已锁定")
    with transaction():
        years.confirm_closing(row, actor=approver)
    return row


def test_two_people_close_a_year(plan):
    both, approver = a_user(Role.HANDLER, Role.APPROVER), a_user(Role.APPROVER)
    with transaction():
        row = years.propose_closing(actor=both, region="650105", year=2025, reason="年报已锁定")
    with pytest.raises(NotPermitted), transaction():
        years.confirm_closing(row, actor=both)
    assert closed_years("650105") == frozenset()
    with transaction():
        years.confirm_closing(row, actor=approver)

    assert closed_years("650105") == {2025}
    with pytest.raises(Conflict), transaction():
        years.propose_closing(actor=both, region="650105", year=2025, reason="再来")


def test_a_year_with_open_snapshots_or_still_running_is_not_closed(plan):
    taken(plan)
    handler = a_user(Role.HANDLER)

    for year in (2025, 2026):
        with pytest.raises(DomainError) as refusal, transaction():
            years.propose_closing(actor=handler, region="650105", year=year, reason="试试")
        assert refusal.value.field == "year"


def test_a_returned_proposal_closes_nothing(plan):
    handler, approver = a_user(Role.HANDLER), a_user(Role.APPROVER)
    with transaction():
        row = years.propose_closing(actor=handler, region="650105", year=2025, reason="年报")
    with transaction():
        years.return_closing(row, actor=approver, reason="还差一份")

    assert closed_years("650105") == frozenset()
    assert publicity.decision_of(row, kind=years.KIND).state is DecisionState.RETURNED


def test_a_closed_year_is_read_from_its_snapshot_and_takes_no_new_one(plan):
    title = a_title(valid_from=date(2025, 6, 1))
    row = locked(plan)
    close()
    with transaction() as session:
        session.delete(title)

    shown = board.board(plan, YEAR_END)
    assert shown.frozen is row
    assert {c.indicator.code: c.reading.value.amount for c in shown.cards}["T1"] == 1
    with pytest.raises(Conflict):
        taken(plan, day=date(2025, 11, 30))


def test_the_monthly_job_leaves_a_closed_year_alone(plan):
    close()
    with clock.frozen(clock.now().replace(month=1, day=5)), transaction():
        assert snapshots.take_monthly() == 0
