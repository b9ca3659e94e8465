"""The rule documents for mentors and envoys, kept as data in `seeds/reference/roster_rules.yaml`."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

import yaml
from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer

from matchmaker.core import paths
from matchmaker.rosters.rules.documents import RosterRules, in_force


@lru_cache(maxsize=1)
def rule_sets() -> tuple[RosterRules, ...]:
    """Every document, the oldest first."""
    text = (paths.resource_dir("seeds") / "reference" / "roster_rules.yaml").read_text(encoding="utf-8")
    return tuple(sorted((RosterRules.from_values(v) for v in yaml.safe_load(text)), key=lambda d: d.valid_from))


def rules_on(day: date) -> RosterRules:
    """The document in force on that day."""
    return in_force(rule_sets(), day)


def feed_link(user_id: int, nonce: str) -> str:
    """The signed part of the address of a person's calendar."""
    return str(_signer().dumps([user_id, nonce]))


def read_feed(text: str) -> tuple[int, str] | None:
    """(user id, nonce) of a calendar's address, or None when it was not made here."""
    try:
        user_id, nonce = _signer().loads(text[:300])
    except (BadSignature, ValueError, TypeError):
        return None
    return (user_id, nonce) if isinstance(user_id, int) and isinstance(nonce, str) else None


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="rosters.feed")
