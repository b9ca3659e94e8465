"""Rounds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matchmaker.core.db import transaction
from matchmaker.directory.models import Person
from matchmaker.matching.models import Need
from matchmaker.rounds.models import MatchRound
from matchmaker.rounds.rules import Aim
from matchmaker.rounds.services import planning, rounds


def a_round(needs: Sequence[Need], helpers: Sequence[Person], *, actor: Any, **values: Any) -> MatchRound:
    """A planned draft, made the way handlers make one."""
    given = {
        "title": "春季对接",
        "region": "650105",
        "per_need": 1,
        "per_helper": 1,
        "floor": 0,
        "aim": Aim.SUM,
        "message": "请看看能否帮忙",
        **values,
    }
    with transaction():
        row = rounds.create(
            actor=actor, needs=[need.id for need in needs], helpers=[person.id for person in helpers], **given
        )
        planning.plan(row, actor=actor)
        return row
