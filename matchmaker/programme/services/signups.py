"""Signing up for sessions: a registration takes places of the session's pool beside those it has."""

from __future__ import annotations

from typing import Any

from matchmaker.activity import services as activity
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict, NotPermitted
from matchmaker.events import gateways as links
from matchmaker.events.models import Registration
from matchmaker.events.services import pools
from matchmaker.programme import access, queries
from matchmaker.programme.documents import slot_of
from matchmaker.programme.models import Session
from matchmaker.programme.rules import SIGNS_UP, SessionState, overlap


class Overlaps(Conflict):
    """Another chosen session runs at the same time; the person may insist."""


def sign_up(registration: Registration, session: Session, *, actor: Any | None, insist: bool = False) -> None:
    """Take places for everybody of the registration. `actor` None: a guest by signed link. Doing it twice is once.

    Raises Overlaps unless `insist`, and pools.NoSeat when the session is full.
    """
    _check_may(actor, registration)
    if session.event_id != registration.event_id or session.pool_id is None:
        raise Conflict("这一场不需要单独报名")
    if session.state is SessionState.CANCELLED:
        raise Conflict("这一场已经取消")
    if registration.standing_at(clock.now()) not in SIGNS_UP:
        raise Conflict("报名通过后才能选择场次")
    if clock.now() >= session.starts:
        raise Conflict("这一场已经开始，不能再改")
    wants = pools.wanted(registration)
    if session.pool_id in wants:
        return
    if not insist and (other := _running_meanwhile(registration, session)):
        raise Overlaps("与您已选的“{other}”时间重叠；确实要选请再确认一次", other=other)
    pools.hold(registration, {**wants, session.pool_id: registration.party})
    activity.record("programme.signed_up", subject=registration, actor=actor, session=session.id, title=session.title)
    db.session.flush()


def leave(registration: Registration, session: Session, *, actor: Any | None) -> None:
    """Give the places at a session back."""
    _check_may(actor, registration)
    wants = pools.wanted(registration)
    if session.pool_id not in wants:
        return
    if clock.now() >= session.starts:
        raise Conflict("这一场已经开始，不能再改")
    rest = {pool_id: seats for pool_id, seats in wants.items() if pool_id != session.pool_id}
    if registration.standing_at(clock.now()) in SIGNS_UP:
        pools.hold(registration, rest, past_line=True)
    else:
        pools.want(registration, rest)
    activity.record("programme.left", subject=registration, actor=actor, session=session.id, title=session.title)
    db.session.flush()


def _check_may(actor: Any | None, registration: Registration) -> None:
    if actor is not None and not access.may_choose(actor, registration):
        raise NotPermitted("只有报名人和同单位的同事可以选择场次")


def _running_meanwhile(registration: Registration, session: Session) -> str | None:
    chosen = queries.chosen_sessions([registration.id]).get(registration.id, set())
    mine = slot_of(session)
    others = (row for row in queries.sessions_of(session.event_id) if row.id in chosen)
    return next((row.title for row in others if overlap(slot_of(row), mine)), None)


def link_of(registration: Registration) -> str:
    """The signed part of a guest's address."""
    return links.link_of(registration)


def read_link(link: str) -> tuple[int, str] | None:
    """(registration id, nonce) of a guest's link, or None when it was not made here."""
    return links.read_link(link)
