"""A person settles what the checks could not: one finding at a time, with grounds, name, moment, undo."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from matchmaker.activity import services as activity
from matchmaker.competition import access
from matchmaker.competition.models import Entry, Settlement
from matchmaker.competition.rules.eligibility import Finding, Verdict, check_override
from matchmaker.competition.rules.screening import about
from matchmaker.competition.rules.states import ContestState, EntryState
from matchmaker.competition.services import checks
from matchmaker.core import clock
from matchmaker.core.db import claim, db
from matchmaker.core.errors import Conflict, DomainError, Missing, NotPermitted
from matchmaker.directory.services import years

OPEN = (EntryState.SUBMITTED, EntryState.SCREENING)


def settle(entry: Entry, *, actor: Any, check: str, verdict: Verdict, note: str) -> Settlement:
    """Say what one open finding comes to, and on what grounds."""
    _check_open(entry, actor)
    return _settle(entry, actor=actor, check=check, verdict=verdict, note=note)


def settle_open(entry: Entry, *, actor: Any, note: str) -> None:
    """Everything that is open about an accepted entry, on the same grounds."""
    for row in checks.open_checks(entry):
        _settle(entry, actor=actor, check=row["check"], verdict=Verdict.PASS, note=note)


def end_since(entry: Entry, moment: datetime) -> None:
    """Take back what was settled at or after a moment."""
    for kept in [row for row in entry.settlements if row.moment >= moment]:
        _end(entry, kept.check)


def _settle(entry: Entry, *, actor: Any, check: str, verdict: Verdict, note: str) -> Settlement:
    row = _finding(entry, check)
    if verdict not in (Verdict.PASS, Verdict.FAIL):
        raise DomainError("请选择符合或不符合", field="verdict")
    check_override(Finding(check, Verdict(row["verdict"]), row["evidence"]), reason=note)
    _end(entry, check)
    settlement = Settlement(
        entry_id=entry.id,
        check=check,
        verdict=verdict,
        about=about(row),
        note=note.strip()[:500],
        actor_id=actor.id,
        moment=clock.now(),
    )
    db.session.add(settlement)
    activity.record(
        "competition.finding_settled",
        subject=entry,
        actor=actor,
        check=check,
        verdict=verdict.value,
        note=settlement.note,
    )
    db.session.flush()
    db.session.expire(entry, ["settlements"])
    return settlement


def unsettle(entry: Entry, *, actor: Any, check: str) -> None:
    """Take a settlement back while the entry is still screened."""
    _check_open(entry, actor)
    if not _end(entry, check):
        raise Conflict("这一项的核实结果已经撤销")
    activity.record("competition.finding_unsettled", subject=entry, actor=actor, check=check)
    db.session.flush()


def settle_rest(entry: Entry, *, actor: Any, note: str) -> None:
    """Before an entry is accepted: what a person found to fail stands in the way, what is open needs the note."""
    for row in checks.open_checks(entry):
        kept = checks.settlement_of(entry, row["check"])
        if kept is not None and kept.verdict is Verdict.FAIL and kept.about == about(row):
            raise Conflict("有一项已由人工核实为不符合，不能通过；请先撤销该项或作出其他处理")
        check_override(Finding(row["check"], Verdict(row["verdict"]), row["evidence"]), reason=note)
    for row in checks.open_checks(entry):
        settle(entry, actor=actor, check=row["check"], verdict=Verdict.PASS, note=note)


def _end(entry: Entry, check: str) -> bool:
    """One conditional UPDATE: of two who undo or settle at once, one ends the settlement that stood."""
    standing = sa.update(Settlement).where(
        Settlement.entry_id == entry.id, Settlement.check == check, Settlement.undone.is_(None)
    )
    ended = claim(standing.values(undone=clock.now()))
    db.session.expire(entry, ["settlements"])
    return bool(ended)


def _finding(entry: Entry, check: str) -> dict[str, Any]:
    row = next((row for row in entry.findings if row["check"] == check), None)
    if row is None:
        raise Missing("这个项目没有这一项核对")
    found: dict[str, Any] = row
    return found


def _check_open(entry: Entry, actor: Any) -> None:
    if not access.may_manage(actor, entry.contest) or access.owns(actor, entry):
        raise NotPermitted("这个项目不由您办理：不在您负责的区域，或与您有关")
    years.require_open_year(entry.contest.region, entry.contest.year)
    screened = entry.contest.state in (ContestState.REGISTRATION, ContestState.SCREENING)
    if not screened or entry.state not in OPEN:
        raise Conflict("这个项目已经不在审查中，不能再逐项核实")
