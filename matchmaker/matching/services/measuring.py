"""The figures of the evaluation page: what one's regions' needs of a year brought, by kind and month."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from matchmaker.core import clock
from matchmaker.core.viewer import Viewer
from matchmaker.matching import encoding, queries, rules
from matchmaker.matching.rules import NeedKind

if TYPE_CHECKING:
    from matchmaker.matching.engine.measuring import Asked, Figures, Spread


@dataclass(frozen=True)
class Line:
    """The figures of one kind in one month; no month: the whole year; no kind: all kinds."""

    kind: NeedKind | None
    month: str
    figures: Figures


@dataclass(frozen=True)
class Report:
    """A year's figures: in total, by kind, by kind and month; `spread` over the helpers who may be suggested today."""

    year: int
    total: Line
    kinds: Sequence[Line]
    months: Sequence[Line]
    spread: Spread | None


def measure(viewer: Viewer, *, year: int, kind: NeedKind | None = None) -> Report:
    """Count what the needs stated in a year brought until now. Always the same number of statements."""
    from matchmaker.matching.engine import measuring

    span = rules.year_span(str(year))
    if span is None:
        raise ValueError(f"no year to count: {year}")
    needs = queries.measured_needs(viewer, span, kind)
    ids = {need for need, _kind, _moment in needs}
    shown = measuring.first_seen([row for row in queries.seen_by_owners(viewer, span) if row[0] in ids])
    requests = _asked(viewer, span)
    by_kind = measuring.grouped({need: of for need, of, _moment in needs}, shown, requests)
    by_month = measuring.grouped({n: (rules.month_of(at), of) for n, of, at in needs}, shown, requests)
    kinds, order = list(NeedKind), list(NeedKind).index
    return Report(
        year=year,
        total=Line(kind, "", measuring.figures(ids, shown, requests)),
        kinds=[Line(of, "", by_kind[of]) for of in kinds if of in by_kind],
        months=[
            Line(of, month, by_month[month, of])
            for month, of in sorted(by_month, key=lambda key: (key[0], -order(key[1])), reverse=True)
        ],
        spread=measuring.spread(shown, _helpers(kind)),
    )


def years(viewer: Viewer) -> list[int]:
    """From this year back to that of the first need."""
    this, first = clock.today().year, queries.first_measured(viewer)
    start = int(rules.month_of(first)[:4]) if first else this
    return list(range(this, min(start, this) - 1, -1))


def _asked(viewer: Viewer, span: tuple[datetime, datetime]) -> list[Asked]:
    from matchmaker.matching.engine.measuring import Asked, Session

    sessions: dict[int, list[Session]] = {}
    for request, confirmed, points in queries.measured_sessions(viewer, span):
        sessions.setdefault(request, []).append(Session(confirmed, points))

    def asked(row: Any) -> Asked:
        return Asked(
            need=row.need_id,
            person=row.person_id,
            reply=rules.reply_of(row.state, answered=row.answered is not None),
            offered=row.offered,
            wait=None if row.answered is None else row.answered - row.asked,
            sessions=tuple(sessions.get(row.id, ())),
            result=row.result,
        )

    return [asked(row) for row in queries.measured_requests(viewer, span)]


def _helpers(kind: NeedKind | None) -> set[int]:
    wanted = encoding.SUITABLE[kind] if kind else frozenset().union(*encoding.SUITABLE.values())
    return {
        person for person, kinds in queries.helpers_on(clock.today()).items() if encoding.profile_kind(kinds) in wanted
    }
