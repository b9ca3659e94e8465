"""Appointing, renewing and ending; the roles of the person's account follow."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from matchmaker.accounts import services as accounts
from matchmaker.accounts.models import User
from matchmaker.accounts.rules import Role
from matchmaker.activity import services as activity
from matchmaker.core import clock
from matchmaker.core.db import claim, db
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.directory.models import Person
from matchmaker.publicity.models import Decision
from matchmaker.publicity.services import decisions
from matchmaker.rosters import access, queries, rules
from matchmaker.rosters.models import Appointment
from matchmaker.rosters.rules import AppointmentKind, AppointmentState, Term
from matchmaker.rosters.services import letters, profiles

ROLES = {
    AppointmentKind.MENTOR: Role.MENTOR,
    AppointmentKind.ENVOY: Role.ENVOY,
    AppointmentKind.RESEARCHER: Role.RESEARCHER,
    AppointmentKind.INVESTOR: Role.INVESTOR,
    AppointmentKind.EXPERT: Role.JUDGE,
}
DETAILS = ("certificate", "category", "carrier", "demo")


def appoint(
    person: Person,
    *,
    actor: Any | None,
    kind: AppointmentKind,
    document: str,
    starts: date,
    ends: date,
    civil_servant: bool | None = None,
    capacity: int | None = None,
    historic: bool = False,
    ended: date | None = None,
    decided: bool = False,
    **details: Any,
) -> Appointment:
    """Give a person a post for a term. `actor` is None for files loaded on the command line.

    `historic` admits a term that is over, as a record of the past; `decided`: two people have decided, and the caller
    has checked who the second is. Raises NotPermitted or DomainError.
    """
    if not decided:
        _check_manages(actor, person.region)
    term = Term(starts, ends, ended)
    rules.check_appointment(kind, civil_servant=civil_servant, document=document, term=term)
    if not historic:
        rules.check_current(term, today=clock.today())
        _check_no_twin(person, kind)
    _check_no_second(person, kind, term)
    appointment = _add(person, kind, document, term, historic=historic, **details)
    if kind in rules.HELPER_KINDS:
        profiles.ensure(person, capacity=capacity)
    _give_role(person, appointment, actor=actor)
    activity.record("rosters.appointed", subject=appointment, actor=actor, post=kind.value, document=document.strip())
    db.session.flush()  # the unique index has the last word
    return appointment


def check_renewal(appointment: Appointment, *, document: str, starts: date, ends: date) -> None:
    """Raise what is wrong with a further term, before it is proposed and again when it is confirmed."""
    if appointment.state not in rules.RENEWABLE:
        raise Conflict("只有在聘或期满的聘任可以续聘")
    term = Term(starts, ends)
    rules.check_appointment(appointment.kind, civil_servant=False, document=document, term=term)
    rules.check_current(term, today=clock.today())
    if starts <= appointment.ends:
        raise DomainError("新聘期应从原聘期结束后的 {day} 起", field="starts", day=appointment.ends + timedelta(days=1))
    _check_no_second(appointment.person, appointment.kind, term)


def renew(
    appointment: Appointment, *, actor: Any | None, decision: Decision | None, document: str, starts: date, ends: date
) -> Appointment:
    """A new term after this one, decided by two people: the old row stays as history, the new one follows it."""
    _check_decided(appointment, rules.RENEWAL, decision, actor=actor)
    check_renewal(appointment, document=document, starts=starts, ends=ends)
    if appointment.state is AppointmentState.SERVING:  # a renewal implies the evaluation it rests on
        rules.check_transition(appointment.kind, appointment.state, AppointmentState.EVALUATING)
        appointment.state = AppointmentState.EVALUATING
    rules.check_transition(appointment.kind, appointment.state, AppointmentState.RENEWED)
    appointment.state, appointment.updated = AppointmentState.RENEWED, clock.now()
    db.session.flush()  # before the new row: one standing appointment of a kind
    details = {key: getattr(appointment, key) for key in DETAILS}
    follower = _add(
        appointment.person, appointment.kind, document, Term(starts, ends), renews_id=appointment.id, **details
    )
    _give_role(appointment.person, follower, actor=actor)
    note = decision.reason if decision else ""
    activity.record("rosters.renewed", subject=appointment, actor=actor, note=note, document=document.strip())
    letters.lapse(appointment, last=appointment.ends, actor=actor)
    decisions.lapse(appointment, kind=rules.ENDING, reason="已续聘")
    db.session.flush()
    return follower


def check_ending(appointment: Appointment, *, how: AppointmentState, reason: str, day: date) -> None:
    """Raise what is wrong with an early end, before it is proposed and again when it is confirmed."""
    if how not in rules.ENDINGS:
        raise Conflict("只能解聘或登记辞任", field="how")
    rules.check_transition(appointment.kind, appointment.state, how, reason=reason)
    running = _before(appointment, day) or appointment
    rules.check_term(Term(running.starts, running.ends, day))


def end(
    appointment: Appointment,
    *,
    actor: Any | None,
    decision: Decision | None,
    how: AppointmentState,
    reason: str,
    day: date,
) -> None:
    """End a post early on the decision of two people: dismissed, or resigned on paper, with reason and last day."""
    _check_decided(appointment, rules.ENDING, decision, actor=actor)
    _end(appointment, actor=actor, how=how, reason=reason, day=day)


def _end(appointment: Appointment, *, actor: Any, how: AppointmentState, reason: str, day: date) -> None:
    check_ending(appointment, how=how, reason=reason, day=day)
    appointment.state, appointment.ended, appointment.reason = how, day, reason.strip()
    appointment.updated = clock.now()
    _end_role(appointment, day)
    note = f"{how.label}：{appointment.reason}"
    activity.record("rosters.ended", subject=appointment, actor=actor, how=how.value, day=day.isoformat(), note=note)
    letters.lapse(appointment, last=day, actor=actor)
    earlier = _before(appointment, day)
    if earlier is not None:  # the further term never begins, the running one ends early
        earlier.ended, earlier.reason, earlier.updated = day, appointment.reason, clock.now()
        letters.lapse(earlier, last=day, actor=actor)
    decisions.lapse(appointment, kind=rules.RENEWAL, reason=f"已{how.label}")
    db.session.flush()


def _before(appointment: Appointment, day: date) -> Appointment | None:
    """The renewed term that still runs on the last day, when the further one has not begun by then."""
    if appointment.renews_id is None or day >= appointment.starts:
        return None
    return db.session.get(Appointment, appointment.renews_id)


def resign(appointment: Appointment, *, actor: Any, reason: str, day: date) -> None:
    """The person gives a post back, from today on; the bureau takes note of it."""
    if appointment.person.user_id != actor.id:
        raise NotPermitted("只能辞去自己的聘任")
    if day < clock.today():
        raise DomainError("最后一天不能早于今天", field="day")
    _end(appointment, actor=actor, how=AppointmentState.RESIGNED, reason=reason, day=day)
    decisions.lapse(appointment, kind=rules.ENDING, reason="本人已辞任")
    appointment.resigned = clock.now()
    db.session.flush()


def take_note(appointment: Appointment, *, actor: Any) -> None:
    """The bureau has read a resignation."""
    _check_manages(actor, appointment.region)
    seen = claim(
        sa.update(Appointment)
        .where(Appointment.id == appointment.id, Appointment.resigned.is_not(None), Appointment.noted.is_(None))
        .values(noted=clock.now(), noted_by_id=actor.id)
    )
    if not seen:
        raise Conflict("这份辞任已有同事登记知悉")
    activity.record("rosters.resignation_noted", subject=appointment, actor=actor)
    db.session.refresh(appointment)


def turn_states(*, today: date | None = None) -> int:
    """Begin the terms that have begun, expire those that are over, with their letters; how many changed."""
    day = today or clock.today()
    begun = sa.select(Appointment).where(
        Appointment.state == AppointmentState.APPOINTED, Appointment.starts <= day, Appointment.ends >= day
    )
    over = sa.select(Appointment).where(
        Appointment.state.in_((AppointmentState.APPOINTED, AppointmentState.SERVING, AppointmentState.EVALUATING)),
        Appointment.ends < day,
    )
    changed = [(row, AppointmentState.SERVING) for row in db.session.execute(begun).scalars()]
    changed += [(row, AppointmentState.EXPIRED) for row in db.session.execute(over).scalars()]
    for row, state in changed:
        row.state, row.updated = state, clock.now()
        activity.record(f"rosters.{state.value}", subject=row, actor=None)
        if state is AppointmentState.EXPIRED:
            decisions.lapse(row, kind=rules.ENDING, reason="聘期已满")
    db.session.flush()
    return len(changed) + letters.lapse_over(today=day)


def link_account(person: Person, user: User, *, actor: Any | None) -> None:
    """Join a directory record to an account; the roles of standing appointments come with it."""
    _check_manages(actor, person.region)
    if person.user_id not in (None, user.id):
        raise Conflict("这位人员已关联另一个账号")
    person.user_id, person.updated = user.id, clock.now()
    rows = db.session.execute(queries.of_person(person.id).where(Appointment.state.in_(rules.STANDING))).scalars()
    for row in rows:
        _give_role(person, row, actor=actor)
    activity.record("rosters.linked", subject=person, actor=actor, user=user.id)
    db.session.flush()


def _add(person: Person, kind: AppointmentKind, document: str, term: Term, **details: Any) -> Appointment:
    now = clock.now()
    row = Appointment(
        region=person.region,
        person=person,
        kind=kind,
        state=rules.state_of_term(term, today=clock.today()),
        document=document.strip(),
        starts=term.starts,
        ends=term.ends,
        ended=term.ended,
        created=now,
        updated=now,
        **details,
    )
    db.session.add(row)
    return row


def _check_no_twin(person: Person, kind: AppointmentKind) -> None:
    twin = queries.twin_with_post(person, kind) if person.id else None
    if twin is not None:
        raise Conflict("手机号与已聘任的“{name}”相同，可能是同一人，请先核对", field="kind", name=twin.name)


def _check_no_second(person: Person, kind: AppointmentKind, term: Term) -> None:
    others = db.session.execute(queries.of_person(person.id).where(Appointment.kind == kind)).scalars()
    counted = [row for row in others if row.state in rules.COUNTED]
    rules.check_no_second(
        rules.Appointment(person.id, kind, term), [rules.Appointment(person.id, kind, row.term) for row in counted]
    )


def _give_role(person: Person, appointment: Appointment, *, actor: Any | None) -> None:
    role = ROLES.get(appointment.kind)
    user = db.session.get(User, person.user_id) if person.user_id and role else None
    if user is None or role is None or appointment.ends < clock.today():
        return
    grant = accounts.grant_role(user, role, region=None, actor=actor, starts=appointment.starts, ends=appointment.ends)
    grant.starts = min(grant.starts, appointment.starts)
    grant.ends = max(grant.ends, appointment.ends) if grant.ends else grant.ends


def _end_role(appointment: Appointment, day: date) -> None:
    role = ROLES.get(appointment.kind)
    user = db.session.get(User, appointment.person.user_id) if appointment.person.user_id and role else None
    for grant in user.grants if user else ():
        if grant.role is role and grant.region is None:
            grant.ends = day if day > clock.today() else clock.today() - timedelta(days=1)


def _check_decided(appointment: Appointment, kind: str, decision: Decision | None, *, actor: Any | None) -> None:
    if actor is not None:  # None: files loaded on the command line
        decisions.require_confirmed(decision, kind=kind, subject=appointment)


def _check_manages(actor: Any | None, region: str) -> None:
    if actor is not None and not access.may_manage(actor, region):
        raise NotPermitted("这位人员不在您负责的区域")
