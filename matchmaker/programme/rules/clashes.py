"""What does not go together in a programme. Warnings only: the organiser may have reasons."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain

from matchmaker.core.labels import Labelled


class ClashKind(Labelled):
    """What is wrong, as a sentence to be filled."""

    ROOM = "room", "“{a}”与“{b}”同一时间都在“{where}”", "warn"
    SPEAKER = "speaker", "“{who}”同一时间既在“{a}”又在“{b}”", "warn"
    OUTSIDE = "outside", "“{a}”不在活动的起止时间之内", "warn"
    SMALL_ROOM = "small_room", "“{a}”有 {places} 个名额，“{where}”只坐得下 {room} 人", "warn"


@dataclass(frozen=True)
class Slot:
    """A session as the rules see it: when, where, who. A cancelled one is none."""

    id: int
    title: str
    starts: datetime
    ends: datetime
    room_id: int | None = None
    room: str = ""
    room_capacity: int | None = None
    people: Sequence[tuple[int, str]] = ()
    places: int | None = None


@dataclass(frozen=True)
class Frame:
    """When the event takes place."""

    starts: datetime
    ends: datetime


@dataclass(frozen=True)
class Clash:
    """One thing that does not go together, with the sessions concerned and the words of its sentence."""

    kind: ClashKind
    sessions: tuple[int, ...]
    values: dict[str, object] = field(hash=False, default_factory=dict)


def overlap(first: Slot, second: Slot) -> bool:
    """Do they share a moment? One that begins when the other ends does not."""
    return first.starts < second.ends and second.starts < first.ends


def clashes(slots: Iterable[Slot], frame: Frame | None = None) -> list[Clash]:
    """Everything that does not go together, in the order of the programme."""
    ordered = sorted(slots, key=lambda slot: (slot.starts, slot.id))
    alone = chain.from_iterable(_alone(slot, frame) for slot in ordered)
    return [*alone, *_rooms(ordered), *_speakers(ordered)]


def _alone(slot: Slot, frame: Frame | None) -> Iterator[Clash]:
    if frame is not None and (slot.starts < frame.starts or slot.ends > frame.ends):
        yield Clash(ClashKind.OUTSIDE, (slot.id,), {"a": slot.title})
    if slot.places is not None and slot.room_capacity is not None and slot.places > slot.room_capacity:
        values: dict[str, object] = {"places": slot.places, "room": slot.room_capacity}
        yield Clash(ClashKind.SMALL_ROOM, (slot.id,), {"a": slot.title, "where": slot.room, **values})


def _rooms(ordered: Sequence[Slot]) -> Iterator[Clash]:
    used: dict[int, list[Slot]] = defaultdict(list)
    for slot in ordered:
        if slot.room_id is not None:
            used[slot.room_id].append(slot)
    for slots in used.values():
        for a, b in _pairs(slots):
            yield Clash(ClashKind.ROOM, (a.id, b.id), {"a": a.title, "b": b.title, "where": a.room})


def _speakers(ordered: Sequence[Slot]) -> Iterator[Clash]:
    busy: dict[tuple[int, str], list[Slot]] = defaultdict(list)
    for slot in ordered:
        for person in dict.fromkeys(slot.people):
            busy[person].append(slot)
    for (_number, name), slots in busy.items():
        for a, b in _pairs(slots):
            yield Clash(ClashKind.SPEAKER, (a.id, b.id), {"who": name, "a": a.title, "b": b.title})


def _pairs(ordered: Sequence[Slot]) -> Iterator[tuple[Slot, Slot]]:
    """Overlapping pairs of sessions in the order of their start: only those that are not over yet are compared."""
    running: list[Slot] = []
    for slot in ordered:
        running = [earlier for earlier in running if earlier.ends > slot.starts]
        yield from ((earlier, slot) for earlier in running if overlap(earlier, slot))
        running.append(slot)
