"""Titles."""

from __future__ import annotations

from datetime import date
from itertools import count
from typing import Any

from matchmaker.core.db import transaction
from matchmaker.evaluation import services
from matchmaker.evaluation.models import Title
from matchmaker.evaluation.rules import PatentKind, TitleKind

_serial = count(1)


def a_title(kind: TitleKind = TitleKind.TECH_SME, **values: Any) -> Title:
    """A title of a firm that is not in the directory, granted in 2025."""
    given = {
        "region": "650105",
        "number": f"BH-{next(_serial):05}",
        "holder": "新疆示例科技有限公司",
        "valid_from": date(2025, 6, 1),
        "valid_to": date(2026, 12, 31),
        "subkind": PatentKind.INVENTION if kind is TitleKind.GRANTED_PATENT else None,
        **values,
    }
    with transaction():
        return services.record(actor=given.pop("actor", None), kind=kind, **given)
