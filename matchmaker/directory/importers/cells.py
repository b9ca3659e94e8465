"""Reads the cells of directory files: codes and names of the code tables, lists, numbers, money."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from matchmaker.core import money
from matchmaker.core.errors import DomainError
from matchmaker.core.folding import clean_text, digits, fold
from matchmaker.directory import taxonomy
from matchmaker.directory.rules import OrganisationKind

PARTS = re.compile(r"[;；、|\n]+")
LONGEST_NAME = 200


def text(limit: int) -> Callable[[Any], str]:
    """Text of at most `limit` signs."""

    def parse(cell: Any) -> str:
        typed = clean_text(cell if isinstance(cell, str) else "、".join(cell))
        if len(typed) > limit:
            raise DomainError("有 {n} 个字，最多 {limit} 个字", n=len(typed), limit=limit)
        return typed

    return parse


def parts(cell: Any) -> list[str]:
    """A list as JSON gives it, or a text parted by semicolons or 、."""
    raw = cell if isinstance(cell, list) else PARTS.split(cell)
    return [clean_text(part) for part in raw if clean_text(part)]


def codes(table: str) -> Callable[[Any], list[str]]:
    """Codes or names of a reference table, several in a cell."""
    return lambda cell: [taxonomy.code_of(table, part) for part in parts(cell)]


def code(table: str) -> Callable[[Any], str]:
    """One code or name of a reference table."""
    return lambda cell: taxonomy.code_of(table, str(cell))


def kind(cell: Any) -> OrganisationKind:
    """A kind of organisation by its value or its Chinese name."""
    wanted = fold(str(cell))
    for member in OrganisationKind:
        if wanted in (member.value, fold(member.label)):
            return member
    raise ValueError(cell)


def stock_code(cell: Any) -> str:
    """A securities code: letters and digits."""
    typed = fold(str(cell)).upper()
    if not re.fullmatch(r"[0-9A-Z][0-9A-Z.]{3,18}", typed):
        raise ValueError(cell)
    return typed


def exchange(cell: Any) -> str:
    """The name of a stock exchange; a day there means that the row is shifted."""
    typed = clean_text(str(cell))
    if any(sign.isdigit() for sign in typed) or len(typed) > 60:
        raise ValueError(cell)
    return typed


def whole_number(cell: Any) -> int:
    """A count; 1,234 and full-width digits are understood."""
    try:
        number = Decimal(fold(str(cell)).replace(",", ""))
    except InvalidOperation as error:
        raise ValueError(cell) from error
    if number != number.to_integral_value() or not 0 <= number < 10**9:
        raise ValueError(cell)
    return int(number)


def wan(cell: Any) -> int:
    """万元 as fen."""
    return money.fen_from_wan(str(cell))


def phone(cell: Any) -> str:
    """A phone number's digits, with the extension's dash dropped."""
    number = digits(str(cell))
    if not 5 <= len(number) <= 20:
        raise ValueError(cell)
    return number


def email(cell: Any) -> str:
    """A mail address in its folded form."""
    typed = fold(str(cell))
    if not re.fullmatch(r"[^@\s]{1,64}@[^@\s]+\.[^@\s]+", typed) or len(typed) > 254:
        raise ValueError(cell)
    return typed
