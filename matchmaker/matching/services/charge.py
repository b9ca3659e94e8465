"""Who of the staff knows the firm behind a secret need: one handler in charge, whose every look is written down."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from matchmaker.activity import services as activity
from matchmaker.core import clock
from matchmaker.core.db import claim, db
from matchmaker.core.errors import Conflict, NotPermitted
from matchmaker.matching import access
from matchmaker.matching.models import Need
from matchmaker.notifications import services as notifications


def take(need: Need, *, actor: Any) -> None:
    """Become the handler in charge of a secret need nobody is in charge of; the owner is told who it is."""
    if not access.may_handle(actor, need.region):
        raise NotPermitted("这条需求不在您负责的区域")
    if not need.is_secret:
        raise Conflict("公开单位名称的需求不用接手，直接办理即可")
    taken = claim(
        sa.update(Need)
        .where(Need.id == need.id, Need.handler_id.is_(None))
        .values(handler_id=actor.id, updated=clock.now(), version=Need.version + 1)
    )
    db.session.refresh(need)
    if not taken:
        raise Conflict("这条需求已有经办人负责，请联系该经办人移交")
    activity.record("matching.taken", subject=need, actor=actor)
    notifications.enqueue(
        "matching/mail/taken", to=need.user, about=need, url=f"/needs/{need.id}", need=need, handler_name=actor.name
    )
    db.session.flush()


def release(need: Need, *, actor: Any) -> None:
    """Give the charge back, so that a colleague can take it."""
    if need.handler_id != actor.id:
        raise NotPermitted("只有负责的经办人可以移交")
    need.handler_id, need.updated = None, clock.now()
    activity.record("matching.released", subject=need, actor=actor)
    db.session.flush()


def is_watched(need: Need, viewer: Any) -> bool:
    """Does this person see the firm of a secret need as its handler, so that the look is written down?"""
    return need.is_secret and not access.owns(viewer, need) and access.in_charge(viewer, need)


def note_look(subject: Any, *, actor: Any) -> None:
    """The handler in charge looked at a page that names the firm."""
    activity.record("matching.looked", subject=subject, actor=actor)
    db.session.flush()
