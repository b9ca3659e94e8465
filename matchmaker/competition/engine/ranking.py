"""Five rules from ballots to published scores, and the ranks of those.

`mean` and `trimmed` are exact to the last step and shown with two places; `standard` is the mean of 50 + 10·z within
each judge's ballots, also with two; `calibrated` is the mixed model of `calibration`, with four; `scaled` the same with
each judge's gain and noise (`gains`). Ranks are decided on
what is shown: equal scores share the best rank.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from matchmaker.competition.engine.ballots import (
    Ballot,
    by_entry,
    by_judge,
    mean,
    shown,
    square_root,
    tracks_of,
)
from matchmaker.competition.rules.aggregation import TRIMMED_MINIMUM, drop_extremes
from matchmaker.core.errors import DomainError

if TYPE_CHECKING:
    from matchmaker.competition.engine.calibration import Fit
    from matchmaker.competition.engine.gains import Scales

PLACES, CALIBRATED_PLACES = 2, 4
FEWEST_FOR_STANDARD = 3
CENTRE, UNIT = Fraction(50), Fraction(10)


class Rule(StrEnum):
    MEAN = "mean"
    TRIMMED = "trimmed"
    STANDARD = "standard"
    CALIBRATED = "calibrated"
    SCALED = "scaled"


@dataclass(frozen=True, slots=True)
class Line:
    """An entry's published score, its standard error where the rule has one, and its rank within `track` or all."""

    entry: Any
    score: Decimal
    error: Decimal | None
    rank: int
    track: str = ""


@dataclass(frozen=True, slots=True)
class Ranking:
    """The lines in order of rank, judges whom the standard score could not place, and the model where there was one."""

    rule: Rule
    lines: tuple[Line, ...]
    unplaced: tuple[Any, ...] = ()
    fit: Fit | None = None
    scales: Scales | None = None

    @property
    def ranks(self) -> dict[Any, int]:
        return {line.entry: line.rank for line in self.lines}

    @property
    def scores(self) -> dict[Any, Decimal]:
        return {line.entry: line.score for line in self.lines}


def rank(ballots: Sequence[Ballot], rule: Rule, *, by_track: bool = False) -> Ranking:
    """Everybody's score by one rule, ranked over all or within each track. Raises DomainError naming the entry."""
    if rule in (Rule.CALIBRATED, Rule.SCALED):
        return calibrated(ballots, by_track=by_track, scaled=rule is Rule.SCALED)
    unplaced: tuple[Any, ...] = ()
    if rule is Rule.STANDARD:
        exact, unplaced = standard_scores(ballots)
        scores = {entry: shown(value, PLACES) for entry, value in exact.items()}
    else:
        marks = {entry: [ballot.score for ballot in panel] for entry, panel in by_entry(ballots).items()}
        count = mean if rule is Rule.MEAN else trimmed_mean
        check_panels(marks, rule)
        scores = {entry: shown(count(given), PLACES) for entry, given in marks.items()}
    return Ranking(rule, _lines(scores, {}, tracks_of(ballots) if by_track else {}), unplaced)


def calibrated(ballots: Sequence[Ballot], *, by_track: bool = False, scaled: bool = False) -> Ranking:
    """The mixed model over all ballots, whatever is ranked: a judge of two tracks is one judge. `scaled`: with each
    judge's gain and noise, where they are proved."""
    scales: Scales | None = None
    if scaled:
        from matchmaker.competition.engine.gains import calibrate_scales

        fit, scales = calibrate_scales(ballots)
    else:
        from matchmaker.competition.engine.calibration import calibrate  # the libraries that only this rule needs

        fit = calibrate(ballots)
    scores = {entry: shown(value, CALIBRATED_PLACES) for entry, value in fit.values.items()}
    errors = {entry: shown(error, CALIBRATED_PLACES) for entry, error in fit.errors.items()}
    lines = _lines(scores, errors, tracks_of(ballots) if by_track else {})
    return Ranking(Rule.SCALED if scaled else Rule.CALIBRATED, lines, fit=fit, scales=scales)


def check_panels(marks: dict[Any, list[Fraction]], rule: Rule) -> None:
    """Dropping a highest and a lowest takes four ballots."""
    for entry, given in marks.items():
        if rule is Rule.TRIMMED and len(given) < TRIMMED_MINIMUM:
            raise DomainError(
                "项目“{entry}”只有 {n} 份评分，去掉最高最低分至少需要 {least} 份，请补足评委或改用平均分",
                field="ballots",
                entry=entry,
                n=len(given),
                least=TRIMMED_MINIMUM,
            )


def trimmed_mean(marks: Sequence[Fraction]) -> Fraction:
    """The exact mean without one highest and one lowest."""
    return mean(drop_extremes(marks))


def standard_scores(ballots: Sequence[Ballot]) -> tuple[dict[Any, Fraction], tuple[Any, ...]]:
    """The mean standard score of each entry, and the judges whose ballots say nothing and count as 50."""
    marks = standard_marks(ballots)
    given = by_judge(ballots)
    unplaced = tuple(judge for judge, panel in given.items() if not _places(panel))
    scores = {
        entry: mean([marks[entry, ballot.judge] for ballot in panel]) for entry, panel in by_entry(ballots).items()
    }
    return scores, unplaced


def standard_marks(ballots: Sequence[Ballot]) -> dict[tuple[Any, Any], Fraction]:
    """Each ballot as 50 + 10 · (x − judge's mean) ÷ judge's standard deviation (divisor n − 1), by entry and judge."""
    found: dict[tuple[Any, Any], Fraction] = {}
    for panel in by_judge(ballots).values():
        centre = mean([ballot.score for ballot in panel])
        step = UNIT / _deviation(panel, centre) if _places(panel) else Fraction(0)
        for ballot in panel:
            found[ballot.entry, ballot.judge] = CENTRE + (ballot.score - centre) * step
    return found


def _places(panel: Sequence[Ballot]) -> bool:
    return len(panel) >= FEWEST_FOR_STANDARD and len({ballot.score for ballot in panel}) > 1


def _deviation(panel: Sequence[Ballot], centre: Fraction) -> Fraction:
    squares = sum(((ballot.score - centre) ** 2 for ballot in panel), Fraction(0))
    return square_root(squares / (len(panel) - 1))


def _lines(scores: dict[Any, Decimal], errors: dict[Any, Decimal], tracks: dict[Any, str]) -> tuple[Line, ...]:
    lines = []
    for track in sorted(set(tracks.values())) or [""]:
        within = [entry for entry in scores if tracks.get(entry, "") == track]
        ordered = sorted(within, key=lambda entry: (-scores[entry], entry))
        place: dict[Decimal, int] = {}
        for position, entry in enumerate(ordered, start=1):
            place.setdefault(scores[entry], position)
            lines.append(Line(entry, scores[entry], errors.get(entry), place[scores[entry]], track))
    return tuple(lines)
