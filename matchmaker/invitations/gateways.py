"""Signed personal links: whoever holds one answers that one invitation, and nothing else."""

from __future__ import annotations

from typing import Any

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer


def token_of(invitation: Any) -> str:
    """The signed part of a personal link; a new `nonce` makes all older links worthless."""
    return str(_signer().dumps([invitation.id, invitation.nonce]))


def path_of(invitation: Any) -> str:
    """Where the guest answers."""
    return f"/invitations/i/{token_of(invitation)}"


def read_token(text: str) -> tuple[int, str] | None:
    """(invitation id, nonce) of a link, or None when it was not made here."""
    try:
        number, nonce = _signer().loads(text)
    except (BadSignature, ValueError, TypeError):
        return None
    return (number, nonce) if isinstance(number, int) and isinstance(nonce, str) else None


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="invitations.link")
