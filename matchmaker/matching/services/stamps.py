"""Noting whose profile changed, in the transaction of the change.

What a profile is made of belongs to features that do not know of matching (people and their documents, the rosters),
and files bring thousands of rows through loaders of many hands. So the database session itself is watched: whatever
writes such a row is noticed, and every process rereads it at its next query.
"""

from __future__ import annotations

import secrets
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, Session

from matchmaker.core.db import db
from matchmaker.directory.models import Person, PersonDocument
from matchmaker.matching.models import ProfileChange, ProfileStamp
from matchmaker.rosters.models import Appointment, HelperProfile, InvestorProfile

WATCHED = (Person, PersonDocument, Appointment, HelperProfile, InvestorProfile)
BULK = {Person, PersonDocument, Appointment, InvestorProfile}  # places are taken by UPDATE: `touch` names the person
KEY = "matching.changed"
MOST = 200  # more people than this at once: all are read again
KEPT = 2000  # versions


def init() -> None:
    """Watch all sessions; asking twice watches once."""
    for name, listener in (("after_flush", _note), ("do_orm_execute", _note_bulk), ("before_commit", _write)):
        if not event.contains(Session, name, listener):
            event.listen(Session, name, listener)


def touch(person_id: int) -> None:
    """Say that a profile changed by a statement that nobody could watch."""
    db.session().info.setdefault(KEY, set()).add(person_id)


def forget_old() -> int:
    """Drop changes that every process has read long since."""
    newest = sa.select(sa.func.coalesce(sa.func.max(ProfileStamp.version), 0)).scalar_subquery()
    gone = db.session.execute(sa.delete(ProfileChange).where(ProfileChange.version < newest - KEPT))
    return int(gone.rowcount)  # type: ignore[attr-defined]


def _note(session: Session, _context: Any) -> None:
    for row in (*session.new, *session.dirty, *session.deleted):
        if isinstance(row, WATCHED):
            person_id = row.id if isinstance(row, Person) else row.person_id
            session.info.setdefault(KEY, set()).add(person_id)


def _note_bulk(state: ORMExecuteState) -> None:
    if not (state.is_insert or state.is_update or state.is_delete):
        return
    mapper = state.bind_mapper
    if mapper is not None and mapper.class_ in BULK:
        state.session.info.setdefault(KEY, set()).add(None)


def _write(session: Session) -> None:
    if session.in_nested_transaction():
        return
    session.flush()
    changed = session.info.pop(KEY, None)
    if not changed:
        return
    people = [None] if None in changed or len(changed) > MOST else sorted(changed)
    connection = session.connection()
    version = _next_version(connection)
    connection.execute(sa.insert(ProfileChange), [{"version": version, "person_id": person} for person in people])


def _next_version(connection: sa.Connection) -> int:
    """Raise the counter; the row stays locked until the commit, so versions follow the order of commits."""
    raised = sa.update(ProfileStamp).where(ProfileStamp.id == 1).values(version=ProfileStamp.version + 1)
    if connection.execute(raised).rowcount == 0:
        first = sa.text("INSERT INTO profile_stamps (id, epoch, version) VALUES (1, :epoch, 0) ON CONFLICT DO NOTHING")
        connection.execute(first, {"epoch": secrets.token_hex(8)})
        connection.execute(raised)
    return int(connection.execute(sa.select(ProfileStamp.version)).scalar_one())
