"""What the rosters hold about a user, for their own download, and what is erased on request."""

from __future__ import annotations

from typing import Any

from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.rosters import queries
from matchmaker.rosters.services import feeds


def held(user: Any) -> dict[str, Any]:
    """Appointments, one's own words and services, JSON-ready."""
    person = db.session.execute(queries.person_of(user.id)).scalar_one_or_none()
    if person is None:
        return {}
    profile = queries.profile_of(person.id)
    return {
        "appointments": [
            {"kind": row.kind.value, "document": row.document, "starts": str(row.starts), "ends": str(row.ends)}
            for row in db.session.execute(queries.of_person(person.id)).scalars()
        ],
        "expertise": profile.expertise if profile else "",
        "services": [
            {"served": str(row.served), "minutes": row.minutes, "content": row.content}
            for row in db.session.execute(queries.records_of_person(person.id)).scalars()
        ],
    }


def forget(user: Any) -> None:
    """Take the person's words away and suggest them no more; appointments are the bureau's record and stay."""
    person = db.session.execute(queries.person_of(user.id)).scalar_one_or_none()
    profile = queries.profile_of(person.id) if person else None
    feeds.revoke(user)
    if profile is not None:
        profile.expertise, profile.opted_out, profile.updated = "", True, clock.now()
        db.session.flush()
