"""Results, who owes visits, and the yearly score of an envoy."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from matchmaker.activity import services as activity
from matchmaker.candidacies.models import Agreement
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.envoys import queries
from matchmaker.envoys.models import EnvoyResult
from matchmaker.envoys.rules import ResultKind
from matchmaker.rosters.access import may_manage
from matchmaker.rosters.models import Appointment, AppointmentReview
from matchmaker.rosters.rules import reviews as scoring
from matchmaker.rosters.services import reviews
from matchmaker.rosters.services.documents import rules_on


@dataclass(frozen=True, slots=True)
class Owing:
    """An agreement with its visits so far."""

    agreement: Agreement
    done: int
    due: int
    missing: int


def progress(agreements: list[Agreement], *, today: date | None = None) -> list[Owing]:
    """How far each agreement has come; visits that are long enough and confirmed count. One query."""
    day = today or clock.today()
    if not agreements:
        return []
    known = rules_on(day)
    least = timedelta(hours=known.visit_hours)
    first = min(row.starts for row in agreements)
    counts: dict[int, int] = {}
    for agreement_id, _person, starts, ends, _rating in db.session.execute(queries.counted(first, day)):
        if ends - starts >= least:
            counts[agreement_id] = counts.get(agreement_id, 0) + 1
    return [_owing(row, counts.get(row.id, 0), known.visits_in_term, day) for row in agreements]


def _owing(row: Agreement, done: int, due: int, day: date) -> Owing:
    last = row.ended or row.ends
    missing = scoring.missing(done=done, total_due=due, first=row.starts, last=last, today=day)
    return Owing(row, done, due, missing)


def behind(viewer: Any, *, today: date | None = None) -> list[Owing]:
    """The agreements of one's regions that owe visits by today, the worst first."""
    day = today or clock.today()
    agreements = list(db.session.execute(queries.managed_agreements(viewer, day)).unique().scalars())
    return sorted((row for row in progress(agreements, today=day) if row.missing), key=lambda row: -row.missing)


def lines_of(post: Appointment, year: int) -> tuple[list[scoring.Line], date, date]:
    """The lines of a year by the rules of its last day: visits, checked results, what hosts said."""
    first, last = scoring.year_of(post.starts, year, ends=post.ended or post.ends)
    known = rules_on(last)
    least = timedelta(hours=known.visit_hours)
    rows = [
        row
        for row in db.session.execute(queries.counted(first, last))
        if row[1] == post.person_id and row[3] - row[2] >= least
    ]
    term_days = (post.ends - post.starts).days + 1
    lines = scoring.score(
        served=len(rows),
        due=scoring.due_in(known.visits_in_term, first=first, last=last, of_days=term_days),
        results=queries.checked_results(post.person_id, first, last),
        results_due=known.envoy_results,
        ratings=[row[4] for row in rows if row[4] is not None],
        weights=known.envoy_weights,
    )
    return lines, first, last


def review(post: Appointment, *, actor: Any, year: int, note: str) -> AppointmentReview:
    """Keep the review of a year."""
    lines, first, last = lines_of(post, year)
    return reviews.keep(post, actor=actor, year=year, days=(first, last), lines=lines, note=note)


def add_result(
    agreement: Agreement, *, actor: Any, kind: ResultKind, title: str, day: date, document: str = ""
) -> EnvoyResult:
    """What came of the service, to be checked by a handler."""
    if agreement.person.user_id != actor.id and not may_manage(actor, agreement.region):
        raise NotPermitted("只能登记自己的成效")
    if not agreement.starts <= day <= (agreement.ended or agreement.ends) or day > clock.today():
        raise DomainError("日期应在协议期内，且不晚于今天", field="day")
    row = EnvoyResult(
        region=agreement.region,
        agreement=agreement,
        person_id=agreement.person_id,
        kind=kind,
        title=title.strip(),
        day=day,
        document=document.strip(),
        created=clock.now(),
    )
    db.session.add(row)
    db.session.flush()
    activity.record("envoys.result_added", subject=row, actor=actor, title=row.title)
    return row


def check_result(row: EnvoyResult, *, actor: Any) -> None:
    """A handler has seen the proof."""
    if not may_manage(actor, row.region) or row.person.user_id == actor.id:
        raise NotPermitted("这条成效不归您核实")
    if row.checked is not None:
        raise Conflict("这条成效已核实")
    row.checked, row.checked_by_id = clock.now(), actor.id
    activity.record("envoys.result_checked", subject=row, actor=actor, title=row.title)
    db.session.flush()
