"""Candidates from PostgreSQL: an HNSW index over one vector a helper (extension `vector`).

The table is made by `build` and belongs to the search alone: it can be dropped and built again at any time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib.util import find_spec
from typing import TYPE_CHECKING

import sqlalchemy as sa

from matchmaker.core.db import db

if TYPE_CHECKING:
    import numpy as np

    from matchmaker.matching.engine.profiles import Profile

TABLE = "profile_nearness"
AT_ONCE = 500
DIMENSIONS = 1664  # see `engine.dense`
SEARCHED = 400  # neighbours that a query of the graph looks at: more finds more and takes longer

MAKE = f"""
CREATE TABLE IF NOT EXISTS {TABLE} (
  profile_id varchar(40) PRIMARY KEY, nearness vector({DIMENSIONS}) NOT NULL, version bigint NOT NULL)
"""
INDEX = f"CREATE INDEX IF NOT EXISTS ix_{TABLE} ON {TABLE} USING hnsw (nearness vector_ip_ops)"
PUT = f"""
INSERT INTO {TABLE} (profile_id, nearness, version) VALUES (:id, CAST(:row AS vector), :version)
"""  # noqa: S608 - a constant, no input
NEAREST = f"SELECT profile_id FROM {TABLE} ORDER BY nearness <#> CAST(:row AS vector) LIMIT :count"  # noqa: S608


def available() -> bool:
    """Whether this database has the extension, installed or installable, and this program the extra `pgvector`."""
    if db.engine.dialect.name != "postgresql" or find_spec("pgvector") is None:
        return False
    statement = sa.text("SELECT 1 FROM pg_available_extensions WHERE name = 'vector'")
    return db.session.execute(statement).first() is not None


def build(profiles: Iterable[Profile], vector_of: Callable[[Profile], np.ndarray], *, version: int) -> int:
    """Fill the table with everybody as of a version of the profiles; inside a transaction."""
    db.session.execute(sa.text("CREATE EXTENSION IF NOT EXISTS vector"))
    db.session.execute(sa.text(f"DROP TABLE IF EXISTS {TABLE}"))
    db.session.execute(sa.text(MAKE))
    rows = [{"id": profile.id, "row": _written(vector_of(profile)), "version": version} for profile in profiles]
    for start in range(0, len(rows), AT_ONCE):
        db.session.execute(sa.text(PUT), rows[start : start + AT_ONCE])
    db.session.execute(sa.text(INDEX))
    return len(rows)


def built() -> int | None:
    """The version of the profiles that the table stands for; None where there is none."""
    if db.session.execute(sa.text("SELECT to_regclass(:name)"), {"name": TABLE}).scalar() is None:
        return None
    found = db.session.execute(sa.text(f"SELECT max(version) FROM {TABLE}")).scalar()  # noqa: S608
    return None if found is None else int(found)


def nearest(vector: np.ndarray, count: int) -> list[str]:
    """The ids of the nearest profiles, nearest first."""
    db.session.execute(sa.text(f"SET LOCAL hnsw.ef_search = {max(SEARCHED, min(count, 1000))}"))
    rows = db.session.execute(sa.text(NEAREST), {"row": _written(vector), "count": count})
    return [str(row[0]) for row in rows]


def _written(row: np.ndarray) -> str:
    from pgvector import Vector

    return str(Vector(row.round(4)).to_text())
