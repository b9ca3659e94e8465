"""Registering, changing and withdrawing; every path goes through the same seat pools."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from matchmaker.accounts.models import User
from matchmaker.activity import services as activity
from matchmaker.activity.models import Activity
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.core.putting import put
from matchmaker.directory.models import Organisation
from matchmaker.events import access, queries, rules
from matchmaker.events.models import Attendee, Audience, CalendarFeed, Event, Registration
from matchmaker.events.rules import AttendeeLine, RegistrationState, Source, WaitingPolicy
from matchmaker.events.services import answering, pools
from matchmaker.events.services.answering import Filled
from matchmaker.events.services.telling import compose, post, tell
from matchmaker.notifications.models import Message

REGISTERED = "events/mail/registered"
ONCE = ("registrations.event_id", "uq_live_registration")  # what SQLite and PostgreSQL name when somebody comes twice
ALREADY = "您的单位已经报过名；要改人数请打开已有的报名修改"


def register(event: Event, *, actor: Any, **wish: Any) -> Registration:
    """Register the actor or an organisation of theirs: seats are claimed, or the party joins the waiting list.

    `wish` is what `prepare` takes. Raises NotPermitted, Conflict, DomainError.
    """
    return enter(prepare(event, actor=actor, **wish), actor=actor)


@dataclass(frozen=True)
class Prepared:
    """A registration thought through: what is left is to claim its places and to write it down.

    `line` and `letter` say what they will if the registration comes to stand as foreseen.
    """

    registration: Registration
    filled: Filled | None
    foreseen: RegistrationState
    line: Activity
    letter: Message


def prepare(
    event: Event,
    *,
    actor: Any,
    organisation_id: int | None,
    attendees: str,
    phone: str,
    note: str = "",
    audience: Audience | None = None,
    filled: Filled | None = None,
    draft: Registration | None = None,
    source: Source = Source.SELF,
) -> Prepared:
    """Everything about a registration that needs no turn to write.

    `filled`: the answers to the group's form, kept in the same transaction; places of options are claimed with them.
    `draft`: the actor's own draft, which becomes the registration. Without one nothing is changed here, so that a rush
    of people waits for one another's writing only; whoever takes the turn afterwards makes sure that the event is still
    the one looked at here.
    """
    if not access.may_register_for(actor, organisation_id):
        raise NotPermitted("您不是这家单位的成员，请先加入单位再报名")
    audience = audience or first_audience(event)
    if audience.invited_only and source is not Source.INVITATION:
        raise Conflict("这一组仅限受邀单位报名，请使用邀请函里的链接")
    rules.check_open(state=event.state, deadline=audience.closes, now=clock.now(), opens=audience.opens)
    people = people_of(attendees, filled, most=audience.largest_party)
    values = {"organisation_id": organisation_id, "phone": phone, "note": note, "source": source}
    if draft is None:
        unit = db.session.get_one(Organisation, organisation_id) if organisation_id is not None else None
        row = _new(event, audience, people, user=db.session.get_one(User, actor.id), organisation=unit, **values)
    else:
        row = _from_draft(draft, people, **values)
    row.state = foreseen = _admitted(audience)
    line = activity.line("events.registered", subject=row, actor=actor, event=event.id, party=row.party)
    return Prepared(row, filled, foreseen, line, compose(row, REGISTERED))


def enter(prepared: Prepared, *, actor: Any) -> Registration:
    """Claim the places, write the registration and queue its letter. Raises Conflict, DomainError."""
    row = prepared.registration
    try:
        place(row, filled=prepared.filled, actor=actor)
    except IntegrityError as error:  # the unique indexes have the last word
        if not any(index in str(error.orig) for index in ONCE):
            raise
        raise Conflict(ALREADY) from None
    except pools.NoSeat:
        _check_first(row, user_id=actor.id)
        raise
    activity.enter(prepared.line, subject=row)
    if row.state is prepared.foreseen:
        post(row, prepared.letter)
    else:
        tell(row, REGISTERED)
    return row


def people_of(attendees: str, filled: Filled | None, *, most: int) -> list[AttendeeLine]:
    """Who comes: the lines of the form, and the accompanying people in the answers who take a seat each."""
    people = rules.attendees_of(attendees, most=most)
    people += [person for person in (filled.companions if filled else []) if person not in people]
    if len(people) > most:
        raise DomainError("一次最多报 {most} 人，现有 {n} 人", field="attendees", most=most, n=len(people))
    return people


def _from_draft(draft: Registration, people: Sequence[AttendeeLine], **values: Any) -> Registration:
    rules.check_registration_step(draft.state, RegistrationState.SUBMITTED)
    for key, value in values.items():
        setattr(draft, key, value)
    _replace_attendees(draft, people)
    draft.created = clock.now()
    return draft


def register_guest(
    event: Event,
    *,
    audience: Audience,
    actor: Any | None,
    source: Source,
    name: str,
    people: Sequence[AttendeeLine],
    phone: str = "",
    email: str = "",
    organisation_id: int | None = None,
    organisation_name: str = "",
    note: str = "",
    external_id: str | None = None,
    filled: Filled | None = None,
    approved: bool = True,
    past_line: bool = False,
    silent: bool = False,
) -> Registration:
    """Register somebody without an account: invited, imported, added by staff or walking in.

    A phone number or a mail address is enough, a walk-in needs neither. `past_line`: the caller has a reason on record
    for passing the waiting list. `approved`: no further decision is needed.
    """
    if not (phone or email) and source is not Source.WALK_IN:
        raise DomainError("请至少填写手机号或邮箱中的一项", field="phone")
    rules.check_event_live(event.state)
    registration = _new(
        event,
        audience,
        people,
        name=name,
        phone=phone,
        email=email,
        guest_key=guest_key(name, phone=phone, email=email),
        organisation_id=organisation_id,
        organisation_name=organisation_name,
        note=note,
        external_id=external_id,
        source=source,
    )
    if registration.guest_key and _guest_stands(event, registration.guest_key):
        raise Conflict("“{name}”已经在名单里，不必重复登记", field="name", name=name)
    place(registration, filled=filled, actor=actor, approved=approved, past_line=past_line)
    activity.record("events.registered", subject=registration, actor=actor, event=event.id, party=registration.party)
    if not silent:
        tell(registration, REGISTERED)
    return registration


def guest_key(name: str, *, phone: str = "", email: str = "") -> str | None:
    """What tells two guests apart: the name with the number or address; None for a walk-in who left neither."""
    contact = phone or email.lower()
    return f"{name}|{contact}" if contact else None


def first_audience(event: Event) -> Audience:
    """The group that a registration belongs to when the event has only one, or none was named."""
    return event.audiences[0]


def _new(event: Event, audience: Audience, people: Sequence[AttendeeLine], **values: Any) -> Registration:
    return Registration(
        event=event,
        audience=audience,
        state=RegistrationState.DRAFT,
        party=len(people),
        created=clock.now(),
        attendees=[Attendee(name=person.name, phone=person.phone) for person in people],
        **values,
    )


def place(
    registration: Registration,
    *,
    filled: Filled | None = None,
    actor: Any | None = None,
    approved: bool = False,
    past_line: bool = False,
) -> None:
    """Give a new registration its answers, its seats and its state; a full event with a waiting list puts it there."""
    wants = {**wants_of(registration), **(filled.places(registration.party) if filled else {})}
    try:
        pools.hold(registration, wants, past_line=past_line)
    except pools.NoSeat as full:
        if not full.waits or registration.event.waiting_policy is WaitingPolicy.NONE:
            raise answering.blame(full, registration.event, filled) from None
        _check_could_fit(registration, wants)
        pools.want(registration, wants)
        registration.state, registration.joined = RegistrationState.WAITING, clock.now()
    else:
        registration.state = RegistrationState.APPROVED if approved else _admitted(registration.audience)
        registration.joined = None
    if sa.inspect(registration).transient:
        put(registration, *registration.attendees, *registration.claims)
    else:
        db.session.add(registration)
        db.session.flush()
    # the unique indexes had the last word
    answering.keep(registration, filled, actor=actor)
    db.session.flush()


def wants_of(registration: Registration) -> dict[int, int]:
    """The places that follow from the party: of the event, and of its group where that has its own."""
    wants = {registration.event.pool.id: registration.party}
    if registration.audience.pool_id is not None:
        wants[registration.audience.pool_id] = registration.party
    return wants


def _check_could_fit(registration: Registration, wants: Mapping[int, int]) -> None:
    """A party larger than the whole pool would wait for ever."""
    capacity = {pool.id: pool.capacity for pool in registration.event.pools}
    least = min(capacity[pool_id] for pool_id in wants)
    if registration.party > least:
        raise Conflict("人数超过了总名额 {n} 个，请减少人数", field="attendees", n=least)


def _admitted(audience: Audience) -> RegistrationState:
    return RegistrationState.SUBMITTED if audience.asks_approval else RegistrationState.APPROVED


def _check_first(row: Registration, *, user_id: int) -> None:
    unit_id = row.organisation.id if row.organisation else None
    if queries.stands(row.event.id, user_id=user_id, organisation_id=unit_id, audience_id=row.audience.id):
        raise Conflict(ALREADY)


def _guest_stands(event: Event, key: str) -> bool:
    return db.session.execute(queries.live_guest(event.id, key)).first() is not None


def change(
    registration: Registration,
    *,
    actor: Any | None,
    attendees: str,
    phone: str,
    note: str = "",
    filled: Filled | None = None,
) -> None:
    """Change people and answers of one's own registration; seats follow, and the group may ask for a new approval.

    `actor` is None for a guest with a signed link. More people than there are places: refused, nothing changes.
    """
    if actor is not None and not access.may_withdraw(actor, registration):
        raise NotPermitted("只有报名人和同单位的同事可以修改")
    rules.check_editable(state=registration.standing_at(clock.now()), starts=registration.event.starts, now=clock.now())
    rules.check_event_live(registration.event.state)
    people = people_of(attendees, filled, most=registration.audience.largest_party)
    before = snapshot(registration)
    known = (registration.phone, registration.note, _answers(registration), _names(registration))
    _replace_attendees(registration, people)
    registration.phone, registration.note = phone, note
    answering.keep(registration, filled, actor=actor)
    _claim_again(registration, filled)
    if known == (registration.phone, registration.note, _answers(registration), _names(registration)):
        return
    if registration.state is RegistrationState.APPROVED and registration.audience.reapprove:
        registration.state = RegistrationState.SUBMITTED
    activity.record(
        "events.registration_changed", subject=registration, actor=actor, before=before, after=snapshot(registration)
    )
    db.session.flush()


def _answers(registration: Registration) -> dict[str, Any]:
    return dict(registration.sheet.answers) if registration.sheet else {}


def _names(registration: Registration) -> set[tuple[str, str]]:
    return {(attendee.name, attendee.phone) for attendee in registration.attendees}


def _claim_again(registration: Registration, filled: Filled | None) -> None:
    """The claims after a change: what the party and the answers ask for; sign-ups for sessions stay, for all."""
    others = (rules.PoolKind.SESSION, rules.PoolKind.MEAL, rules.PoolKind.BUS)
    stay = {c.pool_id: registration.party for c in registration.claims if c.pool.kind in others}
    if filled is None and registration.sheet is not None:
        filled = Filled(registration.sheet.version, registration.sheet.answers)
    wants = {**stay, **wants_of(registration), **(filled.places(registration.party) if filled else {})}
    if registration.state is RegistrationState.WAITING:
        pools.want(registration, wants)
    elif registration.state in rules.HOLDING:
        try:
            pools.hold(registration, wants)
        except pools.NoSeat as full:
            raise answering.blame(full, registration.event, filled) from None


def _replace_attendees(registration: Registration, people: Sequence[AttendeeLine]) -> None:
    """People who stay keep their code; the others go."""
    known = {(a.name, a.phone): a for a in registration.attendees}
    kept = [known.get((p.name, p.phone)) or Attendee(name=p.name, phone=p.phone) for p in people]
    registration.attendees = kept
    registration.party = len(kept)


def snapshot(registration: Registration) -> dict[str, Any]:
    """What the activity log keeps of a registration before and after a change; no contact data."""
    return {"party": registration.party, "state": registration.state.value, "note": bool(registration.note)}


def withdraw(registration: Registration, *, actor: Any | None) -> None:
    """Take a registration back and free its seats, until the event starts. `actor` None: a guest by signed link."""
    if actor is not None and not access.may_withdraw(actor, registration):
        raise NotPermitted("只有报名人和同单位的同事可以撤回")
    rules.check_registration_step(registration.state, RegistrationState.WITHDRAWN)
    rules.check_withdrawable(starts=registration.event.starts, now=clock.now())
    pools.let_go(registration)
    registration.state, registration.offered_until = RegistrationState.WITHDRAWN, None
    activity.record("events.withdrawn", subject=registration, actor=actor)
    db.session.flush()


def remind(*, ahead: timedelta = timedelta(hours=24)) -> int:
    """Queue one reminder for every approved registration whose event starts soon; repeated runs queue nothing new."""
    now = clock.now()
    rows = list(db.session.execute(queries.due_reminders(since=now, until=now + ahead)).unique().scalars())
    queued = [
        tell(row, "events/mail/reminder", dedupe=f"event-reminder:{row.id}:{row.event.starts.isoformat()}")
        for row in rows
    ]
    return sum(message is not None for message in queued)


def reconcile() -> tuple[list[tuple[int, int, int]], list[int]]:
    """Pools whose counter differs from their rows, and registrations whose claims contradict their state."""
    drift = [(row[0], row[1], row[2]) for row in db.session.execute(queries.drift())]
    return drift, list(db.session.execute(queries.false_claims()).scalars())


def forget(user: Any) -> None:
    """Take a person out of their registrations: live ones of events to come are withdrawn, contact and names go."""
    statement = sa.select(Registration).where(Registration.user_id == user.id).order_by(Registration.id)
    db.session.execute(sa.delete(CalendarFeed).where(CalendarFeed.user_id == user.id))
    now = clock.now()
    for row in db.session.execute(statement).unique().scalars().all():
        if row.state is RegistrationState.DRAFT:
            db.session.delete(row)
            continue
        if row.state in rules.LIVE and row.organisation_id is None and now < row.event.starts:
            pools.let_go(row)
            row.state, row.offered_until = RegistrationState.WITHDRAWN, None
        row.phone = row.note = row.email = row.name = ""
        if row.organisation_id is None:
            for attendee in row.attendees:
                attendee.name, attendee.phone, attendee.position = "已注销", "", ""
    db.session.flush()
