"""Keeping yearly reviews: the feature that knows the service brings the lines, the rules give the grade."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa

from matchmaker.accounts.models import User
from matchmaker.activity import services as activity
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.notifications import services as notifications
from matchmaker.rosters import access, gateways, rules
from matchmaker.rosters.models import Appointment, AppointmentReview
from matchmaker.rosters.rules import AppointmentState
from matchmaker.rosters.rules.reviews import Line, total

REVIEWABLE = frozenset({*rules.STANDING, AppointmentState.EXPIRED, AppointmentState.RENEWED})


def keep(
    post: Appointment,
    *,
    actor: Any | None,
    year: int,
    days: tuple[date, date],
    lines: Sequence[Line],
    note: str = "",
    demo: bool = False,
) -> AppointmentReview:
    """Write down a year's review with the rules of its last day. One a year and post; the person is told."""
    _check(post, actor=actor, year=year, last=days[1])
    first, last = days
    document, points = gateways.rules_on(last), total(lines)
    row = AppointmentReview(
        region=post.region,
        appointment=post,
        person_id=post.person_id,
        kind=post.kind,
        year=year,
        first=first,
        last=last,
        lines=[line.as_data() for line in lines],
        total=points,
        grade=document.grade_of(points),
        doc_no=document.doc_no,
        note=note.strip()[:500],
        confirmed_by_id=getattr(actor, "id", None) or None,
        confirmed_on=clock.today(),
        demo=demo,
        created=clock.now(),
    )
    db.session.add(row)
    db.session.flush()
    activity.record("rosters.reviewed", subject=post, actor=actor, year=str(year), note=row.note)
    user = db.session.get(User, post.person.user_id) if post.person.user_id else None
    if user is not None:
        notifications.enqueue("rosters/mail/reviewed", to=user, about=post, url="/candidacies/own", review=row)
    return row


def _check(post: Appointment, *, actor: Any | None, year: int, last: date) -> None:
    if actor is not None and not access.may_manage(actor, post.region):
        raise NotPermitted("这位人员不在您负责的区域")
    if actor is not None and post.person.user_id == actor.id:
        raise NotPermitted("不能考核自己")
    if post.state not in REVIEWABLE:
        raise Conflict("这一聘期已提前结束，不再考核")
    if last >= clock.today() and year >= clock.today().year and clock.today().month < 11:
        raise DomainError("{year} 年度考核从 11 月开始，现在可以先看预计得分", field="year", year=str(year))
    known = sa.select(AppointmentReview.id).where(
        AppointmentReview.appointment_id == post.id, AppointmentReview.year == year
    )
    if db.session.execute(known).first() is not None:
        raise Conflict("{year} 年已经考核过", field="year", year=str(year))
