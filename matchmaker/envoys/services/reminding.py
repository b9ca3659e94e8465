"""Who is short of this year's visits: told in time to act, once a step, and listed for the handler."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from matchmaker.candidacies.models import Agreement
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.envoys import queries
from matchmaker.rosters.rules import reviews as scoring
from matchmaker.rosters.services.documents import rules_on
from matchmaker.rosters.services.telling import tell_person

MISSING = "envoys/mail/missing"


@dataclass(frozen=True, slots=True)
class Short:
    """An agreement that is short of visits in its part of this year."""

    agreement: Agreement
    done: int
    due: int
    last: date

    @property
    def missing(self) -> int:
        return self.due - self.done


def short(agreements: Sequence[Agreement], *, today: date) -> list[Short]:
    """The agreements that still miss visits of this year, the next to end first. One query."""
    known = rules_on(today)
    least = timedelta(hours=known.visit_hours)
    counts: dict[int, int] = {}
    for agreement_id, _person, starts, ends, _rating in db.session.execute(
        queries.counted(date(today.year, 1, 1), date(today.year, 12, 31))
    ):
        if ends - starts >= least:
            counts[agreement_id] = counts.get(agreement_id, 0) + 1
    found = []
    for row in agreements:
        first, last = scoring.year_of(row.starts, today.year, ends=row.ended or row.ends)
        days = (row.ends - row.starts).days + 1
        due = int(scoring.due_in(known.visits_in_term, first=first, last=last, of_days=days))
        if due > counts.get(row.id, 0):
            found.append(Short(row, counts.get(row.id, 0), due, last))
    return sorted(found, key=lambda each: (each.last, -each.missing, each.agreement.id))


def short_for(viewer: Any) -> list[Short]:
    """The same for the regions of a staff member."""
    today = clock.today()
    rows = db.session.execute(queries.managed_agreements(viewer, today)).unique().scalars().all()
    return short(rows, today=today)


def remind() -> int:
    """Write to every envoy who is short when a step has come; the key of a step lets no second mail through."""
    today = clock.today()
    rows = db.session.execute(queries.binding_agreements(today)).unique().scalars().all()
    told = 0
    for each in short(rows, today=today):
        step = scoring.step_of(today, last=each.last)
        if step is not None:
            row = each.agreement
            key = f"envoy-missing:{row.id}:{each.last.isoformat()}:{step}"
            told += tell_person(row.person, MISSING, about=row, url="/envoys/own", dedupe=key, short=each)
    return told
