"""The waiting list: who is next, and until when an offer stands."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from matchmaker.events.rules.vocabulary import RegistrationState, WaitingPolicy

LONGEST_OFFER = timedelta(days=14)


@dataclass(frozen=True)
class InLine:
    """One party that waits."""

    id: int
    joined: datetime
    party: int
    priority: int = 0


def drawn_key(seed: str, registration_id: int) -> str:
    """The place in a draw: whoever knows the seed can check it (SHA-256 of "seed:id")."""
    return hashlib.sha256(f"{seed}:{registration_id}".encode()).hexdigest()


def in_order(parties: Iterable[InLine], policy: WaitingPolicy, *, seed: str | None = None) -> list[InLine]:
    """The parties as they are served; a draw without a seed yet, like a pick by staff, shows them as they came."""
    if policy is WaitingPolicy.PRIORITY:
        return sorted(parties, key=lambda p: (-p.priority, p.joined, p.id))
    if policy is WaitingPolicy.DRAW and seed:
        return sorted(parties, key=lambda p: (drawn_key(seed, p.id), p.id))
    return sorted(parties, key=lambda p: (p.joined, p.id))


def offers_by_itself(policy: WaitingPolicy, *, seed: str | None) -> bool:
    """Are free places offered without a person choosing?"""
    return policy in {WaitingPolicy.FIRST_COME, WaitingPolicy.PRIORITY} or (
        policy is WaitingPolicy.DRAW and seed is not None
    )


def offer_until(*, now: datetime, hours: int, starts: datetime) -> datetime:
    """An offer stands some hours, and never beyond the start of the event."""
    return min(now + min(timedelta(hours=hours), LONGEST_OFFER), starts)


def standing(state: RegistrationState, offered_until: datetime | None, now: datetime) -> RegistrationState:
    """How a registration stands at that moment: an offer that ran out has lapsed, whether or not a job has run."""
    if state is RegistrationState.OFFERED and offered_until is not None and offered_until <= now:
        return RegistrationState.LAPSED
    return state
