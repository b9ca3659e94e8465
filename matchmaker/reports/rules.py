"""Stages of the funnel, the splits, and the balance that must add up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from decimal import ROUND_HALF_UP, Decimal

from matchmaker.core.labels import Labelled


class Stage(Labelled):
    """How far a person has come."""

    INVITED = "invited", "受邀"
    REGISTERED = "registered", "已报名"
    APPROVED = "approved", "已通过"
    ATTENDED = "attended", "到场"
    SURVEYED = "surveyed", "已评价"


class Split(Labelled):
    """By what the funnel is split."""

    INDUSTRY = "industry", "行业"
    SOURCE = "source", "来源"
    GROUP = "group", "人群"


class PersonState(Labelled):
    """The one state that a person who registered is in."""

    SUBMITTED = "submitted", "待审核", "wait"
    WAITING = "waiting", "候补中", "wait"
    OFFERED = "offered", "候补待确认", "wait"
    COMING = "coming", "已通过，尚未到场", "good"
    ATTENDED = "attended", "已到场", "good"
    ABSENT = "absent", "未到场", "warn"
    REJECTED = "rejected", "未通过", "bad"
    LAPSED = "lapsed", "逾期未确认", "neutral"
    WITHDRAWN = "withdrawn", "已撤回", "neutral"
    CANCELLED = "cancelled", "已取消", "neutral"


@dataclass(frozen=True)
class Counts:
    """People at each stage."""

    invited: int = 0
    registered: int = 0
    approved: int = 0
    attended: int = 0
    surveyed: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    def at(self, stage: Stage) -> int:
        """The people at one stage."""
        return int(getattr(self, stage.value))

    def rate(self, stage: Stage) -> Decimal | None:
        """The share of a stage in the one before, in percent with one decimal, half up; None when nobody was there."""
        stages = list(Stage)
        place = stages.index(stage)
        if place == 0 or not self.at(stages[place - 1]):
            return None
        share = Decimal(100 * self.at(stage)) / self.at(stages[place - 1])
        return share.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)


@dataclass(frozen=True)
class Line:
    """One part of the split funnel. `key` is empty for people about whom nothing is known."""

    key: str
    counts: Counts


def summed(lines: Iterable[Line]) -> Counts:
    """All parts together."""
    return sum((line.counts for line in lines), Counts())


def gathered(parts: Mapping[Stage, Mapping[str, int]]) -> list[Line]:
    """Counts by stage and key as lines, the largest first; people without a key last."""
    keys = {key for counted in parts.values() for key in counted}
    lines = [
        Line(key, Counts(**{stage.value: counted.get(key, 0) for stage, counted in parts.items()})) for key in keys
    ]
    return sorted(lines, key=lambda line: (not line.key, -line.counts.registered, -line.counts.invited, line.key))


def person_state(registration_state: str, *, attended: bool) -> PersonState:
    """The one state of a person, from the registration they came with and whether a gate saw them.

    In a party somebody may stay away while the others came: then the person was absent, the party was not.
    """
    if attended:
        return PersonState.ATTENDED
    if registration_state == "approved":
        return PersonState.COMING
    if registration_state == "attended":
        return PersonState.ABSENT
    return PersonState(registration_state)
