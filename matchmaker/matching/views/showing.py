"""A kept explanation as pages show it."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext

from matchmaker.matching.services import reading


def reasons(kept: dict[str, Any]) -> dict[str, Any]:
    """Sentence, terms, shares and score of an explanation in the reader's language; empty where none was kept."""
    return reading.reasons(kept, gettext) if kept.get("score") else {}
