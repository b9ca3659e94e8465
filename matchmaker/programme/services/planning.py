"""Planning sessions: adding, changing, moving, calling off and deleting them; who signed up is told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.exc import IntegrityError

from matchmaker.activity import services as activity
from matchmaker.core import clock
from matchmaker.core.calendar import china_today
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.events.models import Event, SeatPool
from matchmaker.events.rules import HOLDING, PoolKind
from matchmaker.events.services import pools
from matchmaker.events.services.telling import tell
from matchmaker.programme import access, queries
from matchmaker.programme.models import Room, Session, SessionSpeaker, Speaker
from matchmaker.programme.rules import SessionState, SpeakerRole

TEXTS = ("title", "title_en", "abstract", "abstract_en", "kind", "state")
LONGEST = timedelta(hours=24)
MOST_MINUTES = 24 * 60


def add(event: Event, *, actor: Any, places: int | None = None, **values: Any) -> Session:
    """A new session; with `places`, registered people sign up for it."""
    check_plans(actor, event)
    _check_times(values["starts"], values["ends"])
    session = Session(
        event_id=event.id,
        starts=values["starts"],
        ends=values["ends"],
        room_id=_room(event, values.get("room_id")),
        **{key: values[key] for key in TEXTS if key in values},
    )
    db.session.add(session)
    _set_cast(session, values.get("cast") or {})
    db.session.flush()
    _set_places(session, event, places)
    activity.record("programme.added", subject=session, actor=actor, event=event.id, title=session.title)
    return session


def edit(session: Session, *, actor: Any, places: int | None = None, **values: Any) -> int:
    """Change a session; another time or room is told to those who signed up. Returns how many were told."""
    check_plans(actor, session.event)
    _check_times(values["starts"], values["ends"])
    before = _where_and_when(session)
    for key in TEXTS:
        if key in values:
            setattr(session, key, values[key])
    session.starts, session.ends = values["starts"], values["ends"]
    session.room_id = _room(session.event, values.get("room_id"))
    if "cast" in values:
        _set_cast(session, values["cast"] or {})
    told = 0
    if places is None and session.pool is not None:
        told = _end_sign_up(session, "programme/mail/sign_up_ended")
    else:
        _set_places(session, session.event, places)
    db.session.flush()
    db.session.refresh(session, ["room"])
    after = _where_and_when(session)
    activity.record("programme.changed", subject=session, actor=actor, before=before, after=after, title=session.title)
    if before != after and session.state is not SessionState.CANCELLED:
        told += _tell(session, "programme/mail/moved")
    return told


def postpone(session: Session, *, actor: Any, minutes: int, following: bool = False) -> list[Session]:
    """Move a session, and with `following` all later ones of the same day, by some minutes; returns the moved ones."""
    check_plans(actor, session.event)
    if not minutes or abs(minutes) > MOST_MINUTES:
        raise DomainError("请填写 1 到 {most} 之间的分钟数，提前用负数", field="minutes", most=MOST_MINUTES)
    moved = [session]
    if following:
        day = china_today(session.starts)
        later = (row for row in queries.sessions_of(session.event_id) if row.starts >= session.starts)
        moved = [row for row in later if china_today(row.starts) == day]
    for row in moved:
        before = _where_and_when(row)
        row.starts, row.ends = row.starts + timedelta(minutes=minutes), row.ends + timedelta(minutes=minutes)
        after = _where_and_when(row)
        activity.record("programme.changed", subject=row, actor=actor, before=before, after=after, title=row.title)
    db.session.flush()
    for row in moved:
        if row.state is not SessionState.CANCELLED:
            _tell(row, "programme/mail/moved")
    return moved


def cancel(session: Session, *, actor: Any) -> int:
    """Call a session off: it stays on the programme, crossed out; places are given back and people told."""
    check_plans(actor, session.event)
    if session.state is SessionState.CANCELLED:
        raise Conflict("这一场已经取消")
    told = _end_sign_up(session, "programme/mail/cancelled")
    session.state = SessionState.CANCELLED
    activity.record("programme.cancelled", subject=session, actor=actor, title=session.title, told=told)
    db.session.flush()
    return told


def delete(session: Session, *, actor: Any) -> int:
    """Take a session off the programme; places are given back and people told."""
    event = session.event
    check_plans(actor, event)
    told = _end_sign_up(session, "programme/mail/cancelled")
    activity.record("programme.deleted", subject=event, actor=actor, title=session.title, told=told)
    _drop(session)
    return told


def _drop(row: Any) -> None:
    """Delete a row that other features may point at."""
    try:
        with db.session.begin_nested():
            db.session.delete(row)
            db.session.flush()
    except IntegrityError:
        raise Conflict("它已经用在别处（例如签到名单），不能删除；可以改为取消") from None


def _check_times(starts: datetime, ends: datetime) -> None:
    if ends <= starts:
        raise DomainError("结束时间应晚于开始时间", field="ends")
    if ends - starts > LONGEST:
        raise DomainError("一场最长 24 小时，请核对日期", field="ends")


def _room(event: Event, room_id: int | None) -> int | None:
    if not room_id:
        return None
    room = db.session.get(Room, room_id)
    if room is None or room.event_id != event.id:
        raise DomainError("没有这个场地，请重新选择", field="room_id")
    return room.id


def _set_cast(session: Session, cast: Mapping[int, SpeakerRole]) -> None:
    known = {row.speaker_id: row for row in session.cast}
    for speaker_id, row in known.items():
        if speaker_id not in cast:
            session.cast.remove(row)
    for speaker_id, role in cast.items():
        if speaker_id in known:
            known[speaker_id].role = role
            continue
        speaker = db.session.get(Speaker, speaker_id)
        if speaker is None or speaker.event_id != session.event_id:
            raise DomainError("没有这位嘉宾，请重新选择", field="cast")
        session.cast.append(SessionSpeaker(speaker_id=speaker.id, role=role))


def _set_places(session: Session, event: Event, places: int | None) -> None:
    """Places of its own: a pool is made, renamed or resized, never below what is taken."""
    if places is None:
        return
    if session.pool is None:
        name = pool_name(event, session.title)
        session.pool = pools.add(
            event, kind=PoolKind.SESSION, name=name, name_en=_short(session.title_en), capacity=places
        )
        db.session.flush()
        return
    if places != session.pool.capacity:
        pools.resize(session.pool, capacity=places)
    if session.pool.name.partition("（")[0] != session.title[:90].partition("（")[0]:
        session.pool.name = pool_name(event, session.title)
    session.pool.name_en = _short(session.title_en)


def pool_name(event: Event, title: str) -> str:
    """The title, with a number when another session of the event has the same."""
    taken = {pool.name for pool in event.pools if pool.kind is PoolKind.SESSION}
    name, n = title[:90], 1
    while name in taken:
        n += 1
        name = f"{title[:90]}（{n}）"
    return name


def _short(text: str | None) -> str | None:
    return text[:100] if text else None


def _end_sign_up(session: Session, template: str) -> int:
    """Give back all places of a session and tell those who had some."""
    pool = session.pool
    if pool is None:
        return 0
    told = _tell(session, template)
    for registration in queries.claims_on(pool.id):
        wants = {number: seats for number, seats in pools.wanted(registration).items() if number != pool.id}
        if any(row.held for row in registration.claims):
            pools.hold(registration, wants, past_line=True)
        else:
            pools.want(registration, wants)
    session.pool = None
    db.session.flush()
    _drop_pool(pool)
    return told


def _drop_pool(pool: SeatPool) -> None:
    db.session.refresh(pool)
    pool.event.pools.remove(pool)
    db.session.flush()


def _tell(session: Session, template: str) -> int:
    if session.pool_id is None or session.starts < clock.now() - LONGEST:
        return 0
    holding = [row for row in queries.claims_on(session.pool_id) if row.state in HOLDING]
    for registration in holding:
        tell(registration, template, session=session)
    return len(holding)


def _where_and_when(session: Session) -> dict[str, Any]:
    room = db.session.get(Room, session.room_id) if session.room_id else None
    return {
        "starts": session.starts.isoformat(),
        "ends": session.ends.isoformat(),
        "room": room.name if room else None,
    }


def check_plans(actor: Any, event: Event) -> None:
    """Refuse who does not plan this programme."""
    if not access.may_plan(actor, event):
        raise NotPermitted("这个活动的日程不由您负责")
