"""Who looks: the few questions that features below `accounts` may ask of a person."""

from __future__ import annotations

from typing import Any, Protocol

import sqlalchemy as sa

from matchmaker.core.regions import region_prefix


class Viewer(Protocol):
    """A signed-in person, an API token's owner, or nobody."""

    id: int
    is_authenticated: bool

    def has(self, permission: str) -> bool:
        """May this person do this kind of thing at all?"""

    @property
    def region_codes(self) -> frozenset[str]:
        """The regions a staff member works for; empty for everybody else."""

    @property
    def organisation_ids(self) -> frozenset[int]:
        """The organisations this person belongs to."""


class Nobody:
    """The viewer of a request without a sign-in."""

    id = 0
    name = ""
    is_authenticated = False
    is_active = False
    is_anonymous = True
    region_codes: frozenset[str] = frozenset()
    organisation_ids: frozenset[int] = frozenset()

    def has(self, permission: str) -> bool:
        return False

    def get_id(self) -> None:
        return None


def in_regions(column: Any, viewer: Viewer) -> sa.ColumnElement[bool]:
    """The rows of a staff member's regions and their children; nothing for who has none."""
    return sa.or_(sa.false(), *(column.like(region_prefix(code) + "%") for code in sorted(viewer.region_codes)))
