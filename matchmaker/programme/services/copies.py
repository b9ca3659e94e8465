"""The programme comes along when an event is copied: rooms, speakers, sessions with free places."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from matchmaker.core.calendar import moved
from matchmaker.core.db import db
from matchmaker.events.models import Event
from matchmaker.events.rules import PoolKind
from matchmaker.events.services import pools
from matchmaker.files import services as files
from matchmaker.files.models import StoredFile
from matchmaker.files.rules import IMAGES
from matchmaker.programme import queries
from matchmaker.programme.models import Room, Session, SessionSpeaker, Speaker
from matchmaker.programme.rules import SessionState
from matchmaker.programme.services.people import OF_SPEAKER


@dataclass
class Again:
    """A kept file, taken in once more."""

    filename: str
    content: bytes

    def read(self, most: int = -1) -> bytes:
        """The content."""
        return self.content[:most] if most >= 0 else self.content


def copy(source: Event, copied: Event, shift: timedelta) -> None:
    """Rooms, speakers and sessions of `source` for `copied`, at the same time of day; cancelled ones stay behind."""
    rooms = {room.id: _room(room, copied) for room in queries.rooms_of(source.id)}
    speakers = {speaker.id: _speaker(speaker, copied) for speaker in queries.speakers_of(source.id)}
    for session in queries.sessions_of(source.id):
        if session.state is not SessionState.CANCELLED:
            _session(session, copied, shift=shift, rooms=rooms, speakers=speakers)
    db.session.flush()


def _room(room: Room, copied: Event) -> Room:
    new = Room(event_id=copied.id, name=room.name, name_en=room.name_en, capacity=room.capacity)
    db.session.add(new)
    return new


def _speaker(speaker: Speaker, copied: Event) -> Speaker:
    new = Speaker(event_id=copied.id, user_id=speaker.user_id, **{key: getattr(speaker, key) for key in OF_SPEAKER})
    db.session.add(new)
    db.session.flush()
    photo = db.session.get(StoredFile, speaker.photo_id) if speaker.photo_id else None
    if photo is not None:
        again = Again(photo.name, files.content_of(photo))
        new.photo_id = files.attach(again, subject=new, actor=None, purpose="photo", kinds=IMAGES).id
    return new


def _session(
    session: Session, copied: Event, *, shift: timedelta, rooms: dict[int, Room], speakers: dict[int, Speaker]
) -> None:
    db.session.flush()
    pool = session.pool
    places = (
        pools.add(copied, kind=PoolKind.SESSION, name=pool.name, name_en=pool.name_en, capacity=pool.capacity)
        if pool is not None
        else None
    )
    new = Session(
        event_id=copied.id,
        room_id=rooms[session.room_id].id if session.room_id is not None else None,
        starts=moved(session.starts, shift),
        ends=moved(session.ends, shift),
        pool=places,
        **{
            key: getattr(session, key)
            for key in ("title", "title_en", "abstract", "abstract_en", "kind", "state", "position")
        },
    )
    new.cast = [SessionSpeaker(speaker_id=speakers[row.speaker_id].id, role=row.role) for row in session.cast]
    db.session.add(new)
