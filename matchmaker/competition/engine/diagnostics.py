"""What stands behind a ranking: the four rules side by side, the judges, and the entries that need another look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from statistics import median
from typing import Any

import numpy as np

from matchmaker.competition.engine.ballots import Ballot, by_entry, by_judge, shown
from matchmaker.competition.engine.calibration import Fit
from matchmaker.competition.engine.ranking import Line, Ranking, Rule, rank, standard_marks
from matchmaker.core.errors import DomainError
from matchmaker.core.sentences import fill

RECONSIDER_FROM = 20  # range of standard scores from which an entry is scored again
FEWEST_TO_AGREE = 3


@dataclass(frozen=True, slots=True)
class Sentence:
    """A text and its values, filled after translation."""

    text: str
    values: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return fill(self.text, self.values)


@dataclass(frozen=True, slots=True)
class Comparison:
    """An entry under every rule that can be applied; `moved` is how many places calibration lifts it over the mean."""

    entry: Any
    lines: Mapping[Rule, Line]
    moved: int
    reason: Sentence


@dataclass(frozen=True, slots=True)
class JudgeReport:
    """How a judge scored. `severity` is the model's effect (positive: lenient), None when judges were not corrected.

    `difference` is the mean distance from the other judges of the same entries; `agreement` the correlation with them;
    `spread` the standard deviation of the judge's scores beside the median of all judges. None where too few ballots.
    """

    judge: Any
    ballots: int
    average: float
    severity: float | None
    difference: float | None
    spread: float | None
    usual_spread: float | None
    agreement: float | None
    component: int


@dataclass(frozen=True, slots=True)
class GreyZone:
    """Whom the cut after `places` separates by less than their standard error, and who ties across it."""

    cut: Decimal
    entries: tuple[Any, ...]
    tied: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Reconsideration:
    """An entry on which judges disagree: the range of its standard scores, and who stands at its ends."""

    entry: Any
    spread: Decimal
    highest: Any
    lowest: Any


def all_rules(ballots: Sequence[Ballot], *, by_track: bool = False) -> dict[Rule, Ranking]:
    """The ranking by each rule; a rule that these ballots do not allow is left out."""
    found = {}
    for rule in Rule:
        try:
            found[rule] = rank(ballots, rule, by_track=by_track)
        except DomainError:  # too few ballots to drop the extremes of an entry
            continue
    return found


def compare(ballots: Sequence[Ballot], *, by_track: bool = False) -> tuple[Comparison, ...]:
    """Every entry under every rule, in the order of the calibrated ranking, with one sentence why it moved."""
    rankings = all_rules(ballots, by_track=by_track)
    lines = {rule: {line.entry: line for line in ranking.lines} for rule, ranking in rankings.items()}
    fit = rankings[Rule.CALIBRATED].fit
    assert fit is not None
    leniency = panel_leniency(ballots, fit)
    found = []
    for line in rankings[Rule.CALIBRATED].lines:
        moved = lines[Rule.MEAN][line.entry].rank - line.rank
        of_entry = {rule: those[line.entry] for rule, those in lines.items()}
        found.append(Comparison(line.entry, of_entry, moved, why(fit, leniency[line.entry], moved)))
    return tuple(found)


def panel_leniency(ballots: Sequence[Ballot], fit: Fit) -> dict[Any, float]:
    """How many points the judges of each entry give above the average judge; negative where they are severe."""
    return {
        entry: sum(fit.judges.get(ballot.judge, 0.0) for ballot in panel) / len(panel)
        for entry, panel in by_entry(ballots).items()
    }


def why(fit: Fit, leniency: float, moved: int) -> Sentence:
    """Why an entry of a panel with this leniency moved so many places (up: positive)."""
    if not fit.gate.corrected:
        return Sentence("评委之间宽严差异不显著，按平均分排名")
    values = {"points": shown(abs(leniency), 1), "places": abs(moved)}
    severe = leniency < 0
    if not values["points"]:
        if moved == 0:
            return Sentence("评委宽严适中，名次不变")
        rises = "评委宽严适中，其他项目校准后，上升 {places} 位"
        falls = "评委宽严适中，其他项目校准后，下降 {places} 位"
        return Sentence(rises if moved > 0 else falls, values)
    if moved == 0:
        return Sentence("评委偏严 {points} 分，名次不变" if severe else "评委偏宽 {points} 分，名次不变", values)
    if severe:
        expected = "评委偏严 {points} 分，校准后上升 {places} 位"
        contrary = "评委偏严 {points} 分，但名次相近项目的评委更严，校准后下降 {places} 位"
        return Sentence(expected if moved > 0 else contrary, values)
    expected = "评委偏宽 {points} 分，校准后下降 {places} 位"
    contrary = "评委偏宽 {points} 分，但名次相近项目的评委更宽，校准后上升 {places} 位"
    return Sentence(expected if moved < 0 else contrary, values)


def judge_reports(ballots: Sequence[Ballot], fit: Fit) -> tuple[JudgeReport, ...]:
    """A report on each judge, in order."""
    panels = by_entry(ballots)
    part = {judge: number for number, those in enumerate(fit.components) for judge in those.judges}
    given = by_judge(ballots)
    spreads = {judge: _spread([float(b.score) for b in own]) for judge, own in given.items()}
    known = [spread for spread in spreads.values() if spread is not None]
    found = []
    for judge, own in given.items():
        pairs = [pair for ballot in own if (pair := _beside_others(ballot, panels[ballot.entry], fit)) is not None]
        raw = [mark - others for mark, others, _corrected in pairs]
        found.append(
            JudgeReport(
                judge=judge,
                ballots=len(own),
                average=float(sum(b.score for b in own) / len(own)),
                severity=fit.judges.get(judge) if fit.gate.corrected else None,
                difference=sum(raw) / len(raw) if raw else None,
                spread=spreads[judge],
                usual_spread=median(known) if known else None,
                agreement=_correlation([(mark, corrected) for mark, _others, corrected in pairs]),
                component=part[judge],
            )
        )
    return tuple(found)


def grey_zone(lines: Sequence[Line], places: int, *, errors: Mapping[Any, Decimal] | None = None) -> GreyZone | None:
    """Around the cut after `places` in one ranking; None when nobody or everybody is through.

    `errors` are standard errors on the scale of the scores, for rules that have none of their own.
    """
    ordered = sorted(lines, key=lambda line: (line.rank, line.entry))
    if not 0 < places < len(ordered):
        return None
    last, first = ordered[places - 1].score, ordered[places].score
    cut = (last + first) / 2
    doubt = {line.entry: line.error if errors is None else errors.get(line.entry) for line in ordered}
    near = [line.entry for line in ordered if abs(line.score - cut) <= (doubt[line.entry] or 0)]
    tied = [line.entry for line in ordered if last == first and line.score == last]
    return GreyZone(cut, tuple(near), tuple(tied))


def reconsider(ballots: Sequence[Ballot], *, limit: Decimal | int = RECONSIDER_FROM) -> tuple[Reconsideration, ...]:
    """Entries whose standard scores range over more than `limit`, widest first."""
    marks = standard_marks(ballots)
    found = []
    for entry, panel in by_entry(ballots).items():
        ordered = sorted(panel, key=lambda ballot: marks[entry, ballot.judge])
        spread = marks[entry, ordered[-1].judge] - marks[entry, ordered[0].judge]
        if spread > limit:
            found.append(Reconsideration(entry, shown(spread, 2), ordered[-1].judge, ordered[0].judge))
    return tuple(sorted(found, key=lambda line: (-line.spread, line.entry)))


def _spread(marks: Sequence[float]) -> float | None:
    return float(np.std(marks, ddof=1)) if len(marks) > 1 else None


def _beside_others(ballot: Ballot, panel: Sequence[Ballot], fit: Fit) -> tuple[float, float, float] | None:
    """(score, mean of the other judges of the entry, the same without their severity); None for a judge alone."""
    others = [other for other in panel if other.judge != ballot.judge]
    if not others:
        return None
    plain = float(sum(other.score for other in others) / len(others))
    return float(ballot.score), plain, plain - sum(fit.judges.get(o.judge, 0.0) for o in others) / len(others)


def _correlation(pairs: Sequence[tuple[float, float]]) -> float | None:
    if len(pairs) < FEWEST_TO_AGREE:
        return None
    one, other = np.array(pairs).T
    if np.ptp(one) == 0 or np.ptp(other) == 0:
        return None
    return float(np.corrcoef(one, other)[0, 1])
