"""How the models are compared with a database: what is written into a script, and what counts as a difference."""

from __future__ import annotations

from typing import Any, Literal

import sqlalchemy as sa

from matchmaker.core.db import ExactNumber, UtcDateTime


def render_item(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Write our column types as what they are in SQL, so that old scripts need none of our code."""
    if kind != "type":
        return False
    if isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if isinstance(item, ExactNumber):
        return "sa.Numeric(20, 6).with_variant(sa.String(32), 'sqlite')"
    if isinstance(item, sa.Enum):
        return f"sa.String(length={item.length})"
    return False


def compare_type(
    _context: Any, _inspected: Any, _metadata: Any, inspected_type: Any, metadata_type: Any
) -> bool | None:
    """Our own types are stored as the plain ones above; let Alembic judge all others."""
    if isinstance(metadata_type, UtcDateTime | ExactNumber):
        return False
    if isinstance(metadata_type, sa.Enum):
        return not isinstance(inspected_type, sa.String)
    return None


def include_object(_object: Any, name: str | None, kind: str, _reflected: bool, _compare_to: Any) -> bool:
    """Everything but SQLite's own tables."""
    return not (kind == "table" and name is not None and name.startswith("sqlite_"))


OPTIONS: dict[str, Any] = {"compare_type": compare_type, "include_object": include_object}
