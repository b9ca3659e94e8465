"""What the engine knows of a need and of a profile: plain, frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from matchmaker.core.errors import DomainError
from matchmaker.matching.engine import text as script
from matchmaker.matching.rules import Barrier, NeedKind

EMPTY_NEED = "请用一两句话说明需要什么帮助"
Tags = Mapping[str, frozenset[str]]
Numbers = Mapping[str, int]


@dataclass(frozen=True)
class Profile:
    """One helper, or one result on offer.

    documents : (text, weight) pairs, weight > 0; what the person states of themselves weighs more than a publication,
        a publication more than a service log
    tags : `field` (of the 8 high-tech fields), `industry` (GB/T 4754 codes such as C3911), `region` (GB/T 2260 codes)
    numbers : `ticket_min_fen`, `ticket_max_fen`, `secrecy` (highest level this person may see, 0 where none)
    organisations : keys of the units the person belongs to
    barriers : facts that rule the profile out for every need today (term ended, capacity used up, opted out)
    """

    id: str
    kind: str
    documents: tuple[tuple[str, float], ...]
    tags: Tags = field(default_factory=dict)
    numbers: Numbers = field(default_factory=dict)
    organisations: frozenset[str] = frozenset()
    barriers: tuple[Barrier, ...] = ()

    def __post_init__(self) -> None:
        if any(weight <= 0 for _, weight in self.documents):
            raise ValueError(f"profile {self.id}: every document needs a weight above 0")


@dataclass(frozen=True)
class Need:
    """What is asked for, with whom it may not be matched.

    tags : as in Profile; numbers : `amount_min_fen`, `amount_max_fen`, `secrecy` (level of the need)
    profile_kinds : kinds of profile that may be suggested; empty: all
    """

    text: str
    kind: NeedKind | None = None
    tags: Tags = field(default_factory=dict)
    numbers: Numbers = field(default_factory=dict)
    profile_kinds: frozenset[str] = frozenset()
    organisation: str | None = None
    recused: frozenset[str] = frozenset()
    declined_by: frozenset[str] = frozenset()

    @property
    def says_something(self) -> bool:
        """Has the text a word to compare (not empty, nor only emoji, punctuation or unseen signs)?"""
        return bool(script.runs(self.text))

    def check(self) -> None:
        """Raise DomainError where the text has no word to compare."""
        if not self.says_something:
            raise DomainError(EMPTY_NEED, field="text")


def barrier(need: Need, profile: Profile) -> Barrier | None:
    """The first hard rule that forbids this pair, or None."""
    if need.profile_kinds and profile.kind not in need.profile_kinds:
        return Barrier.WRONG_KIND
    if profile.id in need.recused:
        return Barrier.RECUSED
    if need.organisation is not None and need.organisation in profile.organisations:
        return Barrier.OWN_UNIT
    if profile.id in need.declined_by:
        return Barrier.DECLINED
    if need.numbers.get("secrecy", 0) > profile.numbers.get("secrecy", 0):
        return Barrier.SECRECY
    return profile.barriers[0] if profile.barriers else None
