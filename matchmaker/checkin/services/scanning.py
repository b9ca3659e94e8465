"""Taking what gates report: every scan once, whatever happens to the queue, with the truth of the server beside it."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from matchmaker.activity import services as activity
from matchmaker.checkin import queries
from matchmaker.checkin.models import CheckinList, Gate, Scan, ScanConflict
from matchmaker.checkin.rules import (
    ConflictKind,
    Direction,
    Guest,
    ListRule,
    Pass,
    Past,
    Reason,
    Repeat,
    ScanSource,
    Standing,
    Verdict,
    past_of,
    standing_of,
    verdict,
)
from matchmaker.checkin.rules.items import Item
from matchmaker.checkin.services.snapshot import milliseconds
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict, DomainError
from matchmaker.events.models import Attendee, Event, Registration, SeatClaim
from matchmaker.events.rules import AttendeeLine, Source
from matchmaker.events.rules.tickets import code_of_ticket
from matchmaker.events.services import attendance, registrations

CONFLICTS = {
    Reason.UNKNOWN: ConflictKind.UNKNOWN,
    Reason.GONE: ConflictKind.NOT_COMING,
    Reason.PENDING: ConflictKind.NOT_COMING,
    Reason.WAITING: ConflictKind.NOT_COMING,
    Reason.ALREADY: ConflictKind.DOUBLE,
    Reason.INSIDE: ConflictKind.DOUBLE,
}
KNOWINGLY = {ConflictKind.DOUBLE, ConflictKind.RULE}  # a steward who forces these has answered for them


@dataclass(frozen=True)
class Taken:
    """What became of one entry of the queue."""

    nonce: str
    scan: Scan | None
    verdict: Verdict | None = None
    conflict: bool = False
    error: DomainError | None = None


@dataclass(frozen=True)
class By:
    """Who reports: a person with an account, or a device behind a code."""

    device: str = ""
    actor: Any | None = None


@dataclass
class Batch:
    """A batch with everything it asks of the database, read once."""

    event: Event
    gate: Gate | None
    by: By
    now: datetime
    offset: int
    lists: dict[int, CheckinList]
    rules: dict[int, ListRule]
    known: dict[str, Scan]
    parties: list[Registration] = field(default_factory=list)  # kept, or each would be read again
    by_code: dict[str, Attendee] = field(default_factory=dict)
    by_id: dict[int, Attendee] = field(default_factory=dict)
    pools: dict[int, tuple[int, ...]] = field(default_factory=dict)
    passes: dict[tuple[int, int], list[Pass]] = field(default_factory=dict)
    counted: set[tuple[int, int]] = field(default_factory=set)


def sync(gate: Gate, items: Sequence[Item], *, phone_now: int | None, by: By) -> list[Taken]:
    """Take a gate's queue. An entry that was taken before is answered as it was; one that cannot be is told apart."""
    now = clock.now()
    offset = milliseconds(now) - phone_now if phone_now is not None else 0
    batch = _open(gate.event, gate, items, by=by, now=now, offset=offset)
    order = sorted(range(len(items)), key=lambda at: (items[at].at or 0, at))
    taken = {at: _take(batch, items[at]) for at in order}
    db.session.flush()
    return [taken[at] for at in range(len(items))]


def by_hand(entry: CheckinList, attendee: Attendee, direction: Direction, *, actor: Any) -> Taken:
    """Check somebody in or out from the organiser's page; refused by the same rules."""
    item = Item(
        nonce=secrets.token_urlsafe(18),
        list_id=entry.id,
        direction=direction,
        at=milliseconds(clock.now()),
        offset=0,
        shown=None,
        attendee_id=attendee.id,
    )
    batch = _open(entry.event, None, [item], by=By(actor=actor), now=clock.now(), offset=0)
    taken = _take(batch, item)
    db.session.flush()
    return taken


def _open(event: Event, gate: Gate | None, items: Sequence[Item], *, by: By, now: datetime, offset: int) -> Batch:
    if gate is not None:  # two batches of one gate, e.g. the same one sent twice, come one after the other
        db.session.execute(sa.select(Gate.id).where(Gate.id == gate.id).with_for_update())
    lists = {one.id: one for one in db.session.execute(queries.lists_of_event(event.id)).scalars()}
    nonces = [item.nonce for item in items]
    known = db.session.execute(sa.select(Scan).where(Scan.nonce.in_(nonces))).unique().scalars()
    rules = {number: one.rule for number, one in lists.items()}
    batch = Batch(event, gate, by, now, offset, lists, rules, {scan.nonce: scan for scan in known})
    _load_people(batch, items)
    return batch


def _load_people(batch: Batch, items: Sequence[Item]) -> None:
    """The people of a batch with their registrations, locked in the order of ids where rows are locked."""
    codes = {code for item in items if (code := code_of_ticket(item.code))}
    ids = {item.attendee_id for item in items if item.attendee_id}
    wanted = (
        sa.select(Attendee.id, Attendee.registration_id)
        .join(Registration, Registration.id == Attendee.registration_id)
        .where(Registration.event_id == batch.event.id)
        .where(sa.or_(Attendee.code.in_(sorted(codes)), Attendee.id.in_(sorted(ids))))
    )
    rows = list(db.session.execute(wanted))
    people, parties = sorted(row[0] for row in rows), sorted({row[1] for row in rows})
    db.session.execute(
        sa.select(Registration.id).where(Registration.id.in_(parties)).order_by(Registration.id).with_for_update()
    )
    fresh: dict[str, Any] = {"populate_existing": True}
    loaded = sa.select(Registration).where(Registration.id.in_(parties))
    batch.parties = list(db.session.execute(loaded, execution_options=fresh).unique().scalars())
    attendees = {attendee.id: attendee for party in batch.parties for attendee in party.attendees}
    batch.by_id = {number: attendees[number] for number in people}
    batch.by_code = {attendee.code: attendee for attendee in batch.by_id.values()}
    held = sa.select(SeatClaim.registration_id, SeatClaim.pool_id).where(
        SeatClaim.registration_id.in_(parties), SeatClaim.held
    )
    for registration_id, pool_id in db.session.execute(held):
        batch.pools[registration_id] = (*batch.pools.get(registration_id, ()), pool_id)
    for list_id, attendee_id, direction, moment in queries.passes(list(batch.lists), people):
        batch.passes.setdefault((list_id, attendee_id), []).append(Pass(direction, milliseconds(moment)))
    counted = sa.select(Scan.list_id, Scan.attendee_id).where(Scan.counted, Scan.attendee_id.in_(people))
    batch.counted = {(row[0], row[1]) for row in db.session.execute(counted)}


def _take(batch: Batch, item: Item) -> Taken:
    known = batch.known.get(item.nonce)
    if known is not None:
        return _again(batch, known, item)
    if item.list_id not in batch.lists:
        return Taken(item.nonce, None, error=Conflict("这张签到名单已不存在，请刷新入口页面"))
    attendee = _person(batch, item)
    if item.walk_in is not None:
        try:
            attendee = _walk_in(batch, item)
        except DomainError as refused:
            if not item.shown:
                return Taken(item.nonce, None, error=refused)
    truth = _truth(batch, item, attendee)
    scan = _scan(batch, item, attendee, truth)
    db.session.add(scan)
    batch.known[item.nonce] = scan
    kind = _conflict(batch, item, scan, truth)
    if kind is not None:
        _note_conflict(scan, kind)
    _count(batch, scan, attendee)
    return Taken(item.nonce, scan, truth, conflict=kind is not None)


def _person(batch: Batch, item: Item) -> Attendee | None:
    if item.attendee_id is not None:
        return batch.by_id.get(item.attendee_id)
    code = code_of_ticket(item.code)
    return batch.by_code.get(code) if code else None


def _moment(batch: Batch, item: Item) -> datetime:
    """What the phone's clock would have said had it been right; never in the future."""
    if item.at is None:
        return batch.now
    offset = batch.offset if item.offset is None else item.offset
    return min(from_milliseconds(item.at + offset), batch.now)


def from_milliseconds(value: int) -> datetime:
    """As phones count → an aware moment."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=value)


def guest_of(attendee: Attendee, pools: tuple[int, ...]) -> Guest:
    """What the rules ask of a person."""
    registration = attendee.registration
    tags = tuple(tag.text for tag in registration.tags)
    return Guest(standing_of(registration.standing_at(clock.now())), registration.audience_id, tags, pools)


def _truth(batch: Batch, item: Item, attendee: Attendee | None) -> Verdict:
    rule = batch.rules[item.list_id]
    if attendee is None:
        return verdict(rule, None, Past(), item.direction, 0)
    moment = milliseconds(_moment(batch, item))
    passes = batch.passes.get((item.list_id, attendee.id), [])
    if rule.repeat is not Repeat.ONCE or item.direction is Direction.OUT:  # what came later does not count against it
        passes = [one for one in passes if one.moment <= moment]
    guest = guest_of(attendee, batch.pools.get(attendee.registration_id, ()))
    return verdict(rule, guest, past_of(passes), item.direction, moment)


def _scan(batch: Batch, item: Item, attendee: Attendee | None, truth: Verdict) -> Scan:
    accepted = truth.accepted if item.shown is None else item.shown
    reason = truth.reason
    if not accepted and truth.accepted:
        reason = item.reason or Reason.UNKNOWN
    source = ScanSource.ONLINE if item.shown is None or item.forced else ScanSource.OFFLINE
    return Scan(
        event_id=batch.event.id,
        list=batch.lists[item.list_id],
        list_id=item.list_id,
        gate=batch.gate,
        attendee_id=attendee.id if attendee else None,
        attendee=attendee,
        code=item.walk_in.name if item.walk_in else item.code,
        direction=item.direction,
        phone_moment=from_milliseconds(item.at) if item.at is not None else batch.now,
        moment=_moment(batch, item),
        received=batch.now,
        nonce=item.nonce,
        accepted=accepted,
        reason=reason,
        forced=item.forced and accepted,
        force_reason=item.force_reason if item.forced else "",
        source=source if batch.gate is not None else ScanSource.HAND,
        device=batch.by.device,
        actor_id=getattr(batch.by.actor, "id", None),
        actor_name=getattr(batch.by.actor, "name", "")[:60],
    )


def _conflict(batch: Batch, item: Item, scan: Scan, truth: Verdict) -> ConflictKind | None:
    """What staff must look at: somebody passed whom the server would not have let in."""
    if not scan.accepted or truth.accepted or truth.reason is Reason.OUTSIDE:
        return None
    kind = CONFLICTS.get(truth.reason, ConflictKind.RULE)
    if item.walk_in is not None:
        return ConflictKind.FULL
    knowingly = scan.forced and batch.gate is not None and batch.gate.may_force
    return None if knowingly and kind in KNOWINGLY else kind


def _note_conflict(scan: Scan, kind: ConflictKind) -> None:
    db.session.flush()
    other = None
    if scan.attendee_id is not None:
        statement = (
            sa.select(Scan.id)
            .where(Scan.list_id == scan.list_id, Scan.attendee_id == scan.attendee_id, Scan.id != scan.id)
            .where(Scan.accepted, Scan.undone.is_(None), Scan.direction == Direction.IN)
            .order_by(Scan.moment, Scan.id)
        )
        other = db.session.execute(statement.limit(1)).scalar()
    row = ScanConflict(event_id=scan.event_id, scan=scan, other_id=other, kind=kind, created=clock.now())
    db.session.add(row)
    db.session.flush()


def _count(batch: Batch, scan: Scan, attendee: Attendee | None) -> None:
    """An accepted scan becomes part of the person's past; the first entry of who has a place counts."""
    if attendee is None or not scan.accepted:
        return
    key = (scan.list_id, attendee.id)
    batch.passes.setdefault(key, []).append(Pass(scan.direction, milliseconds(scan.moment)))
    registration = attendee.registration
    if scan.direction is Direction.OUT or standing_of(registration.state) is not Standing.COMING:
        return
    if key not in batch.counted:
        scan.counted = True
        batch.counted.add(key)
    if attendance.mark(attendee, moment=scan.moment):
        activity.record("checkin.entered", subject=registration, actor=batch.by.actor, attendee=attendee.id)


def _again(batch: Batch, scan: Scan, item: Item) -> Taken:
    """An entry that came before. The phone may have gone its own way when our first answer did not reach it."""
    conflict = False
    if item.shown is True and not scan.accepted and scan.undone is None:
        scan.accepted, scan.source = True, ScanSource.OFFLINE
        db.session.flush()
        kind = CONFLICTS.get(scan.reason, ConflictKind.RULE)
        _note_conflict(scan, kind)
        _count(batch, scan, scan.attendee)
        conflict = True
    elif item.shown is False and scan.accepted and scan.undone is None and scan.direction is Direction.IN:
        from matchmaker.checkin.services.settling import take_back

        take_back(scan, actor=batch.by.actor, reason="")
    past = past_of(batch.passes.get((scan.list_id, scan.attendee_id or 0), []))
    return Taken(item.nonce, scan, Verdict(scan.accepted, scan.reason, past.first), conflict=conflict)


def _walk_in(batch: Batch, item: Item) -> Attendee:
    """Register who came without a registration; a full event puts them on the waiting list or refuses."""
    given = item.walk_in
    assert given is not None  # noqa: S101 - asked by the caller
    if batch.gate is not None and not batch.gate.may_add:
        raise DomainError("这个入口不能现场登记，请到服务台")
    audiences = {audience.id: audience for audience in batch.event.audiences}
    audience = audiences.get(given.audience_id or 0) or registrations.first_audience(batch.event)
    with db.session.begin_nested():
        registration = registrations.register_guest(
            batch.event,
            audience=audience,
            actor=batch.by.actor,
            source=Source.WALK_IN,
            name=given.name,
            people=[AttendeeLine(given.name, given.phone)],
            phone=given.phone,
            organisation_name=given.organisation,
            external_id=f"walk-in:{item.nonce}",
            silent=True,
        )
    (attendee,) = registration.attendees
    batch.by_id[attendee.id] = attendee
    batch.by_code[attendee.code] = attendee
    return attendee
