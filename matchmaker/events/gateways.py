"""Signed links: a guest without an account opens and changes the own registration, and nothing else."""

from __future__ import annotations

from typing import Any

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer


def link_of(registration: Any) -> str:
    """The signed part of a guest's link; a new `nonce` makes all older links worthless."""
    return str(_signer("events.registration").dumps([registration.id, registration.nonce]))


def read_link(text: str) -> tuple[int, str] | None:
    """(registration id, nonce) of a link, or None when it was not made here."""
    return _read("events.registration", text)


def _signer(salt: str) -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt=salt)


def feed_link(feed: Any) -> str:
    """The signed part of the address of a person's calendar."""
    return str(_signer("events.feed").dumps([feed.user_id, feed.nonce]))


def read_feed(text: str) -> tuple[int, str] | None:
    """(user id, nonce) of a calendar's address, or None when it was not made here."""
    return _read("events.feed", text)


def _read(salt: str, text: str) -> tuple[int, str] | None:
    try:
        number, nonce = _signer(salt).loads(text)
    except (BadSignature, ValueError, TypeError):
        return None
    return (number, nonce) if isinstance(number, int) and isinstance(nonce, str) else None
