"""What each indicator counts: the records behind a number on a day, and the number they make.

One function a source, chosen by the indicator's key; each answers None where nothing was on record by that day,
which is not zero. A number is always the count of its lines.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import sqlalchemy as sa

from matchmaker.core.db import db
from matchmaker.evaluation import queries as titles
from matchmaker.evaluation.models import Title
from matchmaker.evaluation.rules import TitleKind
from matchmaker.monitoring import rules
from matchmaker.monitoring.models import Indicator, Snapshot, SnapshotValue
from matchmaker.monitoring.queries import incubators, people
from matchmaker.monitoring.queries.lines import Line, gone
from matchmaker.monitoring.rules import Aggregate, Evidence, Progress, Value

Source = Callable[[str, date], Sequence[Line] | None]


@dataclass(frozen=True)
class Reading:
    """An indicator read on a day: its definition, number, progress, and the lines behind it."""

    indicator: Indicator
    definition: rules.Indicator
    value: Value
    baseline: Decimal | None
    progress: Progress
    lines: tuple[Line, ...]

    @property
    def counted(self) -> list[Line]:
        """The lines that make the number."""
        return [line for line in self.lines if line.counts]


def _line(title: Title) -> Line:
    organisation = title.organisation_id
    return Line(
        kind=Title.__tablename__,
        key=title.id,
        unit=f"organisation:{organisation}" if organisation else f"holder:{title.folded_holder}",
        name=title.who,
        detail=" · ".join(filter(None, (title.number, title.name))),
        document=title.document,
        since=title.valid_from,
        until=title.valid_to,
    )


def _firms(kind: TitleKind) -> Source:
    def read(region: str, day: date) -> list[Line] | None:
        if not titles.anything_known(kind, region, day):
            return None
        rows = db.session.execute(titles.live_firms(kind, region, day)).unique().scalars()
        return [_line(row) for row in rows]

    return read


def _each(kind: TitleKind) -> Source:
    def read(region: str, day: date) -> list[Line] | None:
        if not titles.anything_known(kind, region, day):
            return None
        rows = db.session.execute(titles.live(kind, region, day)).unique().scalars()
        return [_line(row).counted_by_itself() for row in rows]

    return read


SOURCES: dict[str, Source] = {
    "tech_sme_count": _firms(TitleKind.TECH_SME),
    "hnte_count": _firms(TitleKind.HNTE),
    "innovation_team_count": _each(TitleKind.INNOVATION_TEAM),
    "granted_patent_growth": _each(TitleKind.GRANTED_PATENT),
    "tech_envoy_count": people.envoys,
    "startup_mentor_count": people.mentors,
    "incubated_enterprise_cumulative": incubators.ever_admitted,
}


def lines_behind(indicator: Indicator, day: date) -> Sequence[Line] | None:
    """The lines of an indicator on a day; None where nothing is known."""
    source = SOURCES.get(indicator.key)
    region = indicator.plan.region
    return source(region, day) if source else incubators.carriers(indicator.code, region, day)


def read(indicator: Indicator, day: date) -> Reading:
    """An indicator on a day, from the records as they are now."""
    lines = lines_behind(indicator, day)
    counted = [line for line in lines or () if line.counts]
    amount = None if lines is None else Decimal(len(counted))
    evidence = tuple(Evidence(line.kind, line.key) for line in counted)
    value = Value(day, amount, evidence, indicator.formula_version)
    baseline = None
    if indicator.aggregate is Aggregate.GROWTH:
        before = lines_behind(indicator, date(indicator.plan.baseline_year, 12, 31))
        baseline = Decimal(len(before)) if before else None
    progress = rules.progress(indicator.definition, now=amount, baseline=baseline, today=day)
    return Reading(indicator, indicator.definition, value, baseline, progress, tuple(lines or ()))


def read_all(indicators: Iterable[Indicator], day: date) -> list[Reading]:
    """All indicators of a plan on a day."""
    return [read(indicator, day) for indicator in indicators]


def rebuild(stored: SnapshotValue, indicator: Indicator, day: date) -> Reading:
    """A snapshot's number again, from its own definition and list of records, whatever has changed since."""
    value = stored.as_value(day)
    definition = stored.defined
    progress = rules.progress(definition, now=value.amount, baseline=stored.baseline, today=day)
    return Reading(indicator, definition, value, stored.baseline, progress, tuple(lines_of(value.evidence)))


def rebuild_all(snapshot: Snapshot) -> list[Reading]:
    """All numbers of a snapshot."""
    indicators = {row.code: row for row in snapshot.plan.indicators}
    return [rebuild(stored, indicators[stored.code], snapshot.day) for stored in snapshot.values]


def lines_of(evidence: Sequence[Evidence]) -> list[Line]:
    """The records of a list as they are called today; one that was erased keeps its place without a name."""
    wanted: dict[str, list[int]] = {}
    for item in evidence:
        wanted.setdefault(item.kind, []).append(item.key)
    found = {(line.kind, line.key): line for kind, keys in wanted.items() for line in RESOLVERS[kind](keys)}
    return [found.get((item.kind, item.key)) or gone(item.kind, item.key) for item in evidence]


def _titles(keys: Sequence[int]) -> list[Line]:
    rows = db.session.execute(sa.select(Title).where(Title.id.in_(keys))).unique().scalars()
    return [_line(row) for row in rows]


RESOLVERS: dict[str, Callable[[Sequence[int]], list[Line]]] = {
    Title.__tablename__: _titles,
    **people.RESOLVERS,
    **incubators.RESOLVERS,
}
