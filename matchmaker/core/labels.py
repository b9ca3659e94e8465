"""Enumerations that carry their Chinese label and the tone in which a page shows them."""

from __future__ import annotations

from enum import StrEnum
from typing import Self

TONES = ("neutral", "wait", "good", "warn", "bad")


class Labelled(StrEnum):
    """A StrEnum whose members are written `NAME = "value", "中文"` or `NAME = "value", "中文", "tone"`.

    `label` is the Chinese text (a gettext id, translated where it is shown); `tone` is one of TONES.
    """

    label: str
    tone: str

    def __new__(cls, value: str, label: str = "", tone: str = "neutral") -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label or value
        if tone not in TONES:
            raise ValueError(f"{cls.__name__}.{value}: unknown tone {tone!r}")
        member.tone = tone
        return member
