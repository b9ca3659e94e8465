"""What staff count: needs of their regions by month, what was shown for them, what was asked and came of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from matchmaker.accounts.rules import Permission
from matchmaker.core.db import db
from matchmaker.core.viewer import Viewer, in_regions
from matchmaker.directory.models import Person, PersonDocument
from matchmaker.matching.models import HelpRequest, Impression, Need, Outcome, RequestService
from matchmaker.matching.queries.flow import charged
from matchmaker.matching.rules import NeedKind, NeedState, Reply, RequestState, Result, SessionStep, Side
from matchmaker.rosters import queries as rosters
from matchmaker.rosters.models import Appointment, HelperProfile, ServiceRecord
from matchmaker.rosters.rules import HELPER_KINDS, AppointmentKind

NOT_ANSWERED = HelpRequest.answered.is_(None)
REPLIED: dict[Reply, sa.ColumnElement[bool]] = {
    Reply.WAITING: HelpRequest.state == RequestState.ASKED,
    Reply.DECLINED: HelpRequest.state == RequestState.DECLINED,
    Reply.EXPIRED: HelpRequest.state == RequestState.EXPIRED,
    Reply.TAKEN_BACK: sa.and_(HelpRequest.state == RequestState.WITHDRAWN, NOT_ANSWERED),
    Reply.ACCEPTED: sa.or_(
        HelpRequest.state.in_((RequestState.ACCEPTED, RequestState.CLOSED)),
        sa.and_(HelpRequest.state == RequestState.WITHDRAWN, sa.not_(NOT_ANSWERED)),
    ),
}
CONFIRMED = sa.and_(ServiceRecord.helper_confirmed.is_not(None), ServiceRecord.client_confirmed.is_not(None))


def _measured(viewer: Viewer) -> sa.ColumnElement[bool]:
    return sa.and_(in_regions(Need.region, viewer), Need.state != NeedState.DRAFT)


def within(span: tuple[datetime, datetime] | None) -> sa.ColumnElement[bool]:
    """Needs stated from the first moment until before the last; none where there is no span."""
    return sa.and_(Need.created >= span[0], Need.created < span[1]) if span else sa.false()


def measured_needs(
    viewer: Viewer, span: tuple[datetime, datetime], kind: NeedKind | None
) -> list[tuple[int, NeedKind, datetime]]:
    """(id, kind, moment) of the needs stated in that time."""
    statement = sa.select(Need.id, Need.kind, Need.created).where(_measured(viewer), within(span)).order_by(Need.id)
    if kind is not None:
        statement = statement.where(Need.kind == kind)
    return [tuple(row) for row in db.session.execute(statement)]


def count_measured(viewer: Viewer, span: tuple[datetime, datetime] | None) -> int:
    """How many needs were stated in that time."""
    statement = sa.select(sa.func.count(Need.id)).where(_measured(viewer), within(span))
    return int(db.session.execute(statement).scalar_one())


def _ids(viewer: Viewer, span: tuple[datetime, datetime]) -> sa.Select[int]:
    return sa.select(Need.id).where(_measured(viewer), within(span))


def seen_by_owners(viewer: Viewer, span: tuple[datetime, datetime]) -> list[tuple[int, int, date, int]]:
    """(need, person, day, place) of the suggestions that owners saw."""
    statement = sa.select(Impression.need_id, Impression.person_id, Impression.day, Impression.rank).where(
        Impression.side == Side.OWNER, Impression.need_id.in_(_ids(viewer, span))
    )
    return [tuple(row) for row in db.session.execute(statement)]


def measured_requests(viewer: Viewer, span: tuple[datetime, datetime]) -> list[Any]:
    """Requests of those needs with state, times and outcome."""
    statement = (
        sa.select(
            HelpRequest.id,
            HelpRequest.need_id,
            HelpRequest.person_id,
            HelpRequest.state,
            HelpRequest.asked,
            HelpRequest.answered,
            HelpRequest.offered,
            Outcome.result,
        )
        .outerjoin(Outcome, Outcome.request_id == HelpRequest.id)
        .where(HelpRequest.need_id.in_(_ids(viewer, span)))
        .order_by(HelpRequest.id)
    )
    return list(db.session.execute(statement))


def measured_sessions(viewer: Viewer, span: tuple[datetime, datetime]) -> list[tuple[int, bool, int | None]]:
    """(request, confirmed by both, points) of the sessions held."""
    statement = (
        sa.select(RequestService.request_id, sa.case((CONFIRMED, 1), else_=0), ServiceRecord.rating)
        .join(ServiceRecord, ServiceRecord.id == RequestService.record_id)
        .join(HelpRequest, HelpRequest.id == RequestService.request_id)
        .where(HelpRequest.need_id.in_(_ids(viewer, span)))
    )
    return [(request, bool(confirmed), points) for request, confirmed, points in db.session.execute(statement)]


def helpers_on(today: date) -> dict[int, set[AppointmentKind]]:
    """Who may be suggested today and as what: helpers in office and authors who never were, without who opted out."""
    out = sa.select(HelperProfile.person_id).where(HelperProfile.opted_out.is_(True))
    appointed = sa.select(Appointment.person_id, Appointment.kind).where(
        Appointment.kind.in_(HELPER_KINDS), rosters.live_on(today), Appointment.person_id.not_in(out)
    )
    ever = sa.select(Appointment.person_id).where(Appointment.kind.in_(HELPER_KINDS))
    authors = sa.select(PersonDocument.person_id, sa.literal(AppointmentKind.RESEARCHER, Appointment.kind.type)).where(
        PersonDocument.person_id.not_in(ever), PersonDocument.person_id.not_in(out)
    )
    found: dict[int, set[AppointmentKind]] = {}
    for person, kind in db.session.execute(sa.union(appointed, authors)):
        found.setdefault(person, set()).add(kind)
    return found


def first_measured(viewer: Viewer) -> datetime | None:
    """When the first need of one's regions was stated."""
    moment: datetime | None = db.session.execute(sa.select(sa.func.min(Need.created)).where(_measured(viewer))).scalar()
    return moment


def measured_needs_listed(viewer: Viewer, _scope: Mapping[str, str]) -> sa.Select[Any]:
    """The needs behind the figures: (need, people shown to its owner, whether this person may open it)."""
    shown = (
        sa.select(sa.func.count(sa.distinct(Impression.person_id)))
        .where(Impression.need_id == Need.id, Impression.side == Side.OWNER)
        .scalar_subquery()
    )
    opens = sa.literal(viewer.has(Permission.NEEDS_HANDLE))
    return sa.select(Need, shown.label("shown"), opens.label("opens")).where(_measured(viewer))


def measured_requests_listed(viewer: Viewer, _scope: Mapping[str, str]) -> sa.Select[Any]:
    """The requests behind the figures, whether this person may know their people and open them, and what came of it."""
    count, points = (
        sa.select(figure)
        .select_from(RequestService)
        .join(ServiceRecord, ServiceRecord.id == RequestService.record_id)
        .where(RequestService.request_id == HelpRequest.id, CONFIRMED)
        .scalar_subquery()
        for figure in (sa.func.count(RequestService.id), sa.func.avg(ServiceRecord.rating))
    )
    result = sa.select(Outcome.result).where(Outcome.request_id == HelpRequest.id).scalar_subquery()
    known = charged(viewer)
    opens = sa.and_(known, sa.literal(viewer.has(Permission.NEEDS_HANDLE)))
    return (
        sa.select(
            HelpRequest,
            sa.case((known, 1), else_=0).label("known"),
            sa.case((opens, 1), else_=0).label("opens"),
            count.label("sessions"),
            points.label("points"),
            result.label("result"),
        )
        .join(Need, Need.id == HelpRequest.need_id)
        .join(Person, Person.id == HelpRequest.person_id)
        .where(_measured(viewer))
    )


def with_session(step: SessionStep) -> sa.ColumnElement[bool]:
    """Requests with a confirmed session, or with a confirmed one that was rated."""
    statement = (
        sa.select(RequestService.request_id)
        .join(ServiceRecord, ServiceRecord.id == RequestService.record_id)
        .where(CONFIRMED)
    )
    if step is SessionStep.RATED:
        statement = statement.where(ServiceRecord.rating.is_not(None))
    return HelpRequest.id.in_(statement)


def with_result(result: Result) -> sa.ColumnElement[bool]:
    """Requests of which that came."""
    return HelpRequest.id.in_(sa.select(Outcome.request_id).where(Outcome.result == result))
