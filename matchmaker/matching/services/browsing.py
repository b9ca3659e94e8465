"""The other direction: open needs ranked for one helper, by the same engine and the same hard rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.directory.models import Person
from matchmaker.matching import encoding, queries, rules
from matchmaker.matching.models import Need
from matchmaker.matching.rules import Barrier
from matchmaker.matching.rules.talks import BROWSED_NEEDS
from matchmaker.matching.services import suggesting

if TYPE_CHECKING:
    from matchmaker.matching.engine.ranking import Match

# What stops a helper from answering anything today; the page says so once instead of hiding every need.
PERSONAL = frozenset({Barrier.TERM_ENDED, Barrier.OPTED_OUT, Barrier.NO_CAPACITY})


@dataclass(frozen=True)
class Found:
    """A need with its reasons for one helper."""

    need: Need
    explanation: dict[str, Any]


@dataclass(frozen=True)
class Browsed:
    """What a helper may look through, best first; `hindrance`: why they could not help with any of it today."""

    found: Sequence[Found]
    hindrance: Barrier | None = None
    below: int = 0  # open needs that have hardly anything in common with this helper and are left out


def for_helper(person: Person, *, k: int = BROWSED_NEEDS, only: int | None = None) -> Browsed:
    """The k open needs that fit a helper best and at all; `only`: that one need, whatever its place or score."""
    from matchmaker.matching.engine.profiles import barrier

    profile = next(iter(encoding.profiles([person.id], today=clock.today())), None)
    if profile is None:
        return Browsed([], Barrier.WRONG_KIND)
    hindrance = next((each for each in profile.barriers if each in PERSONAL), None)
    rows = db.session.execute(queries.open_to(person, only=only)).unique().scalars().all()
    own = queries.recused_needs(person)
    asked = {
        row.id: encoding.need(row, recused=frozenset({person.id}) if own(row) else frozenset(), declined_by=frozenset())
        for row in rows
    }
    fitting = [row for row in rows if (found := barrier(asked[row.id], profile)) is None or found in PERSONAL]
    with suggesting.fresh_index() as index:
        if profile.id not in index:
            return Browsed([], hindrance or Barrier.WRONG_KIND)
        matches = [(row, index.match(asked[row.id], profile.id)) for row in fitting]
        shown = [pair for pair in matches if pair[1].evidence > 0 and (only or fits(pair[1]))]
        best = sorted(shown, key=lambda pair: (-pair[1].score, pair[0].id))
        explained = [Found(row, encoding.snapshot(index.explain(asked[row.id], [match])[0])) for row, match in best[:k]]
    return Browsed(explained, hindrance, below=len(matches) - len(shown))


def fits(match: Match) -> bool:
    """Is a need worth showing to a helper? In points, by the weights set by hand, whatever ranks at present."""
    from matchmaker.matching.engine.ranking import by_hand

    return rules.points_of([], score=by_hand(match.text, match.features))[0] >= rules.LEAST_POINTS
