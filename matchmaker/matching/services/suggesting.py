"""Who fits a need: the index kept fresh, the best helpers with their reasons, and why others are set aside."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from flask import current_app

from matchmaker.core import clock
from matchmaker.directory.models import Person
from matchmaker.matching import encoding, gateways, queries
from matchmaker.matching.models import Need
from matchmaker.matching.rules import SUGGESTIONS, Barrier
from matchmaker.matching.services import nearest, vectors

if TYPE_CHECKING:
    from matchmaker.matching.engine.index import ProfileIndex
    from matchmaker.matching.engine.ranking import Ranking

REFIT_SHARE = 0.2  # of the index changed at once: term weights are learnt anew
REFIT_LEAST = 50


@dataclass(frozen=True)
class Suggestion:
    """One helper for a need: `explanation` as `encoding.snapshot` makes it."""

    person: Person
    explanation: dict[str, Any]
    state: str = ""  # of a live request or referral that already exists


@dataclass(frozen=True)
class SetAside:
    """Somebody who would stand among the best and may not."""

    person: Person
    barrier: Barrier


@dataclass(frozen=True)
class Suggestions:
    """The best helpers, and who was set aside."""

    best: Sequence[Suggestion]
    aside: Sequence[SetAside]
    engine: str = ""  # the model that compared meanings, in its version; empty where words alone decided
    learnt: bool = False  # by weights learnt from answers; the scores are chances


def suggest(need: Need, *, k: int = SUGGESTIONS) -> Suggestions:
    """The k best helpers for a need with reasons that add up. Raises DomainError where the need says nothing."""
    asked = encoding.need(need)
    with fresh_index() as index:
        ranking = _ranked(index, asked, k)
        explanations = index.explain(asked, ranking.matches)
        engine, learnt = index.engine, index.learnt is not None
    aside = [(int(key), barrier) for key, barrier in ranking.set_aside if barrier is not Barrier.WRONG_KIND]
    ids = [int(match.profile_id) for match in ranking.matches]
    people = queries.people([*ids, *(key for key, _barrier in aside)])
    return Suggestions(
        best=[
            Suggestion(people[int(found.profile_id)], encoding.snapshot(found))
            for found in explanations
            if int(found.profile_id) in people
        ],
        aside=[SetAside(people[key], barrier) for key, barrier in aside if key in people],
        engine=engine,
        learnt=learnt,
    )


def explain_pairs(need: Need, person_ids: Sequence[int]) -> dict[int, tuple[dict[str, Any], Barrier | None]]:
    """Score, reasons and barrier of chosen helpers, whatever their place; those who are no helpers are left out."""
    from matchmaker.matching.engine.profiles import barrier

    asked = encoding.need(need)
    profiles = {int(p.id): p for p in encoding.profiles(person_ids, today=clock.today())}
    with fresh_index() as index:
        found = [index.match(asked, str(key)) for key in person_ids if str(key) in index and key in profiles]
        explanations = index.explain(asked, found)
    return {
        int(each.profile_id): (encoding.snapshot(each), barrier(asked, profiles[int(each.profile_id)]))
        for each in explanations
    }


def _ranked(index: ProfileIndex, asked: Any, k: int) -> Ranking:
    """From all profiles in memory, or from those that PostgreSQL proposes and those that changed since it was asked."""
    if current_app.config["SETTINGS"].match_index == "pgvector" and nearest.available():
        version = nearest.built()
        changed = None if version is None else queries.changed_since(version, until=queries.stamp()[1])
        if changed is not None:
            from matchmaker.matching.engine.dense import Dense

            found = nearest.nearest(Dense(index).need(asked), nearest.SEARCHED)
            return index.among(asked, [*found, *map(str, sorted(changed))], k)
    return index.top(asked, k)


def build_nearness() -> int:
    """Write everybody's vector into PostgreSQL where the setting asks for it and something has changed."""
    if current_app.config["SETTINGS"].match_index != "pgvector" or not nearest.available():
        return 0
    version = queries.stamp()[1]
    if nearest.built() == version:
        return 0
    from matchmaker.matching.engine.dense import Dense

    with fresh_index() as index:
        return nearest.build(index.profiles(), Dense(index).profile, version=version)


def warm() -> None:
    """Read the profiles, so that the first suggestion of this process need not wait for it."""
    with fresh_index():
        pass


@contextmanager
def fresh_index() -> Iterator[ProfileIndex]:
    """The index as the database stands now, locked while in use."""
    holder = gateways.holder_of(current_app)
    with holder.lock:
        _refresh(holder)
        index = holder.index
        if index is None:
            raise RuntimeError("the index was not fitted")
        index.learnt = holder.learnt if holder.learnt_engine == index.engine else None
        yield index


def _refresh(holder: gateways.IndexHolder) -> None:
    epoch, version, switch = queries.stamp()
    today = clock.today()
    if (holder.epoch, holder.switch) != (epoch, switch):
        _switch(holder, switch)
    if holder.index is None or (holder.epoch, holder.day) != (epoch, today) or version < holder.version:
        _fit(holder, today)
    elif version > holder.version:
        changed = queries.changed_since(holder.version, until=version)
        if changed is None or len(changed) > max(REFIT_LEAST, REFIT_SHARE * len(holder.index)):
            _fit(holder, today)
        else:
            holder.change(encoding.profiles(changed, today=today), changed=changed)
            if holder.index.middle is not None and vectors.have_multiplied(holder.index.middle):
                _fit(holder, today)
    holder.stands_for(epoch=epoch, version=version, day=today)


def _switch(holder: gateways.IndexHolder, number: int) -> None:
    """Rank by what the latest switch says; every process finds it at its next query, without a statement of its own."""
    row = queries.in_force() if number else None
    if row is None or row.weights is None:
        holder.switch_to(number, None, engine="")
    else:
        holder.switch_to(number, encoding.chances(row.weights), engine=row.weights.engine)


def _fit(holder: gateways.IndexHolder, today: date) -> None:
    holder.fit(encoding.profiles(None, today=today), vectors.stored())
