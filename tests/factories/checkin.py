"""Lists, gates, codes and what gates report."""

from __future__ import annotations

import secrets
from typing import Any

from matchmaker.checkin.models import CheckinList, Gate, GateCode
from matchmaker.checkin.rules import Direction
from matchmaker.checkin.rules.items import Item, WalkIn
from matchmaker.checkin.services import scanning, setup
from matchmaker.checkin.services.snapshot import milliseconds
from matchmaker.core import clock
from matchmaker.core.db import transaction
from matchmaker.events.models import Event


def a_list(event: Event, *, actor: Any, name: str = "入场", **values: Any) -> CheckinList:
    """A list of an event; everybody once, unless told otherwise."""
    with transaction():
        return setup.save_list(None, event=event, actor=actor, name=name, **values)


def a_gate(event: Event, *, actor: Any, lists: Any = None, name: str = "东门", **values: Any) -> Gate:
    """A gate with the given lists, or a new one."""
    lists = lists or [a_list(event, actor=actor)]
    with transaction():
        return setup.save_gate(None, event=event, actor=actor, name=name, list_ids=[x.id for x in lists], **values)


def a_code(gate: Gate, *, actor: Any) -> tuple[GateCode, str]:
    """A code that opens the gate, and its text."""
    with transaction():
        return setup.new_gate_code_for(gate, actor=actor)


def an_item(gate: Gate, code: str = "", **values: Any) -> Item:
    """One scan as the page sends it."""
    given: dict[str, Any] = {
        "nonce": secrets.token_urlsafe(18),
        "list_id": gate.lists[0].id,
        "direction": Direction.IN,
        "at": milliseconds(clock.now()),
        "offset": None,
        "shown": None,
        **values,
    }
    return Item(code=code, **given)


def a_walk_in(gate: Gate, name: str, **values: Any) -> Item:
    """Somebody without a registration."""
    return an_item(gate, walk_in=WalkIn(name=name), **values)


def hand_in(gate: Gate, *items: Item, phone_now: int | None = None, device: str = "手机 1") -> list[scanning.Taken]:
    """Sync as the view does."""
    with transaction():
        return scanning.sync(gate, items, phone_now=phone_now, by=scanning.By(device=device))
