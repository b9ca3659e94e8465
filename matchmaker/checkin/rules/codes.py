"""Hashes of ticket codes and phone digits for offline gates, and the short codes that open a gate."""

from __future__ import annotations

import hashlib
import re
import secrets
import unicodedata

SIGNS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
GATE_CODE_LENGTH = 8


def code_mark(code: str, salt: str) -> str:
    """What a snapshot keeps instead of a code: 60 random bits cannot be found by trying."""
    return hashlib.sha256(f"{salt}:code:{code}".encode()).hexdigest()[:32]


def phone_mark(phone: str, salt: str) -> str:
    """What a snapshot keeps instead of the last four digits; empty without a number.

    Ten thousand possibilities are quickly tried: this keeps digits from being read, not from being guessed.
    """
    digits = "".join(char for char in phone if char.isascii() and char.isdigit())
    if len(digits) < 4:
        return ""
    return hashlib.sha256(f"{salt}:phone:{digits[-4:]}".encode()).hexdigest()[:16]


def new_gate_code() -> str:
    """Eight signs, 40 random bits."""
    return "".join(secrets.choice(SIGNS) for _ in range(GATE_CODE_LENGTH))


def normal_gate_code(text: str) -> str:
    """As typed by people → as stored: upper case, no spaces or dashes."""
    return re.sub(r"[\s\-]", "", unicodedata.normalize("NFKC", text[:100])).upper()
