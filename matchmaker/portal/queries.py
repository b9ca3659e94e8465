"""What the front page and the desks read."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from matchmaker.competition.queries import contests
from matchmaker.core.db import db
from matchmaker.events import queries as events
from matchmaker.publicity import queries as publicity


def front_page(now: datetime) -> dict[str, Any]:
    """What is on, for everybody: events, contests that take entries, notices that run."""
    return {
        "events": db.session.execute(events.upcoming(now).limit(3)).unique().scalars().all(),
        "contests": db.session.execute(contests.open_at(now).limit(2)).unique().scalars().all(),
        "notices": db.session.execute(publicity.running(now).limit(5)).unique().scalars().all(),
    }


def worn_roles(viewer: Any, hat: str) -> frozenset[str]:
    """The roles of the desk: that of the hat, or all when none is chosen."""
    held = frozenset(role.value for role in viewer.roles)
    if hat.startswith("role:") and hat.removeprefix("role:") in held:
        return frozenset({hat.removeprefix("role:")})
    if hat.startswith("org:") and "member" in held:
        return frozenset({"member"})
    return held
