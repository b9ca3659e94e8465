"""An entry as it was handed in, each time; and back to the last one when it was taken back and not handed in again."""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa

from matchmaker.activity import services as activity
from matchmaker.competition.models import Entry, EntryFile, EntryVersion
from matchmaker.competition.rules.states import EntryState
from matchmaker.competition.services import checks, teams
from matchmaker.core import clock
from matchmaker.core.db import db

KEPT = (
    "group_id", "track_id", "organisation_id", "team_name", "title", "summary", "leader", "phone", "email",
    "revenue_fen", "listed", "sme_number", "hnte_number", "hnte_valid_to", "ip_clear", "good_record", "mark",
)  # fmt: skip


def keep(entry: Entry, *, actor: Any) -> EntryVersion:
    """Append what is handed in now."""
    db.session.flush()
    entry.versions += 1
    row = EntryVersion(
        entry_id=entry.id,
        number=entry.versions,
        moment=entry.submitted,
        late=entry.late,
        actor_id=actor.id,
        data={
            **{key: _plain(getattr(entry, key)) for key in KEPT},
            "members": entry.members,
            "files": [file.id for file in entry.files],
        },
    )
    db.session.add(row)
    return row


def of(entry: Entry) -> list[EntryVersion]:
    """All versions, the latest first."""
    statement = sa.select(EntryVersion).where(EntryVersion.entry_id == entry.id).order_by(EntryVersion.number.desc())
    return list(db.session.execute(statement).scalars())


def put_back(entry: Entry) -> None:
    """Make the entry what it was when it was last handed in; nobody loses a place by an unfinished change."""
    last = of(entry)[0]
    for key in KEPT:
        value = last.data.get(key)
        setattr(entry, key, date.fromisoformat(value) if key == "hnte_valid_to" and value else value)
    for name in ("group", "track", "organisation"):
        db.session.expire(entry, [name])
    teams.keep(entry, last.data["members"])
    _put_files_back(entry, set(last.data["files"]))
    entry.state, entry.submitted, entry.late = EntryState.SUBMITTED, last.moment, last.late
    entry.reason = None
    db.session.flush()
    teams.ask(entry, actor=entry.user)
    checks.refresh(entry)
    activity.record("competition.entry_put_back", subject=entry, actor=None, number=last.number)


def _put_files_back(entry: Entry, wanted: set[int]) -> None:
    now = clock.now()
    rows = db.session.execute(sa.select(EntryFile).where(EntryFile.entry_id == entry.id)).unique().scalars()
    for row in rows:
        row.dropped = None if row.id in wanted else (row.dropped or now)
    db.session.flush()
    db.session.expire(entry, ["files"])


def forget(entry: Entry) -> None:
    """Take the names and numbers out of what was handed in; versions are otherwise never changed."""
    for row in of(entry):
        data = {**row.data, "phone": "", "email": ""}
        if entry.organisation_id is None:
            data |= {
                "leader": "已注销",
                "members": [{"name": "已注销", "phone": "", "email": ""} for _m in row.data["members"]],
            }
        db.session.execute(sa.update(EntryVersion).where(EntryVersion.id == row.id).values(data=data))


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
