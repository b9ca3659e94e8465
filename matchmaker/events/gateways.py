"""Signed links: a guest without an account opens and changes the own registration, and nothing else."""

from __future__ import annotations

from typing import Any

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer


def link_of(registration: Any) -> str:
    """The signed part of a guest's link; a new `nonce` makes all older links worthless."""
    return str(_signer().dumps([registration.id, registration.nonce]))


def read_link(text: str) -> tuple[int, str] | None:
    """(registration id, nonce) of a link, or None when it was not made here."""
    try:
        number, nonce = _signer().loads(text)
    except (BadSignature, ValueError, TypeError):
        return None
    return (number, nonce) if isinstance(number, int) and isinstance(nonce, str) else None


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="events.registration")
