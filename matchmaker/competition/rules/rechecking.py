"""What may come of an accepted entry that amended entry rules no longer let pass by themselves."""

from __future__ import annotations

from matchmaker.core.errors import DomainError
from matchmaker.core.labels import Labelled


class Outcome(Labelled):
    OPEN = "open", "待决定", "warn"
    KEPT = "kept", "保留", "good"
    RETURNED = "returned", "退回补正", "wait"
    LAPSED = "lapsed", "不需决定", "neutral"  # a later amendment, or new records, let it pass again


def check_grounds(note: str) -> str:
    """Keeping an entry that the new rules question needs grounds."""
    if not note.strip():
        raise DomainError("请写明保留的理由", field="note")
    return note.strip()[:500]
