"""The signed link by which a person of the host confirms without an account: one visit, some days, newest only."""

from __future__ import annotations

import hashlib
import secrets

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer

from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.errors import Missing
from matchmaker.envoys import rules
from matchmaker.envoys.models import EnvoyVisit

DEAD = "这个链接无效或已被新的链接代替，请打开最近收到的那一封"


def renew(visit: EnvoyVisit) -> str:
    """A new secret; links sent before stop working. Returns the path, of which a hash is kept."""
    nonce = secrets.token_urlsafe(24)
    visit.link_hash, visit.link_expires = _hash(nonce), clock.today() + rules.LINK_DAYS
    db.session.flush()
    return f"/v/{_signer().dumps([visit.id, nonce])}"


def open_link(token: str) -> EnvoyVisit:
    """The visit of a link. Raises Missing for a forged, damaged or replaced one, Conflict for one that is too old."""
    try:
        visit_id, nonce = _signer().loads(token[:300])
    except (BadSignature, ValueError, TypeError):
        raise Missing(DEAD) from None
    visit = db.session.get(EnvoyVisit, int(visit_id))
    if visit is None or visit.link_hash is None or not secrets.compare_digest(visit.link_hash, _hash(str(nonce))):
        raise Missing(DEAD)
    rules.check_link(expires=visit.link_expires, today=clock.today())
    return visit


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SETTINGS"].secret_key, salt="envoys.visit")


def _hash(nonce: str) -> str:
    return hashlib.sha256(nonce.encode()).hexdigest()
