"""What candidacies hold about a user, for their own download, and what is erased on request."""

from __future__ import annotations

from typing import Any

from matchmaker.candidacies import queries
from matchmaker.candidacies.rules import OPEN
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.rosters.rules import AppointmentState


def held(user: Any) -> dict[str, Any]:
    """Applications, JSON-ready."""
    rows = db.session.execute(queries.own(user)).unique().scalars()
    return {
        "candidacies": [
            {"kind": row.kind.value, "state": row.state.value, "statement": row.statement, "created": str(row.created)}
            for row in rows
        ]
    }


def forget(user: Any) -> None:
    """Words go, open applications are withdrawn; what was decided stays as the bureau's record."""
    for row in db.session.execute(queries.own(user)).unique().scalars():
        row.statement, row.recommendation = "", ""
        if row.state in OPEN:
            row.state = AppointmentState.WITHDRAWN
        if row.applicant_id == user.id:
            row.applicant_id = None
        row.updated = clock.now()
    db.session.flush()
