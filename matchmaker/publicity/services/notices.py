"""Drafting, publishing, withdrawing and ending notices; and the question every later step asks: is it clear?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from matchmaker.activity import services as activity
from matchmaker.core import clock
from matchmaker.core.calendar import china_today
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.notifications import services as notifications
from matchmaker.publicity import access, queries, rules
from matchmaker.publicity.models import Notice
from matchmaker.publicity.rules import NoticeState
from matchmaker.publicity.services import numbers

EDITABLE = ("title", "body", "items", "working_days", "starts", "contact_name", "contact_phone", "contact_email")


def draft(
    *,
    actor: Any,
    region: str,
    title: str,
    body: str,
    items: Sequence[dict[str, Any]],
    working_days: int,
    contact_name: str,
    contact_phone: str,
    contact_email: str = "",
    starts: date | None = None,
    subject: Any = None,
) -> Notice:
    """A notice that only staff sees. `subject` is the record it is about; items may name organisation_id or user_id."""
    _check_content(items=items, working_days=working_days, contact_name=contact_name, contact_phone=contact_phone)
    now = clock.now()
    notice = Notice(
        region=region,
        subject_kind=subject.__tablename__ if subject is not None else None,
        subject_id=subject.id if subject is not None else None,
        title=title,
        body=body,
        items=[dict(row) for row in items],
        working_days=working_days,
        starts=starts,
        contact_name=contact_name,
        contact_phone=contact_phone,
        contact_email=contact_email,
        state=NoticeState.DRAFT,
        owner_id=actor.id,
        created=now,
        updated=now,
    )
    _check_manages(actor, notice)
    db.session.add(notice)
    activity.record("publicity.drafted", subject=notice, actor=actor, title=title)
    db.session.flush()
    return notice


def _check_content(
    *, items: Sequence[dict[str, Any]], working_days: int, contact_name: str, contact_phone: str
) -> None:
    rules.check_working_days(working_days)
    rules.check_items([dict(row) for row in items])
    rules.check_contact(name=contact_name, phone=contact_phone)


def edit(notice: Notice, *, actor: Any, **values: Any) -> None:
    """Change a draft; what is public is withdrawn and published anew, never changed in silence."""
    _check_manages(actor, notice)
    if notice.state is not NoticeState.DRAFT:
        raise Conflict("公示发布后不能修改；如有错误，请撤回并重新发布")
    for key in EDITABLE:
        if key in values:
            setattr(notice, key, values[key])
    _check_content(
        items=notice.items,
        working_days=notice.working_days,
        contact_name=notice.contact_name,
        contact_phone=notice.contact_phone,
    )
    notice.updated = clock.now()
    activity.record("publicity.edited", subject=notice, actor=actor, changed=sorted(values))
    db.session.flush()


def publish(notice: Notice, *, actor: Any, starts: date | None = None) -> None:
    """Open the notice from `starts` (default: the day written in it, else today); days are counted and a number given.

    Raises DomainError when the period reaches a year whose holidays are not announced.
    """
    _check_manages(actor, notice)
    rules.check_transition(notice.state, NoticeState.PUBLISHED)
    now = clock.now()
    today = china_today(now)
    first = starts or notice.starts or today
    calendar = queries.work_calendar(since=first)
    period = rules.announced_period(calendar, starts=first, working_days=notice.working_days, today=today)
    serial = numbers.claim_serial(f"notice-{notice.region}", year=period.starts.year)
    notice.number = f"公示〔{period.starts.year}〕{serial} 号"
    notice.starts, notice.ends, notice.expected = period.starts, period.ends, False
    notice.state, notice.published, notice.updated = NoticeState.PUBLISHED, now, now
    activity.record(
        "publicity.published", subject=notice, actor=actor, number=notice.number, ends=period.ends.isoformat()
    )
    db.session.flush()


def withdraw(notice: Notice, *, actor: Any, reason: str) -> None:
    """Take a notice back with a public reason; it stays readable, marked as withdrawn."""
    _check_manages(actor, notice)
    rules.check_transition(notice.state, NoticeState.WITHDRAWN)
    if not reason.strip():
        raise DomainError("请写明撤回理由，理由将在公示页面公布", field="reason")
    notice.state, notice.reason, notice.updated = NoticeState.WITHDRAWN, reason.strip(), clock.now()
    activity.record("publicity.withdrawn", subject=notice, actor=actor, reason=reason)
    db.session.flush()


def require_clear(notice: Notice, *, now: datetime | None = None) -> None:
    """Raise Conflict while the period runs, while an objection is open, or when the notice was never public."""
    moment = now or clock.now()
    if notice.state is NoticeState.EFFECTIVE:
        return
    if notice.state not in queries.RUNNING or notice.ends is None:
        raise Conflict("公示还没有发布或已撤回，不能继续办理", field="state")
    rules.check_effective(ends=notice.ends, now=moment, open_objections=queries.open_objections(notice.id))


def make_effective(notice: Notice, *, actor: Any) -> None:
    """Bring a clear notice to its end; later steps (decision, certificate) may follow."""
    _check_manages(actor, notice)
    require_clear(notice)
    if notice.state is NoticeState.EFFECTIVE:
        return
    rules.check_transition(NoticeState.EXPIRED, NoticeState.EFFECTIVE)
    notice.state, notice.updated = NoticeState.EFFECTIVE, clock.now()
    activity.record("publicity.effective", subject=notice, actor=actor)
    db.session.flush()


def tell_ended() -> int:
    """Tell each owner once that a period is over; the end itself needs no job."""
    told = 0
    for notice in db.session.execute(queries.ended(clock.now())).unique().scalars().all():
        message = notifications.enqueue(
            "publicity/mail/ended",
            to=notice.owner,
            about=notice,
            url=f"/notices/manage/{notice.id}",
            dedupe=f"notice-ended:{notice.id}",
            notice=notice,
        )
        told += message is not None
    return told


def _check_manages(actor: Any, notice: Notice) -> None:
    if not access.may_manage(actor, notice):
        raise NotPermitted("这个公示不在您负责的区域")
