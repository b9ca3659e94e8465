"""What if another rule had been announced, or one judge had not sat: who would still win."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matchmaker.competition.engine.ballots import Ballot, by_judge
from matchmaker.competition.engine.ranking import Ranking, Rule, rank
from matchmaker.core.errors import DomainError


@dataclass(frozen=True, slots=True)
class Variant:
    """One change: another `rule`, or the same without `without`. `ranking` is None when it cannot be counted.

    `gained` and `lost` are the entries that come to win and that stop winning; `unscored` had this judge alone.
    """

    rule: Rule
    without: Any | None
    ranking: Ranking | None
    gained: tuple[Any, ...] = ()
    lost: tuple[Any, ...] = ()
    unscored: tuple[Any, ...] = ()

    @property
    def changes(self) -> bool:
        return bool(self.gained or self.lost)


@dataclass(frozen=True, slots=True)
class WhatIf:
    """The announced ranking beside its variants; `stable` are the winners of every variant that can be counted."""

    ranking: Ranking
    winners: tuple[Any, ...]
    variants: tuple[Variant, ...]
    stable: tuple[Any, ...]


def what_if(ballots: Sequence[Ballot], *, rule: Rule, places: int, by_track: bool = False) -> WhatIf:
    """Every other rule, and the announced one without each judge in turn; `places` win (in each track, `by_track`)."""
    ranking = rank(ballots, rule, by_track=by_track)
    winning = winners(ranking, places)
    variants = [
        _variant(ballots, winning, rule=other, without=None, places=places, by_track=by_track)
        for other in Rule
        if other is not rule
    ]
    variants += [
        _variant(ballots, winning, rule=rule, without=judge, places=places, by_track=by_track)
        for judge in by_judge(ballots)
    ]
    stable = [entry for entry in winning if all(entry not in variant.lost for variant in variants)]
    return WhatIf(ranking, winning, tuple(variants), tuple(stable))


def winners(ranking: Ranking, places: int) -> tuple[Any, ...]:
    """Those on the first places of each ranking, all who tie for the last of them included."""
    return tuple(line.entry for line in ranking.lines if line.rank <= places)


def _variant(
    ballots: Sequence[Ballot],
    winning: tuple[Any, ...],
    *,
    rule: Rule,
    without: Any | None,
    places: int,
    by_track: bool,
) -> Variant:
    kept = [ballot for ballot in ballots if without is None or ballot.judge != without]
    scored = {ballot.entry for ballot in kept}
    unscored = tuple(sorted({ballot.entry for ballot in ballots} - scored))
    try:
        ranking = rank(kept, rule, by_track=by_track) if kept else None
    except DomainError:  # too few ballots left to drop the extremes of an entry
        ranking = None
    if ranking is None:
        return Variant(rule, without, None, unscored=unscored)
    now = winners(ranking, places)
    gained = tuple(entry for entry in now if entry not in winning)
    lost = tuple(entry for entry in winning if entry not in now)
    return Variant(rule, without, ranking, gained, lost, unscored)
