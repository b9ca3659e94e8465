"""Finds templates/, static/ and seeds/ in a checkout and in an installed wheel alike."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent


def resource_dir(name: str) -> Path:
    """The folder `name` carried by the wheel (`matchmaker/_data/<name>`), else the one of the checkout."""
    carried = PACKAGE / "_data" / name
    return carried if carried.is_dir() else PACKAGE.parent / name


def package_dir() -> Path:
    """The folder of the package itself."""
    return PACKAGE


def is_checkout() -> bool:
    """True in a working copy, False in an installed wheel."""
    return not (PACKAGE / "_data").is_dir()
