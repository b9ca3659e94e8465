"""Which notices, objections, decisions, certificates and working days there are, and for whom."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from matchmaker.accounts.rules import Permission
from matchmaker.core.calendar import WorkCalendar, china_today
from matchmaker.core.db import db
from matchmaker.core.viewer import Viewer, in_regions
from matchmaker.publicity.models import Certificate, Decision, Notice, Objection, Workday
from matchmaker.publicity.rules import OPEN_OBJECTIONS, DecisionState, NoticeState

RUNNING = (NoticeState.PUBLISHED, NoticeState.DISPUTED)


def published() -> sa.Select[Notice]:
    """Every notice that was ever public; a withdrawn one stays, marked as such."""
    return sa.select(Notice).where(Notice.published.is_not(None))


def running(now: datetime) -> sa.Select[Notice]:
    """Notices whose period is not over, the next to end first."""
    return (
        published().where(Notice.state.in_(RUNNING), Notice.ends >= china_today(now)).order_by(Notice.ends, Notice.id)
    )


def visible_to(viewer: Viewer) -> sa.Select[Notice]:
    """Published notices for everybody, drafts for the staff of their region."""
    if not _is_staff(viewer):
        return published()
    return sa.select(Notice).where(sa.or_(Notice.published.is_not(None), in_regions(Notice.region, viewer)))


def managed_by(viewer: Viewer) -> sa.Select[Notice]:
    """The notices of a staff member's regions."""
    return sa.select(Notice).where(in_regions(Notice.region, viewer) if _is_staff(viewer) else sa.false())


def _is_staff(viewer: Viewer) -> bool:
    return viewer.has(Permission.NOTICES_MANAGE) or viewer.has(Permission.NOTICES_DECIDE)


def notices_of(subject: Any) -> sa.Select[Notice]:
    """The notices about one record, the newest first."""
    return (
        sa.select(Notice)
        .where(Notice.subject_kind == subject.__tablename__, Notice.subject_id == subject.id)
        .order_by(Notice.id.desc())
    )


def ended(now: datetime) -> sa.Select[Notice]:
    """Notices whose period is over and that nobody has brought to an end yet."""
    return sa.select(Notice).where(Notice.state.in_(RUNNING), Notice.ends < china_today(now)).order_by(Notice.id)


def open_objections(notice_id: int) -> int:
    """How many objections are undecided."""
    statement = sa.select(sa.func.count(Objection.id)).where(
        Objection.notice_id == notice_id, Objection.state.in_(OPEN_OBJECTIONS)
    )
    return int(db.session.execute(statement).scalar_one())


def objections_of(notice_id: int) -> Sequence[Objection]:
    """The objections against one notice."""
    statement = sa.select(Objection).where(Objection.notice_id == notice_id).order_by(Objection.id)
    return db.session.execute(statement).scalars().all()


def objections_handled_by(viewer: Viewer) -> sa.Select[Objection]:
    """The objections of the regions of those who handle them."""
    allowed = in_regions(Objection.region, viewer) if viewer.has(Permission.OBJECTIONS_HANDLE) else sa.false()
    return sa.select(Objection).join(Notice, Notice.id == Objection.notice_id).where(allowed)


def personal_data(user: Any) -> dict[str, Any]:
    """What publicity holds about a person: the objections they signed with their account."""
    statement = sa.select(Objection).where(Objection.user_id == user.id).order_by(Objection.id)
    return {
        "objections": [
            {
                "notice": row.notice.title,
                "text": row.text,
                "signer": row.signer,
                "phone": row.phone,
                "email": row.email,
                "state": row.state.value,
                "answer": row.answer,
                "created": row.created.isoformat(),
            }
            for row in db.session.execute(statement).scalars()
        ]
    }


def recent_objections(*, user_id: int | None, phone: str, source: str, since: datetime) -> int:
    """How many came of late from this account, telephone or address."""
    same = [Objection.phone == phone]
    if user_id is not None:
        same.append(Objection.user_id == user_id)
    if source:
        same.append(Objection.source == source)
    statement = sa.select(sa.func.count(Objection.id)).where(Objection.created > since, sa.or_(*same))
    return int(db.session.execute(statement).scalar_one())


def decisions_visible_to(viewer: Viewer) -> sa.Select[Decision]:
    """The decisions of a staff member's regions, and those one has proposed."""
    allowed = in_regions(Decision.region, viewer) if _is_staff(viewer) else sa.false()
    return sa.select(Decision).where(sa.or_(allowed, Decision.proposed_by_id == viewer.id))


def decisions_waiting_for(viewer: Viewer) -> sa.Select[Decision]:
    """What this approver may confirm: in their regions, proposed by somebody else."""
    allowed = in_regions(Decision.region, viewer) if viewer.has(Permission.NOTICES_DECIDE) else sa.false()
    waiting = sa.select(Decision).where(
        allowed, Decision.state == DecisionState.PROPOSED, Decision.proposed_by_id != viewer.id
    )
    return waiting.order_by(Decision.id)


def decision_of(subject: Any, *, kind: str) -> Decision | None:
    """The latest decision of a kind about one record, None when there is none."""
    statement = (
        sa.select(Decision)
        .where(Decision.subject_kind == subject.__tablename__, Decision.subject_id == subject.id, Decision.kind == kind)
        .order_by(Decision.id.desc())
        .limit(1)
    )
    return db.session.execute(statement).scalars().first()


def latest_decision_of(subject: Any, *, kinds: Sequence[str]) -> Decision | None:
    """The latest decision of one of these kinds about one record."""
    statement = sa.select(Decision).where(
        Decision.subject_kind == subject.__tablename__, Decision.subject_id == subject.id, Decision.kind.in_(kinds)
    )
    return db.session.execute(statement.order_by(Decision.id.desc()).limit(1)).scalars().first()


def open_decision_of(subject: Any, *, kinds: Sequence[str]) -> Decision | None:
    """What of these kinds waits for a second person about one record."""
    latest = latest_decision_of(subject, kinds=kinds)
    return latest if latest is not None and latest.state is DecisionState.PROPOSED else None


def certificates_of(subject: Any) -> sa.Select[Certificate]:
    """The certificates of one record, the newest first."""
    return (
        sa.select(Certificate)
        .where(Certificate.subject_kind == subject.__tablename__, Certificate.subject_id == subject.id)
        .order_by(Certificate.id.desc())
    )


def certificates_managed_by(viewer: Viewer) -> sa.Select[Certificate]:
    """The certificates of a staff member's regions."""
    return sa.select(Certificate).where(in_regions(Certificate.region, viewer) if _is_staff(viewer) else sa.false())


def work_calendar(*, since: date) -> WorkCalendar:
    """The working days from the year before `since` on, as far as they are announced."""
    statement = sa.select(Workday.day, Workday.kind, Workday.year).where(Workday.year >= since.year - 1)
    rows = db.session.execute(statement).all()
    return WorkCalendar.from_rows({"date": day, "kind": kind, "year": year} for day, kind, year in rows)


def published_years() -> Sequence[Any]:
    """(year, days off, days worked, source) of every year that is announced, the latest first."""
    statement = (
        sa.select(
            Workday.year,
            sa.func.count().filter(Workday.kind == "off"),
            sa.func.count().filter(Workday.kind == "work"),
            sa.func.max(Workday.source),
        )
        .group_by(Workday.year)
        .order_by(Workday.year.desc())
    )
    return db.session.execute(statement).all()
