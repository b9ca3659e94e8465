"""Taking check-ins back and settling what offline gates disagreed about."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from matchmaker.activity import services as activity
from matchmaker.checkin import access
from matchmaker.checkin.models import Scan, ScanConflict
from matchmaker.checkin.rules import Direction, Resolution, Standing, standing_of
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.events.models import Attendee, Registration
from matchmaker.events.rules.tickets import code_of_ticket
from matchmaker.events.services import attendance, deciding


def undo(scan: Scan, *, actor: Any, reason: str) -> None:
    """Take a check-in back, with a reason; the person's other entries decide whether they still count as there."""
    if not access.may_run(actor, scan.event):
        raise NotPermitted("只有签到负责人可以撤销签到")
    if not scan.accepted or scan.undone is not None:
        raise Conflict("这条记录没有放行，或已经撤销")
    take_back(scan, actor=actor, reason=_checked(reason))


def take_back(scan: Scan, *, actor: Any | None, reason: str) -> None:
    """The same without a question: an accepted scan no longer stands."""
    scan.undone, scan.undone_by_id, scan.undone_reason = clock.now(), getattr(actor, "id", None), reason[:200]
    scan.counted = False
    db.session.flush()
    activity.record("checkin.undone", subject=scan, actor=actor, list=scan.list_id, reason=reason)
    if scan.attendee is None or scan.direction is Direction.OUT:
        return
    rest = _standing_entries(scan.attendee)
    heir = next((one for one in rest if one.list_id == scan.list_id), None)
    if heir is not None and not any(one.counted for one in rest if one.list_id == scan.list_id):
        heir.counted = True
    if scan.attendee.attended_at is not None:
        attendance.unmark(scan.attendee, actor=actor)
        if rest:
            attendance.mark(scan.attendee, moment=rest[0].moment)


def resolve(conflict: ScanConflict, *, actor: Any, resolution: Resolution, note: str) -> None:
    """Settle a conflict: the entry counts (a registration that has no place gets one first), or it does not."""
    if not access.may_run(actor, conflict.event):
        raise NotPermitted("只有签到负责人可以处理冲突")
    if conflict.resolved is not None:
        raise Conflict("这条冲突已经处理过")
    note = _checked(note)
    if resolution is Resolution.COUNTED:
        _recognise(conflict.scan, actor=actor, note=note)
    elif conflict.scan.undone is None:
        take_back(conflict.scan, actor=actor, reason=note)
    conflict.resolved, conflict.resolved_by_id = clock.now(), actor.id
    conflict.resolution, conflict.note = resolution, note
    activity.record(
        "checkin.settled", subject=conflict.scan, actor=actor, conflict=conflict.kind.value, resolution=resolution.value
    )
    db.session.flush()


def _recognise(scan: Scan, *, actor: Any, note: str) -> None:
    attendee = scan.attendee or _found_by_code(scan)
    if attendee is None:
        raise DomainError("名单里仍然没有这个人；请先补登记，再扫一次", field="resolution")
    scan.attendee = attendee
    registration = attendee.registration
    if standing_of(registration.state) is not Standing.COMING:
        deciding.restore(registration, actor, note)
    if scan.direction is Direction.OUT:
        return
    entries = [one for one in _standing_entries(attendee) if one.list_id == scan.list_id]
    if not any(one.counted for one in entries):
        scan.counted = True
    attendance.mark(attendee, moment=scan.moment)


def _found_by_code(scan: Scan) -> Attendee | None:
    code = code_of_ticket(scan.code)
    if code is None:
        return None
    statement = (
        sa.select(Attendee)
        .join(Registration, Registration.id == Attendee.registration_id)
        .where(Attendee.code == code, Registration.event_id == scan.event_id)
    )
    return db.session.execute(statement).scalar_one_or_none()


def _standing_entries(attendee: Attendee) -> list[Scan]:
    statement = (
        sa.select(Scan)
        .where(Scan.attendee_id == attendee.id, Scan.accepted, Scan.undone.is_(None), Scan.direction == Direction.IN)
        .order_by(Scan.moment, Scan.id)
    )
    return list(db.session.execute(statement).unique().scalars())


def _checked(reason: str) -> str:
    text = (reason or "").strip()
    if not text:
        raise DomainError("请写明理由", field="note")
    return text[:500]


def forget(user: Any) -> None:
    """Take a person out of check-in: their posts at gates go; scans keep no name of theirs."""
    from matchmaker.checkin.models import GateSteward

    db.session.execute(sa.delete(GateSteward).where(GateSteward.user_id == user.id))
    db.session.execute(
        sa.update(Scan)
        .where(Scan.actor_id == user.id)
        .values(actor_name="")
        .execution_options(synchronize_session=False)
    )
    own = sa.select(Attendee.id).join(Registration, Registration.id == Attendee.registration_id)
    own = own.where(Registration.user_id == user.id)
    db.session.execute(
        sa.update(Scan).where(Scan.attendee_id.in_(own)).values(code="").execution_options(synchronize_session=False)
    )
