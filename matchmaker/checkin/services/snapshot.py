"""What a gate takes offline: a signed head and blocks of guests, of which only the changed ones travel again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from matchmaker.checkin import gateways, queries
from matchmaker.checkin.models import Gate
from matchmaker.checkin.rules import GRACE, Pass, Standing, code_mark, past_of, phone_mark, standing_of
from matchmaker.core import clock

BLOCKS = 64
FEW = 500  # guests that travel as one block


def wiped_at(gate: Gate) -> datetime:
    """When a gate forgets its guests."""
    return gate.event.ends + GRACE


def public_key(gate: Gate) -> str:
    """What a page checks the signature with."""
    return gateways.public_key(gate.event_id)


def build(gate: Gate, *, have: Sequence[str] = ()) -> dict[str, Any]:
    """The snapshot of a gate: `etag`, `head` (text), `signature`, and the blocks whose hash does not
    begin as `have` says.

    A guest who may not come is a hash and a standing, nothing else.
    """
    guests = _guests(gate)
    number = 1 if len(guests) <= FEW else BLOCKS
    texts = [*_blocks(guests, number, key=0), *_blocks(_passes(gate), number, key=1)]
    marks = [hashlib.sha256(text.encode()).hexdigest()[:32] for text in texts]
    head = _head(gate, marks, len(guests))
    etag = hashlib.sha256(_text(head).encode()).hexdigest()[:32]
    signed = _text({**head, "made": milliseconds(clock.now())})
    known = list(have) if len(have) == len(marks) else [""] * len(marks)
    return {
        "etag": etag,
        "head": signed,
        "signature": gateways.sign(gate.event_id, signed),
        "blocks": {str(at): text for at, text in enumerate(texts) if marks[at][:8] != known[at]},
    }


def milliseconds(moment: datetime) -> int:
    """As phones count."""
    return round(moment.timestamp() * 1000)


def _head(gate: Gate, marks: list[str], count: int) -> dict[str, Any]:
    return {
        "format": 1,
        "event": gate.event_id,
        "gate": gate.id,
        "salt": gateways.salt_of(gate.event_id),
        "wipe": milliseconds(wiped_at(gate)),
        "count": count,
        "force": gate.may_force,
        "add": gate.may_add,
        "blocks": marks,
        "lists": [
            {"id": one.id, "name": one.name, "name_en": one.name_en, "rule": one.rule.written()} for one in gate.lists
        ],
        "audiences": [{"id": a.id, "name": a.name, "name_en": a.name_en} for a in gate.event.audiences],
    }


def _guests(gate: Gate) -> list[list[Any]]:
    salt = gateways.salt_of(gate.event_id)
    asked = {tag for one in gate.lists for way in one.rule.ways for tag in way.tags}
    tags = queries.tags_of_event(gate.event_id) if asked else {}
    pools = queries.pools_of_event(gate.event_id, {one.pool_id for one in gate.lists if one.pool_id})
    rows = []
    for number, name, phone, code, registration, state, audience, organisation in queries.guests(gate.event_id):
        standing = standing_of(state)
        if standing is not Standing.COMING:
            name = organisation = phone = ""
        rows.append(
            [
                number,
                name,
                organisation or "",
                audience,
                standing.value,
                code_mark(code, salt),
                phone_mark(phone, salt),
                [tag for tag in tags.get(registration, ()) if tag in asked],
                pools.get(registration, []),
            ]
        )
    return rows


def _passes(gate: Gate) -> list[list[Any]]:
    """[list, person, first entry, inside since] of everybody who passed."""
    found: dict[tuple[int, int], list[Pass]] = {}
    for list_id, attendee_id, direction, moment in queries.passes([one.id for one in gate.lists]):
        found.setdefault((list_id, attendee_id), []).append(Pass(direction, milliseconds(moment)))
    rows = []
    for (list_id, attendee_id), passes in sorted(found.items()):
        past = past_of(passes)
        rows.append([list_id, attendee_id, past.first, past.inside])
    return rows


def _blocks(rows: Iterable[list[Any]], number: int, *, key: int) -> list[str]:
    blocks: list[list[list[Any]]] = [[] for _ in range(number)]
    for row in rows:
        blocks[row[key] % number].append(row)
    return [_text(block) for block in blocks]


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
