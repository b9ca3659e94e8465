"""Many answered requests at once, with what was known of each pair when it was suggested."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import sqlalchemy as sa

from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.directory.models import Person
from matchmaker.matching.models import HelpRequest, Need
from matchmaker.matching.rules import DeclineReason, NeedKind, NeedState, RequestState, Secrecy

PEOPLE = 20
LEARNABLE = {"text": 6.0, "field": 2.0}  # log odds
START = -3.0


def answers(
    n: int,
    *,
    owner: Any,
    weights: dict[str, float] = LEARNABLE,
    reason: DeclineReason = DeclineReason.NOT_MY_FIELD,
    seed: int = 1,
    engine: str = "",
    **need: Any,
) -> None:
    """n requests of different pairs, accepted by known odds and declined otherwise, one a minute."""
    dice, first = np.random.default_rng(seed), clock.now() - timedelta(days=100)
    people = _people()
    with transaction() as session:
        needs = [_need(owner, first, **need) for _ in range(-(-n // PEOPLE))]
        session.add_all(needs)
        session.flush()
        rows = []
        for number in range(n):
            parts = {"text": float(dice.random()), "field": float(dice.integers(2)), "region": float(dice.random())}
            odds = START + sum(weight * parts[part] for part, weight in weights.items())
            yes = bool(dice.random() < 1 / (1 + np.exp(-odds)))
            moment = first + timedelta(minutes=number)
            rows.append(
                {
                    "region": "650105",
                    "need_id": needs[number // PEOPLE].id,
                    "person_id": people[number % PEOPLE],
                    "asked_by_id": owner.id,
                    "state": RequestState.ACCEPTED if yes else RequestState.DECLINED,
                    "message": "",
                    "asked": moment,
                    "expires": moment + timedelta(days=14),
                    "answered": moment,
                    "reason": None if yes else reason,
                    "note": "",
                    "explanation": {"basis": {"parts": parts, "weights": {}, "engine": engine, "learnt": 0}},
                }
            )
        session.execute(sa.insert(HelpRequest), rows)


def _people() -> list[int]:
    """Some people of the directory who are no helpers."""
    from tests.factories.directory import a_person

    found = list(db.session.execute(sa.select(Person.id).where(Person.name == "答复人")).scalars())
    return found or [a_person(name="答复人").id for _ in range(PEOPLE)]


def _need(owner: Any, moment: datetime, **values: Any) -> Need:
    given: dict[str, Any] = {"secrecy": Secrecy.OPEN, "demo": False, **values}
    return Need(
        region="650105",
        user_id=owner.id,
        kind=NeedKind.TECHNICAL,
        state=NeedState.CLOSED,
        title="早先的需求",
        text="早先的需求",
        created=moment,
        updated=moment,
        **given,
    )
