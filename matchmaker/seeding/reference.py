"""The published lists and the plan, each by its natural key."""

from __future__ import annotations

from typing import Any

from matchmaker.directory.services import reference
from matchmaker.publicity.services import calendars
from matchmaker.seeding import gateways


def load_regions() -> int:
    """GB/T 2260."""
    return _items("regions")


def load_industries() -> int:
    """GB/T 4754-2017."""
    return _items("industries", "level")


def load_disciplines() -> int:
    """GB/T 13745-2009, first level."""
    return _items("disciplines")


def load_high_tech_fields() -> int:
    """国家重点支持的高新技术领域."""
    return _items("high_tech_fields")


def load_key_industries() -> int:
    """The district's key industries."""
    return _items("key_industries", "plan_line", "industries")


def load_workdays() -> int:
    """Holidays and make-up days as the State Council announced them."""
    return calendars.load_workdays(gateways.rows("reference", "workdays"))


def _items(name: str, *extra: str) -> int:
    return reference.load_items(name, (_item(row, extra) for row in gateways.rows("reference", name)))


def _item(row: dict[str, str], extra: tuple[str, ...]) -> dict[str, Any]:
    return {
        "code": row["code"],
        "name_zh": row["name_zh"],
        "name_en": row["name_en"],
        "parent": row.get("parent") or None,
        "data": {key: row[key] for key in extra},
    }
