"""Two-person decisions, numbered certificates and the years of working days."""

from __future__ import annotations

import contextvars
import threading
from datetime import date, datetime

import pytest
import sqlalchemy as sa

from matchmaker.accounts.rules import Role
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.publicity import queries
from matchmaker.publicity.models import Certificate, Decision, Workday
from matchmaker.publicity.rules import DecisionState, Signature
from matchmaker.publicity.services import calendars, certificates, decisions, numbers
from tests.cast import OTHER_REGION, a_user
from tests.factories.publicity import (
    a_certificate,
    a_decision,
    a_notice,
    an_objection,
    announced_years,
)


def at(text):
    """A moment in Beijing time."""
    return clock.frozen(datetime.fromisoformat(f"{text}+08:00"))


def test_a_decision_needs_two_people(handler, approver):
    notice = a_notice(owner=handler)
    decision = a_decision(notice, proposer=approver)

    with pytest.raises(NotPermitted, match="自己提出"), transaction():
        decisions.confirm(decision, actor=approver)
    with pytest.raises(NotPermitted, match="权限"), transaction():
        decisions.confirm(decision, actor=handler)

    second = a_user(Role.APPROVER)
    with transaction():
        decisions.confirm(decision, actor=second)
    assert (decision.state, decision.confirmed_by_id) == (DecisionState.CONFIRMED, second.id)
    decisions.require_confirmed(decision, kind="tests.step", subject=notice)


def test_the_table_itself_refuses_one_person_twice(handler, approver):
    decision = a_decision(a_notice(owner=handler), proposer=approver)

    with pytest.raises(sa.exc.IntegrityError, match="two_people"), transaction() as session:
        session.execute(sa.update(Decision).values(confirmed_by_id=approver.id))

    db.session.rollback()
    assert decision.state is DecisionState.PROPOSED


def test_a_decision_is_open_once(handler):
    notice = a_notice(owner=handler)
    a_decision(notice, proposer=handler)

    with pytest.raises(Conflict, match="已提请复核"):
        a_decision(notice, proposer=handler)


def test_a_decision_goes_back_with_a_reason_only(handler, approver):
    decision = a_decision(a_notice(owner=handler), proposer=handler)

    with pytest.raises(DomainError, match="退回理由"), transaction():
        decisions.give_back(decision, actor=approver, reason="")
    with transaction():
        decisions.give_back(decision, actor=approver, reason="材料不全")

    assert (decision.state, decision.return_reason) == (DecisionState.RETURNED, "材料不全")
    with pytest.raises(Conflict):
        decisions.require_confirmed(decision, kind="tests.step", subject=decision)


def test_the_queue_shows_what_others_proposed_in_the_region(handler, approver):
    theirs = a_decision(a_notice(owner=handler), proposer=handler)
    a_decision(a_notice(owner=handler), proposer=approver)
    stranger = a_user(Role.HANDLER, region=OTHER_REGION)
    a_decision(a_notice(owner=stranger, region=OTHER_REGION), proposer=stranger)

    waiting = db.session.execute(queries.decisions_waiting_for(approver)).scalars().all()

    assert waiting == [theirs]


# --- certificates


def test_certificates_are_numbered_in_order(handler, approver):
    notice = a_notice(owner=handler)

    rows = [a_certificate(notice, proposer=handler, approver=approver) for _ in range(2)]

    assert [row.number[:14] for row in rows] == ["DS-2026-000001", "DS-2026-000002"]
    assert len({row.code for row in rows}) == 2


def test_a_certificate_needs_a_confirmed_decision(handler, approver):
    notice = a_notice(owner=handler)
    decision = a_decision(notice, proposer=handler)

    with pytest.raises(Conflict, match="双人复核"), transaction():
        certificates.issue(
            "DS", subject=notice, decision=decision, actor=approver, title="证书", holder="甲", text="…", personal=True
        )

    assert db.session.query(Certificate).count() == 0


def test_numbers_are_claimed_once_each_by_many_at_a_time(app):
    given, failed = [], []

    def claim():
        try:
            with app.app_context():
                for _ in range(10):
                    with transaction():
                        given.append(numbers.claim_serial("DS", year=2026))
        except Exception as error:  # noqa: BLE001 - told to the test below
            failed.append(error)

    threads = [threading.Thread(target=contextvars.Context().run, args=(claim,)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failed == []
    assert sorted(given) == list(range(1, 61))


def test_a_number_is_given_back_when_the_transaction_fails(app):
    with pytest.raises(RuntimeError), transaction():
        numbers.claim_serial("DS", year=2026)
        raise RuntimeError

    with transaction():
        assert numbers.claim_serial("DS", year=2026) == 1


def test_revocation_takes_two_people_and_a_document(handler, approver):
    row = a_certificate(a_notice(owner=handler), proposer=handler, approver=approver)

    with pytest.raises(DomainError, match="文号"), transaction():
        certificates.propose_revocation(row, actor=handler, reason="弄虚作假", document="")
    with transaction():
        certificates.propose_revocation(row, actor=handler, reason="弄虚作假", document="水科〔2026〕3号")
    with pytest.raises(NotPermitted), transaction():
        certificates.confirm_revocation(row, actor=handler)
    with transaction():
        certificates.confirm_revocation(row, actor=approver)

    assert (row.revoked_on, row.revoked_reason, row.revoked_document) == (
        date(2026, 3, 2),
        "弄虚作假",
        "水科〔2026〕3号",
    )
    with pytest.raises(Conflict), transaction():
        certificates.confirm_revocation(row, actor=approver)


# --- working days


def test_loading_the_working_days_twice_changes_nothing(years):
    rows = db.session.execute(sa.select(Workday.day, Workday.kind, Workday.year)).all()

    with transaction():
        again = calendars.load_workdays({"date": d, "kind": k, "year": y} for d, k, y in rows[:0])

    assert (len(rows), again) == (351, 0)
    announced_years()
    assert db.session.query(Workday).count() == 351


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"days_off": "2027-01-01"}, "days_off"),
        ({"days_off": "2028-01-01 至 2028-01-08"}, "days_off"),
        ({"days_off": "2027-01-08 至 2027-01-01"}, "days_off"),
        ({"days_off": "2027-01-01 至 2027-12-31"}, "days_off"),
        ({"days_off": "元旦"}, "days_off"),
        ({"days_worked": "2027-01-01"}, "days_worked"),
        ({"source": ""}, "source"),
    ],
)
def test_a_year_typed_wrongly_is_refused(app, values, field):
    given = {"year": 2027, "source": "文号", "days_off": "2027-01-01 至 2027-01-08", "days_worked": "", **values}

    with pytest.raises(DomainError) as caught, transaction():
        calendars.announce_year(actor=a_user, **given)

    assert caught.value.field == field
    assert db.session.query(Workday).count() == 0


def test_a_seal_is_a_signature(handler):
    row = an_objection(a_notice(owner=handler), signature=Signature.SEAL, signer="某某有限公司")

    assert row.signature is Signature.SEAL
