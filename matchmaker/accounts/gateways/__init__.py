"""Secrets: password hashes, random tokens, keyed hashes, sealed text."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import pyotp
import segno
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from cryptography.fernet import Fernet
from flask import current_app


@lru_cache(maxsize=2)
def _hasher(cost: str) -> PasswordHasher:
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1) if cost == "cheap" else PasswordHasher()


def _cost() -> str:
    return str(current_app.config["SETTINGS"].password_cost)


def hash_password(password: str) -> str:
    """Argon2id with the library's recommended cost."""
    return _hasher(_cost()).hash(password)


@lru_cache(maxsize=2)
def _decoy(cost: str) -> str:
    return _hasher(cost).hash(secrets.token_urlsafe())


def verify_password(password_hash: str | None, password: str) -> bool:
    """True when it fits; without a hash the same work is done, so that time tells nothing about accounts."""
    try:
        _hasher(_cost()).verify(password_hash or _decoy(_cost()), password)
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def new_token() -> str:
    """256 random bits for a cookie or a link."""
    return secrets.token_urlsafe(32)


def new_code() -> str:
    """Six random digits for a phone or a mail."""
    return f"{secrets.randbelow(1_000_000):06d}"


def token_hash(token: str) -> str:
    """What the database keeps of a token of high entropy."""
    return hashlib.sha256(token.encode()).hexdigest()


def keyed_hash(text: str) -> str:
    """A keyed hash: equal texts match, nobody without the key can try them out."""
    return hmac.new(_key(), text.encode(), hashlib.sha256).hexdigest()


def seal(text: str) -> str:
    """Encrypt a short text (id number, second-factor secret)."""
    return _fernet().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """Decrypt what `seal` made."""
    return _fernet().decrypt(sealed.encode()).decode()


def _key() -> bytes:
    settings = current_app.config["SETTINGS"]
    if settings.pii_key:
        return base64.b64decode(settings.pii_key)
    return hashlib.sha256(b"matchmaker pii " + settings.secret_key.encode()).digest()


def _fernet() -> Fernet:
    return Fernet(base64.urlsafe_b64encode(_key()))


def new_totp_secret() -> str:
    """The shared secret of an authenticator app."""
    return pyotp.random_base32()


def totp_step(secret: str, code: str, now: datetime) -> int | None:
    """The half-minute whose code this is, one before or after the present one; None when it fits none."""
    if not (code.isascii() and code.isdigit() and len(code) == 6):
        return None
    present, app = int(now.timestamp()) // 30, pyotp.TOTP(secret)
    fitting = [step for step in (present - 1, present, present + 1) if hmac.compare_digest(app.at(step * 30), code)]
    return fitting[-1] if fitting else None


def totp_address(secret: str, *, account: str, issuer: str) -> str:
    """The address an authenticator app reads from the picture."""
    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=issuer)


def qr_picture(text: str) -> str:
    """A QR code as an SVG picture in a data address."""
    return str(segno.make(text, error="m").svg_data_uri(scale=4, dark="#000", light="#fff"))


@dataclass(frozen=True)
class Terms:
    """How long the site's settings keep things."""

    log_days: int
    idle_minutes: int


def terms() -> Terms:
    """The terms of the running site; the log is never kept shorter than six months."""
    settings = current_app.config["SETTINGS"]
    return Terms(log_days=max(settings.log_retention_days, 184), idle_minutes=settings.idle_minutes)
