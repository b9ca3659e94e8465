"""Traces of voters as keyed hashes: equal ones match, nobody without the site's secret can try them out."""

from __future__ import annotations

import hashlib
import hmac

from flask import current_app


def trace(vote_id: int, kind: str, text: str) -> str:
    """A keyed hash that means nothing outside of one vote."""
    key = hashlib.sha256(b"matchmaker voting " + current_app.config["SETTINGS"].secret_key.encode()).digest()
    return hmac.new(key, f"{vote_id}|{kind}|{text}".encode(), hashlib.sha256).hexdigest()
