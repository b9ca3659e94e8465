"""Demo events with their programme and the registrations as they came in."""

from __future__ import annotations

from datetime import datetime, timedelta

from matchmaker.checkin.services import setup
from matchmaker.events.models import Event, Registration
from matchmaker.events.rules import EventKind, RegistrationState
from matchmaker.events.services import deciding, events, registrations
from matchmaker.invitations.rules import Guest
from matchmaker.invitations.services import inviting, sending
from matchmaker.seeding.demo import Demo
from matchmaker.seeding.demo_directory import contact_of
from matchmaker.surveys.services import surveys

COMPANIONS = "甲乙丙丁"


def load_events(demo: Demo) -> int:
    """Events, drafted and published on the day their registration opened."""
    programme = demo.grouped("sessions", "event")
    rows = demo.new("events")
    for row in rows:
        organiser = demo.user(row["account"])
        starts = demo.moment(demo.ahead(row["starts_in_days"]), row["starts_at"])
        with demo.on(demo.ahead(row["registration_opens_in_days"])):
            event = events.draft(
                actor=organiser,
                region=row["region"],
                capacity=int(row["capacity"]),
                kind=EventKind(row["kind"]),
                starts=starts,
                ends=starts + timedelta(minutes=int(row["duration_minutes"])),
                deadline=demo.moment(demo.ahead(row["registration_closes_in_days"]), "18:00"),
                needs_approval=row["needs_approval"] == "1",
                description=_description(row, programme.get(row["key"], []), starts),
                contact=demo.organisation(row["organiser"]).name,
                **{name: row[name] for name in ("title", "title_en", "summary", "summary_en", "venue", "venue_en")},
            )
            if row["state"] == "published":
                events.publish(event, actor=organiser)
        demo.note(row["key"], event.id)
    return len(rows)


def _description(row: dict[str, str], sessions: list[dict[str, str]], starts: datetime) -> str:
    lines = [row["summary"], "议程"]
    for session in sessions:
        at = starts + timedelta(minutes=int(session["offset_minutes"]))
        speaker = f"（{session['speaker']}）" if session["speaker"] else ""
        lines.append(f"{at:%H:%M} {session['title']}{speaker}")
    return "\n\n".join(lines)


def load_registrations(demo: Demo) -> int:
    """Who comes, each decided or withdrawn the day after."""
    rows = sorted(demo.new("registrations"), key=lambda row: -int(row["registered_days_ago"]))
    for row in rows:
        person = demo.user(row["account"]) if row["account"] else None
        person = person or contact_of(demo, row["organisation"], name=row["contact_name"])
        event = demo.get(Event, row["event"])
        registered = demo.ago(row["registered_days_ago"])
        with demo.on(registered):
            registration = registrations.register(
                event,
                actor=person,
                organisation_id=demo.ids[row["organisation"]],
                attendees=_attendees(row),
                phone=row["contact_phone"],
                note=row["note"],
            )
        with demo.on(registered + timedelta(days=1)):
            _settle(registration, row, person, demo)
        demo.note(row["key"], registration.id)
    return len(rows)


def _attendees(row: dict[str, str]) -> str:
    others = [f"{row['contact_name']}同行{sign}" for sign in COMPANIONS[: int(row["attendees"]) - 1]]
    return "\n".join([f"{row['contact_name']}，{row['contact_phone']}", *others])


def load_invitations(demo: Demo) -> int:
    """Guests of an event, some of them written to."""
    rows = demo.new("invitations")
    for row in rows:
        event = demo.get(Event, row["event"])
        guest = Guest(**{name: row[name] for name in ("name", "position", "organisation_name", "phone", "email")})
        with demo.on(demo.ago(row["sent_days_ago"] or 1)):
            invitation = inviting.add(
                event,
                actor=event.owner,
                audience=event.audiences[0],
                guest=guest,
                party_most=int(row["party_most"]),
                delegable=row["delegable"] == "1",
            )
            if row["sent_days_ago"]:
                sending.send_one(invitation)
        demo.note(row["key"], invitation.id)
    return len(rows)


def load_event_days(demo: Demo) -> int:
    """A gate and a survey, so that a newcomer finds what there is to press."""
    rows = demo.new("event_days")
    for row in rows:
        event = demo.get(Event, row["event"])
        if row["gate"] == "1":
            setup.start(event, actor=event.owner)
        if row["survey"]:
            survey = surveys.create(event, actor=event.owner, anonymous=row["survey"] == "anonymous")
            surveys.start(survey, actor=event.owner)
        demo.note(row["key"], event.id)
    return len(rows)


def _settle(registration: Registration, row: dict[str, str], person: object, demo: Demo) -> None:
    wanted, staff = RegistrationState(row["state"]), registration.event.owner
    if wanted is registration.state:
        return
    if wanted is RegistrationState.WITHDRAWN:
        registrations.withdraw(registration, actor=person)
    elif wanted is RegistrationState.APPROVED:
        deciding.approve(registration, staff)
    elif wanted is RegistrationState.REJECTED:
        deciding.reject(registration, staff, row["note"])
