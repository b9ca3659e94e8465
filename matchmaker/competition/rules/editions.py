"""What is fixed when a contest is announced: its rules as one document with a fingerprint, and its prizes."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from matchmaker.core.errors import Conflict, DomainError
from matchmaker.core.money import fen_from_wan, fen_from_yuan, yuan


@dataclass(frozen=True, slots=True)
class Prize:
    """A prize of a group, how many there are of it, and what each is worth in fen, if anything."""

    title: str
    places: int
    amount_fen: int | None = None

    @property
    def text(self) -> str:
        """As it is typed."""
        worth = "" if self.amount_fen is None else f" {yuan(self.amount_fen).normalize():f}元"
        return f"{self.title} {self.places}{worth}"


def prizes_of(text: str) -> tuple[Prize, ...]:
    """Read "一等奖 1；二等奖 2；三等奖 5"; raises DomainError naming the part that cannot be read."""
    prizes = [_prize(part.strip()) for part in re.split(r"[;；\n]", text) if part.strip()]
    if not prizes:
        raise DomainError("请写明奖项和名额，例如：一等奖 1；二等奖 2", field="prizes")
    if len({prize.title for prize in prizes}) < len(prizes):
        raise DomainError("奖项名称有重复，请改名", field="prizes")
    return tuple(prizes)


def _prize(part: str) -> Prize:
    found = re.fullmatch(r"(\D{1,20}?)[\s:：x×]*(\d{1,3})\s*[名个项]?(?:[\s,，每各]+([\d.,]{1,15})\s*(万?)元)?", part)
    if found is None or int(found[2]) < 1:
        raise DomainError("看不懂“{part}”，请写成“一等奖 1”或“一等奖 1 50000元”", field="prizes", part=part[:30])
    amount = None
    if found[3]:
        amount = (fen_from_wan if found[4] else fen_from_yuan)(found[3], field="prizes")
    return Prize(found[1].strip(), int(found[2]), amount)


def prize_document(prize: Prize) -> dict[str, Any]:
    """A prize as plain values; without an amount the same as before amounts were kept."""
    worth = {} if prize.amount_fen is None else {"amount_fen": prize.amount_fen}
    return {"title": prize.title, "places": prize.places, **worth}


def places(prizes: Sequence[Prize]) -> int:
    """How many entries can win."""
    return sum(prize.places for prize in prizes)


def prize_at(rank: int, prizes: Sequence[Prize]) -> Prize | None:
    """The prize of a rank; equal ranks share the prize, the places after them are used up."""
    last = 0
    for prize in prizes:
        last += prize.places
        if rank <= last:
            return prize
    return None


def fingerprint(document: Mapping[str, Any]) -> str:
    """SHA-256 of the rules as canonical JSON; anybody can recompute it from the published document."""
    return hashlib.sha256(canonical(document)).hexdigest()


def canonical(document: Mapping[str, Any]) -> bytes:
    """A document as the one text that its fingerprint is taken of: UTF-8 JSON, sorted keys, no spaces."""
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def check_announceable(*, deadline: datetime, now: datetime) -> None:
    """Nobody announces a contest that is already closed."""
    if deadline <= now:
        raise Conflict("报名截止时间已过，请先修改报名截止再发布")


def check_draft(announced: datetime | None) -> None:
    """Rules are fixed from the announcement on."""
    if announced is not None:
        raise Conflict("大赛已发布，规则已固定，不能再改；报名截止可以顺延")


def check_extension(*, old: datetime, new: datetime, now: datetime) -> None:
    """A deadline only moves later."""
    if new <= old or new <= now:
        raise DomainError("报名截止只能顺延，请填写比原截止更晚的时间", field="deadline")


def check_closed(*, deadline: datetime, now: datetime) -> None:
    """Screening starts when nobody can hand in any more."""
    if now <= deadline:
        raise Conflict("报名还没有截止，截止后才能转入审查")
