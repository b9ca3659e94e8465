"""May this person pass? One pure function; `static/js/features/checkin_rules.js` says the same word for word.

Moments are whole milliseconds since 1970, as phones count them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from matchmaker.checkin.rules.vocabulary import Direction, Reason, Repeat, Standing


@dataclass(frozen=True)
class Way:
    """One way in: for these groups and tags (empty: all), in this window (None: open)."""

    audiences: tuple[int, ...] = ()
    tags: tuple[str, ...] = ()
    opens: int | None = None
    closes: int | None = None


@dataclass(frozen=True)
class ListRule:
    """The rules of one list: any way in is enough; `pool` is the session a person must have signed up for."""

    repeat: Repeat = Repeat.ONCE
    pool: int | None = None
    ways: tuple[Way, ...] = (Way(),)

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> ListRule:
        """From the JSON that is stored and sent to gates."""
        ways = tuple(
            Way(tuple(w.get("audiences", ())), tuple(w.get("tags", ())), w.get("opens"), w.get("closes"))
            for w in data.get("ways") or [{}]
        )
        return cls(Repeat(data.get("repeat", Repeat.ONCE.value)), data.get("pool"), ways)

    def written(self) -> dict[str, Any]:
        """As JSON."""
        ways = [
            {"audiences": list(w.audiences), "tags": list(w.tags), "opens": w.opens, "closes": w.closes}
            for w in self.ways
        ]
        return {"repeat": self.repeat.value, "pool": self.pool, "ways": ways}


@dataclass(frozen=True)
class Guest:
    """What a rule may ask of a person."""

    standing: Standing
    audience: int
    tags: tuple[str, ...] = ()
    pools: tuple[int, ...] = ()


@dataclass(frozen=True)
class Pass:
    """One accepted scan of a person on a list."""

    direction: Direction
    moment: int


@dataclass(frozen=True)
class Past:
    """What matters of earlier passes: the first entry, and whether the person is inside since when."""

    first: int | None = None
    inside: int | None = None


@dataclass(frozen=True)
class Verdict:
    """Yes or no with the nearest reason; `time` and `tags` fill its sentence."""

    accepted: bool
    reason: Reason
    time: int | None = None
    tags: tuple[str, ...] = ()


def past_of(passes: Iterable[Pass]) -> Past:
    """Earlier passes in the order of their moments, drawn together; at one moment an exit comes before an entry."""
    first = inside = None
    for one in sorted(passes, key=lambda p: (p.moment, p.direction is Direction.IN)):
        if one.direction is Direction.IN:
            first = one.moment if first is None else first
            inside = one.moment
        else:
            inside = None
    return Past(first, inside)


def verdict(rule: ListRule, guest: Guest | None, past: Past, direction: Direction, moment: int) -> Verdict:
    """Accepted, or refused with the reason that is nearest to being overcome."""
    if guest is None:
        return Verdict(False, Reason.UNKNOWN)
    if direction is Direction.OUT:
        return Verdict(True, Reason.GOODBYE) if past.inside is not None else Verdict(False, Reason.OUTSIDE)
    if guest.standing is not Standing.COMING:
        return Verdict(False, Reason(guest.standing.value))
    if rule.pool is not None and rule.pool not in guest.pools:
        return Verdict(False, Reason.NO_SESSION)
    nearest = _nearest(rule, guest, moment)
    if nearest is not None:
        return nearest
    if rule.repeat is Repeat.ONCE and past.first is not None:
        return Verdict(False, Reason.ALREADY, past.first)
    if rule.repeat is Repeat.AFTER_EXIT and past.inside is not None:
        return Verdict(False, Reason.INSIDE, past.inside)
    return Verdict(True, Reason.WELCOME)


def _nearest(rule: ListRule, guest: Guest, moment: int) -> Verdict | None:
    """None when a way is open; else the first obstacle of the way with the fewest, then the shortest in time."""
    best: tuple[int, int, Verdict] | None = None
    for way in rule.ways:
        found, distance = _obstacles(way, guest, moment)
        if not found:
            return None
        if best is None or (len(found), distance) < best[:2]:
            best = (len(found), distance, found[0])
    return best[2] if best else None


def _obstacles(way: Way, guest: Guest, moment: int) -> tuple[list[Verdict], int]:
    found: list[Verdict] = []
    distance = 0
    if way.audiences and guest.audience not in way.audiences:
        found.append(Verdict(False, Reason.AUDIENCE))
    if way.tags and not set(way.tags) & set(guest.tags):
        found.append(Verdict(False, Reason.TAG, tags=way.tags))
    if way.opens is not None and moment < way.opens:
        found.append(Verdict(False, Reason.EARLY, way.opens))
        distance = way.opens - moment
    elif way.closes is not None and moment > way.closes:
        found.append(Verdict(False, Reason.LATE, way.closes))
        distance = moment - way.closes
    return found, distance
