"""Reading what a gate sends: one scan or one walk-in, checked in shape only."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from matchmaker.checkin.rules.vocabulary import Direction, Reason
from matchmaker.core import folding
from matchmaker.core.errors import DomainError

NONCE = re.compile(r"[A-Za-z0-9_-]{16,40}")
EARLIEST, LATEST = 946_684_800_000, 4_102_444_800_000  # the years 2000 and 2100
LARGEST_ID = 2**31 - 1


@dataclass(frozen=True)
class Item:
    """One entry of a gate's queue. `shown`: what the phone told the steward; None while it asks."""

    nonce: str
    list_id: int
    direction: Direction
    at: int | None
    offset: int | None
    shown: bool | None
    code: str = ""
    attendee_id: int | None = None
    reason: Reason | None = None
    forced: bool = False
    force_reason: str = ""
    walk_in: WalkIn | None = None


@dataclass(frozen=True)
class WalkIn:
    """Somebody who came without a registration."""

    name: str
    phone: str = ""
    organisation: str = ""
    audience_id: int | None = None


def nonce_of(data: Any) -> str:
    """The nonce under which an entry is answered; empty when there is none."""
    nonce = data.get("nonce") if isinstance(data, Mapping) else None
    return nonce if isinstance(nonce, str) and NONCE.fullmatch(nonce) else ""


def read_item(data: Any) -> Item:
    """One entry as it came; DomainError when it makes no sense."""
    if not nonce_of(data):
        raise DomainError("这条记录缺少编号，不能上传")
    list_id, shown = _number(data.get("list"), LARGEST_ID), data.get("shown")
    if list_id is None or not (shown is None or isinstance(shown, bool)):
        raise DomainError("这条记录不完整，不能上传")
    at = _number(data.get("at"), LATEST)
    return Item(
        nonce=data["nonce"],
        list_id=list_id,
        direction=Direction.OUT if data.get("direction") == Direction.OUT.value else Direction.IN,
        at=at if at is not None and at >= EARLIEST else None,
        offset=_number(data.get("offset"), LATEST),
        shown=shown,
        code=_text(data.get("code"), 64),
        attendee_id=_number(data.get("attendee"), LARGEST_ID),
        reason=Reason(data["reason"]) if data.get("reason") in {r.value for r in Reason} else None,
        forced=data.get("forced") is True,
        force_reason=_text(data.get("force_reason"), 200),
        walk_in=_walk_in(data.get("walk_in")),
    )


def _walk_in(data: Any) -> WalkIn | None:
    if data is None:
        return None
    if not isinstance(data, Mapping) or not _text(data.get("name"), 60):
        raise DomainError("请填写现场登记的姓名")
    phone = "".join(char for char in folding.digits(_text(data.get("phone"), 30)) if char.isdigit())
    if phone and not 7 <= len(phone) <= 15:
        raise DomainError("电话不对，应为 11 位手机号，或留空")
    return WalkIn(
        name=_text(data.get("name"), 60),
        phone=phone,
        organisation=_text(data.get("organisation"), 200),
        audience_id=_number(data.get("audience"), LARGEST_ID),
    )


def _number(value: Any, most: int) -> int | None:
    """A whole number within reason; a phone may send 12.0."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not -most <= value <= most:
        return None
    return int(value)


def _text(value: Any, most: int) -> str:
    return folding.clean_text(value)[:most] if isinstance(value, str) else ""
