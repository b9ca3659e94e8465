"""Kept explanations turned into words; reads only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from matchmaker.matching import encoding


def reasons(kept: dict[str, Any], translate: Callable[[str], str]) -> dict[str, Any]:
    """`score` and `shares` on the scale of 100 (they add up), `terms`, and one `sentence`."""
    return {
        "score": kept["score"],
        "terms": kept["terms"],
        "sentence": encoding.sentence(kept, translate),
        "shares": encoding.share_rows(kept, translate),
    }
