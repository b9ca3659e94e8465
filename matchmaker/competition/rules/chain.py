"""The chain of marks: every digest covers its mark and the digest before it, so that nothing can be changed unnoticed.

The content of a link names entries and judges by their codes alone, so that a person can be erased and the chain holds.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

BEGINNING = "0" * 64  # what stands before the first link


@dataclass(frozen=True)
class Link:
    """A mark as it is stored."""

    sequence: int
    previous: str
    digest: str
    content: Mapping[str, Any]


@dataclass(frozen=True)
class Break:
    """The first place where a chain does not hold, and why."""

    sequence: int
    reason: str


def canonical(value: Any) -> bytes:
    """One way of writing a value, whoever writes it: JSON with sorted keys and no spaces, UTF-8."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def digest_of(content: Mapping[str, Any], previous: str) -> str:
    """SHA-256 over the content and the digest before it."""
    return hashlib.sha256(canonical({**content, "previous": previous})).hexdigest()


def comment_digest(comment: str, salt: str) -> str:
    """What stands for a comment; the salt keeps a short one from being found by trying."""
    return hashlib.sha256(f"{salt}\n{comment}".encode()).hexdigest()


def written(moment: datetime) -> str:
    """A moment as links write it."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def first_break(links: Iterable[Link], *, length: int, head: str) -> Break | None:
    """Follow the chain from its beginning to the head that the stage remembers."""
    before, expected = BEGINNING, 1
    for link in links:
        if link.sequence != expected:
            return Break(expected, "缺少这一条记录")
        if link.previous != before:
            return Break(link.sequence, "与前一条记录不相连")
        if digest_of(link.content, link.previous) != link.digest:
            return Break(link.sequence, "内容与指纹不符")
        before, expected = link.digest, expected + 1
    if expected - 1 != length or (length and before != head):
        return Break(expected, "记录的末尾与阶段所记的不符")
    return None
