"""What is erased of a person in envoys' service."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from matchmaker.core.db import db
from matchmaker.envoys.models import EnvoyRelation, EnvoyVisit
from matchmaker.rosters import queries as rosters


def forget(user: Any) -> None:
    """Declared relatives and the confirmer's name go; that a visit took place stays in the record of service."""
    db.session.execute(
        sa.update(EnvoyVisit).where(EnvoyVisit.confirmer_id == user.id).values(confirmer_name="已注销用户")
    )
    person = db.session.execute(rosters.person_of(user.id)).scalar_one_or_none()
    if person is not None:
        db.session.execute(sa.delete(EnvoyRelation).where(EnvoyRelation.person_id == person.id))
    db.session.flush()
