"""Signed links: whoever has one may answer once, for one person, and nothing else."""

from __future__ import annotations

from typing import Any

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer


def link_of(invitation: Any) -> str:
    """The signed part of a link to answer."""
    return str(_signer().dumps([invitation.id, invitation.nonce]))


def read_link(text: str) -> tuple[int, str] | None:
    """(invitation id, nonce) of a link, or None when it was not made here."""
    try:
        number, nonce = _signer().loads(text)
    except (BadSignature, ValueError, TypeError):
        return None
    return (number, nonce) if isinstance(number, int) and isinstance(nonce, str) else None


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="surveys.invitation")
