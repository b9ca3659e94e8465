"""Options that may be chosen only so often."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from matchmaker.questionnaires.rules.definition import Definition, Field


@dataclass(frozen=True)
class Wanted:
    """What the owner of a form is asked to keep: a pool of so many places; `pool` is the one that is there already."""

    field_id: str
    option_id: str
    label: str
    label_en: str
    places: int
    pool: int | None


def wanted(definition: Definition) -> list[Wanted]:
    """Every option with limited places."""
    return [
        Wanted(field.id, option.id, f"{field.label}·{option.label}", option.label_en, option.places, option.pool)
        for field in definition.fields
        for option in field.options
        if option.places is not None
    ]


def with_pools(definition: Definition, pools: Mapping[str, int]) -> Definition:
    """The form whose options draw on these pools, by option id; the others on none."""

    def drawn(field: Field) -> Field:
        return replace(field, options=tuple(replace(option, pool=pools.get(option.id)) for option in field.options))

    return Definition(
        tuple(replace(section, fields=tuple(map(drawn, section.fields))) for section in definition.sections)
    )


def pools_of(definition: Definition) -> list[int]:
    """The pools that options draw on."""
    return sorted({o.pool for field in definition.fields for o in field.options if o.pool is not None})
