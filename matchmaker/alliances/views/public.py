"""What everybody sees: the alliances at work."""

from __future__ import annotations

from typing import Any

from matchmaker.alliances import queries
from matchmaker.alliances.views import bp
from matchmaker.core.db import db
from matchmaker.core.web import page, public


@bp.get("/")
@public
def index() -> Any:
    """The alliances at work, with their members."""
    rows = db.session.execute(queries.published().limit(100)).unique().scalars().all()
    return page("alliances/index.html", alliances=rows)
