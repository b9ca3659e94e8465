"""Lists, gates, scans and conflicts: which exist for whom, and what a gate needs to know."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from matchmaker.checkin.models import CheckinList, Gate, GateCode, GateSteward, Scan, ScanConflict, gate_lists
from matchmaker.checkin.rules import Direction
from matchmaker.core.db import db
from matchmaker.core.viewer import Viewer
from matchmaker.directory.models import Organisation
from matchmaker.events import queries as events
from matchmaker.events.models import Attendee, Event, Registration, RegistrationTag, SeatClaim
from matchmaker.events.rules import COMING, EventDuty, RegistrationState


def run_by(viewer: Viewer) -> sa.Select[Event]:
    """The events whose check-in this person runs."""
    return events.run_by(viewer, EventDuty.CHECKIN)


def _of_events(model: Any, viewer: Viewer) -> sa.Select[Any]:
    return sa.select(model).where(model.event_id.in_(run_by(viewer).with_only_columns(Event.id)))


def lists_of(viewer: Viewer) -> sa.Select[CheckinList]:
    """The lists a person runs."""
    return _of_events(CheckinList, viewer)


def gates_of(viewer: Viewer) -> sa.Select[Gate]:
    """The gates a person sets up."""
    return _of_events(Gate, viewer)


def codes_of(viewer: Viewer) -> sa.Select[GateCode]:
    """The codes of these gates."""
    gates = gates_of(viewer).with_only_columns(Gate.id)
    return sa.select(GateCode).where(GateCode.gate_id.in_(gates))


def scans_of(viewer: Viewer) -> sa.Select[Scan]:
    """The scans of these events."""
    return _of_events(Scan, viewer)


def conflicts_of(viewer: Viewer) -> sa.Select[ScanConflict]:
    """The conflicts of these events."""
    return _of_events(ScanConflict, viewer)


def scans_of_event(viewer: Viewer, scope: Mapping[str, str]) -> sa.Select[Scan]:
    """The scans of one event, for its list."""
    text = scope.get("event_id", "")
    event_id = int(text) if text.isascii() and text.isdigit() else 0
    return (
        scans_of(viewer)
        .outerjoin(Attendee, Attendee.id == Scan.attendee_id)
        .where(Scan.event_id == event_id)
        .options(orm.joinedload(Scan.attendee).joinedload(Attendee.registration))
    )


def attendees_run_by(viewer: Viewer) -> sa.Select[Attendee]:
    """The people of the events whose check-in this person runs."""
    return (
        sa.select(Attendee)
        .join(Registration, Registration.id == Attendee.registration_id)
        .where(Registration.event_id.in_(run_by(viewer).with_only_columns(Event.id)))
    )


def own_attendees(viewer: Viewer) -> sa.Select[Attendee]:
    """The people of one's own and one's organisations' registrations."""
    own = events.own_registrations(viewer).order_by(None).with_only_columns(Registration.id)
    return sa.select(Attendee).where(Attendee.registration_id.in_(own))


def gates_of_steward(viewer: Viewer) -> sa.Select[Gate]:
    """The gates a person was put at, of events that are not long over."""
    return (
        sa.select(Gate)
        .join(GateSteward, GateSteward.gate_id == Gate.id)
        .join(Event, Event.id == Gate.event_id)
        .where(GateSteward.user_id == viewer.id)
        .order_by(Event.starts.desc(), Gate.id)
    )


def gate(gate_id: int) -> sa.Select[Gate]:
    """That gate; who may stand at it is asked afterwards."""
    return sa.select(Gate).where(Gate.id == gate_id)


def code_by_hash(code_hash: str) -> sa.Select[GateCode]:
    """The code with that hash."""
    return sa.select(GateCode).where(GateCode.code_hash == code_hash)


def code(code_id: int, gate_id: int) -> sa.Select[GateCode]:
    """That code of that gate."""
    return sa.select(GateCode).where(GateCode.id == code_id, GateCode.gate_id == gate_id)


def lists_of_event(event_id: int) -> sa.Select[CheckinList]:
    """The lists of an event."""
    return sa.select(CheckinList).where(CheckinList.event_id == event_id).order_by(CheckinList.id)


def gates_of_event(event_id: int) -> sa.Select[Gate]:
    """The gates of an event."""
    return sa.select(Gate).where(Gate.event_id == event_id).order_by(Gate.id)


def open_conflicts(event_id: int) -> sa.Select[ScanConflict]:
    """What staff still have to settle."""
    return (
        sa.select(ScanConflict)
        .where(ScanConflict.event_id == event_id, ScanConflict.resolved.is_(None))
        .order_by(ScanConflict.id)
    )


def settled_conflicts(event_id: int) -> sa.Select[ScanConflict]:
    """What staff have settled, the latest first."""
    return (
        sa.select(ScanConflict)
        .where(ScanConflict.event_id == event_id, ScanConflict.resolved.is_not(None))
        .order_by(ScanConflict.resolved.desc(), ScanConflict.id.desc())
    )


def history(attendee_id: int) -> sa.Select[Scan]:
    """All scans of one person, the oldest first."""
    return sa.select(Scan).where(Scan.attendee_id == attendee_id).order_by(Scan.moment, Scan.id)


def guests(event_id: int) -> list[Any]:
    """(id, name, phone, code, registration id, state, audience id, organisation) of everybody who ever registered."""
    statement = (
        sa.select(
            Attendee.id,
            Attendee.name,
            Attendee.phone,
            Attendee.code,
            Registration.id,
            Registration.state,
            Registration.audience_id,
            sa.func.coalesce(Organisation.name, Registration.organisation_name),
        )
        .join(Registration, Registration.id == Attendee.registration_id)
        .outerjoin(Organisation, Organisation.id == Registration.organisation_id)
        .where(Registration.event_id == event_id, Registration.state != RegistrationState.DRAFT)
        .order_by(Attendee.id)
    )
    return list(db.session.execute(statement))


def tags_of_event(event_id: int) -> dict[int, list[str]]:
    """Registration id → its tags."""
    statement = (
        sa.select(RegistrationTag.registration_id, RegistrationTag.text)
        .join(Registration, Registration.id == RegistrationTag.registration_id)
        .where(Registration.event_id == event_id)
        .order_by(RegistrationTag.text)
    )
    return _grouped(db.session.execute(statement))


def pools_of_event(event_id: int, pool_ids: Collection[int]) -> dict[int, list[int]]:
    """Registration id → those of these pools in which it holds a place."""
    statement = (
        sa.select(SeatClaim.registration_id, SeatClaim.pool_id)
        .join(Registration, Registration.id == SeatClaim.registration_id)
        .where(Registration.event_id == event_id, SeatClaim.held, SeatClaim.pool_id.in_(sorted(pool_ids)))
        .order_by(SeatClaim.pool_id)
    )
    return _grouped(db.session.execute(statement))


def _grouped(rows: Any) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for key, value in rows:
        found.setdefault(key, []).append(value)
    return found


def passes(list_ids: Collection[int], attendee_ids: Collection[int] | None = None) -> list[Any]:
    """(list, person, direction, moment) of accepted scans that stand."""
    statement = sa.select(Scan.list_id, Scan.attendee_id, Scan.direction, Scan.moment).where(
        Scan.list_id.in_(sorted(list_ids)), Scan.accepted, Scan.undone.is_(None), Scan.attendee_id.is_not(None)
    )
    if attendee_ids is not None:
        statement = statement.where(Scan.attendee_id.in_(sorted(attendee_ids)))
    return list(db.session.execute(statement))


def expected(event_id: int) -> int:
    """How many people have a place."""
    statement = (
        sa.select(sa.func.count(Attendee.id))
        .join(Registration, Registration.id == Attendee.registration_id)
        .where(Registration.event_id == event_id, Registration.state.in_(COMING))
    )
    return int(db.session.execute(statement).scalar_one())


def entered(event_id: int) -> dict[int, int]:
    """List id → people who entered."""
    statement = sa.select(Scan.list_id, sa.func.count()).where(Scan.event_id == event_id, Scan.counted)
    return {row[0]: row[1] for row in db.session.execute(statement.group_by(Scan.list_id))}


def inside(event_id: int) -> dict[int, int]:
    """List id → people whose last accepted scan is an entry."""
    later = orm.aliased(Scan)
    stands = sa.and_(Scan.accepted, Scan.undone.is_(None), Scan.attendee_id.is_not(None))
    superseded = (
        sa.select(later.id)
        .where(later.list_id == Scan.list_id, later.attendee_id == Scan.attendee_id)
        .where(later.accepted, later.undone.is_(None))
        .where(sa.or_(later.moment > Scan.moment, sa.and_(later.moment == Scan.moment, later.id > Scan.id)))
    )
    statement = (
        sa.select(Scan.list_id, sa.func.count(sa.distinct(Scan.attendee_id)))
        .where(Scan.event_id == event_id, stands, Scan.direction == Direction.IN, ~superseded.exists())
        .group_by(Scan.list_id)
    )
    return {row[0]: row[1] for row in db.session.execute(statement)}


def refused(event_id: int) -> int:
    """How many scans were refused."""
    statement = sa.select(sa.func.count(Scan.id)).where(Scan.event_id == event_id, ~Scan.accepted)
    return int(db.session.execute(statement).scalar_one())


def last_sync(event_id: int) -> dict[int, datetime]:
    """Gate id → when it last handed something in."""
    statement = sa.select(Scan.gate_id, sa.func.max(Scan.received)).where(
        Scan.event_id == event_id, Scan.gate_id.is_not(None)
    )
    return {row[0]: row[1] for row in db.session.execute(statement.group_by(Scan.gate_id))}


def list_gate_ids(list_id: int) -> sa.Select[int]:
    """The gates where a list is used."""
    return sa.select(gate_lists.c.gate_id).where(gate_lists.c.list_id == list_id)


def personal_data(user: Any) -> dict[str, Any]:
    """What check-in holds about a person: when the people of their registrations passed which gate."""
    statement = (
        sa.select(Scan)
        .join(Attendee, Attendee.id == Scan.attendee_id)
        .join(Registration, Registration.id == Attendee.registration_id)
        .where(Registration.user_id == user.id)
        .order_by(Scan.moment, Scan.id)
    )
    return {
        "scans": [
            {
                "list": row.list.name,
                "direction": row.direction.value,
                "moment": row.moment.isoformat(),
                "accepted": row.accepted,
            }
            for row in db.session.execute(statement).unique().scalars()
        ],
        "gates": [
            {"event": row.event.title, "gate": row.name}
            for row in db.session.execute(gates_of_steward(user)).unique().scalars()
        ],
    }
