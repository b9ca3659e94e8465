"""The signed link by which a helper answers without a password: bound to one request, replaced by a newer one."""

from __future__ import annotations

import hashlib
import secrets

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer

from matchmaker.core.db import db
from matchmaker.core.errors import Missing
from matchmaker.matching.models import HelpRequest

DEAD = "这个链接无效或已被新的链接代替，请打开最近收到的那一封"


def renew(request: HelpRequest) -> str:
    """A new secret for a request; links sent before stop working. Returns the token, of which a hash is kept."""
    nonce = secrets.token_urlsafe(24)
    request.link_hash = _hash(nonce)
    if request.id is None:
        db.session.flush()
    return str(_signer().dumps([request.id, nonce]))


def path_of(token: str) -> str:
    """Where the link leads on this site."""
    return f"/r/{token}"


def open_link(token: str) -> HelpRequest:
    """The request of a link, whatever its state. Raises Missing for a forged, damaged or replaced one."""
    try:
        request_id, nonce = _signer().loads(token[:300])
    except (BadSignature, ValueError, TypeError):
        raise Missing(DEAD) from None
    request = db.session.get(HelpRequest, int(request_id))
    kept = request.link_hash if request else None
    if request is None or kept is None or not secrets.compare_digest(kept, _hash(str(nonce))):
        raise Missing(DEAD)
    return request


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SETTINGS"].secret_key, salt="matching.help-request")


def _hash(nonce: str) -> str:
    return hashlib.sha256(nonce.encode()).hexdigest()
