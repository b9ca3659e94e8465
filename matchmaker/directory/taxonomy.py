"""The code tables that organisations are described by: key industries, high-tech fields, industry classes, regions."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from functools import lru_cache

from matchmaker.core import paths
from matchmaker.core.folding import fold


@lru_cache(maxsize=8)
def names(table: str) -> dict[str, str]:
    """The Chinese names of a reference table by code, in the order of the file."""
    path = paths.resource_dir("seeds") / "reference" / f"{table}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return {row["code"]: row["name_zh"] for row in csv.DictReader(file, strict=True)}


@lru_cache(maxsize=8)
def english_names(table: str) -> dict[str, str]:
    """The English names of a reference table by code."""
    path = paths.resource_dir("seeds") / "reference" / f"{table}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return {row["code"]: row["name_en"] for row in csv.DictReader(file, strict=True)}


def shown(table: str, codes: Iterable[str], *, locale: str = "zh") -> str:
    """The names of some codes in one string; an unknown code stands for itself."""
    known = english_names(table) if locale == "en" else names(table)
    return ("; " if locale == "en" else "、").join(known.get(code, code) for code in codes)


def code_of(table: str, text: str) -> str:
    """The code that a code or name as typed means. Raises ValueError."""
    wanted = fold(text)
    for code, name in names(table).items():
        if wanted in (fold(code), fold(name)):
            return code
    raise ValueError(text)
