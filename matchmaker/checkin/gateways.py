"""Keys of check-in, one pair per event, derived from the site's secret: they sign what a gate takes offline."""

from __future__ import annotations

import base64
import hashlib

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import current_app

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of P-256


def salt_of(event_id: int) -> str:
    """The salt of an event's hashes."""
    return _derive(event_id, "salt", 16).hex()


def public_key(event_id: int) -> str:
    """The public key in base64 (SubjectPublicKeyInfo), as browsers import it."""
    der = (
        _key(event_id)
        .public_key()
        .public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    return base64.b64encode(der).decode()


def sign(event_id: int, text: str) -> str:
    """ECDSA over P-256 with SHA-256 in base64, r and s side by side, as browsers verify it."""
    r, s = decode_dss_signature(_key(event_id).sign(text.encode(), ec.ECDSA(hashes.SHA256())))
    return base64.b64encode(r.to_bytes(32, "big") + s.to_bytes(32, "big")).decode()


def gate_code_hash(code: str) -> str:
    """What the database keeps of a gate code."""
    return hashlib.blake2b(code.encode(), key=_derive(0, "gate-code", 32), digest_size=32).hexdigest()


def _key(event_id: int) -> ec.EllipticCurvePrivateKey:
    number = int.from_bytes(_derive(event_id, "key", 48), "big") % (ORDER - 1) + 1
    return ec.derive_private_key(number, ec.SECP256R1())


def _derive(event_id: int, purpose: str, length: int) -> bytes:
    secret = current_app.config["SECRET_KEY"].encode()
    info = f"checkin:{event_id}:{purpose}".encode()
    return HKDF(algorithm=hashes.SHA256(), length=length, salt=None, info=info).derive(secret)
