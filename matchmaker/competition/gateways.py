"""The usual rules of a contest, read from the reference files; the signed links of invited judges."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import yaml
from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer

from matchmaker.core import paths


@lru_cache(maxsize=1)
def usual_rules() -> dict[str, Any]:
    """The entry rules, groups, rubrics and prizes that a new contest starts from; an organiser changes them there."""
    text = (paths.resource_dir("seeds") / "reference" / "contest_rules.yaml").read_text(encoding="utf-8")
    rules: dict[str, Any] = yaml.safe_load(text)
    return rules


def invitation_path(invitation: Any) -> str:
    """Where an invited judge answers; a new `nonce` makes all older links worthless."""
    return f"/contests/judge-invitations/{_signer().dumps([invitation.id, invitation.nonce])}"


def read_invitation(token: str) -> tuple[int, str] | None:
    """(invitation id, nonce) of a link, or None when it was not made here."""
    try:
        number, nonce = _signer().loads(token)
    except (BadSignature, ValueError, TypeError):
        return None
    return (number, nonce) if isinstance(number, int) and isinstance(nonce, str) else None


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="competition.judge")
