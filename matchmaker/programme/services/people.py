"""Rooms and speakers of an event."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from matchmaker.activity import services as activity
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict, DomainError
from matchmaker.events.models import Event
from matchmaker.files import services as files
from matchmaker.files.models import StoredFile
from matchmaker.files.rules import IMAGES
from matchmaker.programme import queries
from matchmaker.programme.models import Room, Session, SessionSpeaker, Speaker
from matchmaker.programme.services.planning import check_plans

OF_SPEAKER = (
    "name",
    "name_en",
    "position",
    "position_en",
    "organisation",
    "organisation_en",
    "bio",
    "bio_en",
)


def keep_room(
    event: Event, *, actor: Any, name: str, name_en: str | None, capacity: int | None, room: Room | None = None
) -> Room:
    """Add a room, or change one."""
    check_plans(actor, event)
    if capacity is not None and capacity < 1:
        raise DomainError("容纳人数至少为 1；不限就留空", field="capacity")
    if any(other.name == name and other is not room for other in queries.rooms_of(event.id)):
        raise Conflict("已有同名的场地", field="name")
    if room is None:
        room = Room(event_id=event.id)
        db.session.add(room)
    room.name, room.name_en, room.capacity = name, name_en or None, capacity
    db.session.flush()
    activity.record("programme.room_kept", subject=event, actor=actor, room=name, capacity=capacity)
    return room


def drop_room(room: Room, *, actor: Any) -> None:
    """Delete a room; its sessions go on without one."""
    check_plans(actor, room.event)
    db.session.execute(sa.update(Session).where(Session.room_id == room.id).values(room_id=None))
    activity.record("programme.room_dropped", subject=room.event, actor=actor, room=room.name)
    db.session.delete(room)
    db.session.flush()


def keep_speaker(
    event: Event, *, actor: Any, speaker: Speaker | None = None, photo: Any = None, **values: Any
) -> Speaker:
    """Add a speaker, or change one. A new `photo` replaces the old one."""
    check_plans(actor, event)
    if speaker is None:
        speaker = Speaker(event_id=event.id)
        db.session.add(speaker)
    for key in OF_SPEAKER:
        if key in values:
            setattr(speaker, key, values[key] or (None if key.endswith("_en") else ""))
    db.session.flush()
    if photo:
        old = speaker.photo_id
        speaker.photo_id = files.attach(
            photo, subject=speaker, actor=actor, purpose="photo", kinds=IMAGES, field="photo"
        ).id
        db.session.flush()
        _detach(old, actor=actor)
    activity.record("programme.speaker_kept", subject=event, actor=actor, speaker=speaker.id)
    return speaker


def drop_speaker(speaker: Speaker, *, actor: Any) -> None:
    """Take a speaker off the programme."""
    check_plans(actor, speaker.event)
    photo, event = speaker.photo_id, speaker.event
    db.session.execute(sa.delete(SessionSpeaker).where(SessionSpeaker.speaker_id == speaker.id))
    activity.record("programme.speaker_dropped", subject=event, actor=actor, speaker=speaker.id)
    db.session.delete(speaker)
    db.session.flush()
    _detach(photo, actor=actor)


def _detach(file_id: int | None, *, actor: Any) -> None:
    file = db.session.get(StoredFile, file_id) if file_id is not None else None
    if file is not None and file.subject_kind == Speaker.__tablename__:
        files.detach(file, actor=actor)


def forget(user: Any) -> None:
    """A person who spoke becomes nameless on the programme."""
    for speaker in db.session.execute(sa.select(Speaker).where(Speaker.user_id == user.id)).scalars():
        photo = speaker.photo_id
        speaker.name, speaker.name_en, speaker.user_id, speaker.photo_id = "已注销用户", None, None, None
        speaker.position = speaker.bio = ""
        speaker.position_en = speaker.bio_en = None
        db.session.flush()
        _detach(photo, actor=None)
