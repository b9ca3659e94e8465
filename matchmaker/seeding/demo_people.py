"""Demo mentors, envoys, researchers with their work, and investors; somebody who is two of these is one person."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from matchmaker.accounts.models import User
from matchmaker.core import clock, folding
from matchmaker.core.db import db
from matchmaker.directory.models import Person, PersonDocument
from matchmaker.directory.rules import DocumentKind
from matchmaker.rosters.rules import AppointmentKind, MentorCategory
from matchmaker.rosters.services import appointments, profiles
from matchmaker.seeding.demo import Demo, fen_of_wan, several

ROSTER_DOCUMENT = "水科发〔演示〕30 号"
ROSTER_SINCE = 900  # days: researchers and investors are on the roster for this long
ROSTER_TERM = 1825


def load_mentors(demo: Demo) -> int:
    """Mentors with an appointment; those whose term is over are history."""
    rows = demo.new("mentors")
    for row in rows:
        person = _person(row, demo, unit=row["organisation"])
        details = {"category": MentorCategory(row["category"]), "certificate": row["certificate"]}
        _appoint(person, AppointmentKind.MENTOR, row, demo, capacity=int(row["capacity"]), **details)
        demo.note(row["key"], person.id)
    appointments.turn_states()
    return len(rows)


def load_envoys(demo: Demo) -> int:
    """Envoys with an agreement of two years."""
    rows = demo.new("envoys")
    for row in rows:
        person = _person(row, demo, unit=row["sending_unit"])
        _appoint(person, AppointmentKind.ENVOY, row, demo, certificate=row["agreement"], civil_servant=False)
        demo.note(row["key"], person.id)
    appointments.turn_states()
    return len(rows)


def load_researchers(demo: Demo) -> int:
    """Researchers on the roster; who does not want to be suggested has opted out."""
    rows = demo.new("researchers")
    for row in rows:
        person = _person(row, demo, unit=row["organisation"])
        _appoint_long(person, AppointmentKind.RESEARCHER, row, demo)
        demo.note(row["key"], person.id)
    return len(rows)


def load_results(demo: Demo) -> int:
    """What researchers wrote and own."""
    rows = demo.new("results")
    kinds = {"paper": DocumentKind.PAPER, "patent": DocumentKind.PATENT}
    for row in rows:
        person = demo.get(Person, row["researcher"])
        document = PersonDocument(
            kind=kinds.get(row["kind"], DocumentKind.PROJECT),
            title=row["title"],
            text=row["abstract"],
            keywords=[],
            year=demo.ago(row["published_days_ago"]).year,
            language=row["language"],
            source_key=row["key"],
        )
        person.documents.append(document)
        db.session.flush()
        demo.note(row["key"], document.id)
    return len(rows)


def load_investors(demo: Demo) -> int:
    """Investors and bankers with what they put in."""
    rows = demo.new("investors")
    for row in rows:
        row |= {"topics": row["industries"]}
        person = _person(row, demo, unit=row["organisation"])
        person.key_industries = sorted({*person.key_industries, *several(row["industries"])})
        _appoint_long(person, AppointmentKind.INVESTOR, row, demo)
        profiles.state_ticket(
            person,
            actor=None,
            low_fen=fen_of_wan(row["ticket_min_wan"]),
            high_fen=fen_of_wan(row["ticket_max_wan"]),
            stages=several(row["stages"]),
        )
        demo.note(row["key"], person.id)
    return len(rows)


def _person(row: dict[str, str], demo: Demo, *, unit: str) -> Person:
    """The person of a row: known by login, else by name and phone, else new."""
    user = demo.find(User, row["account"])
    known = sa.select(Person).where(Person.demo.is_(True))
    same = (
        known.where(Person.user_id == user.id)
        if user
        else known.where(Person.name == row["name"], Person.phone == row["phone"])
    )
    person = db.session.execute(same).scalars().first()
    if person is None:
        person = _new_person(row, demo, unit=unit, user=user)
    person.fields = sorted({*person.fields, *several(row["fields"])})
    return person


def _new_person(row: dict[str, str], demo: Demo, *, unit: str, user: User | None) -> Person:
    now = clock.now()
    reachable = row.get("contactable", "1") == "1"
    person = Person(
        region=row["region"],
        key=f"demo:{row['key']}",
        user_id=user.id if user else None,
        name=row["name"],
        folded_name=folding.fold(row["name"]),
        pinyin=folding.pinyin_initials(row["name"]),
        organisation=demo.organisation(unit) if unit else None,
        title=row["title"],
        discipline=row.get("discipline") or None,
        fields=several(row["fields"]),
        key_industries=[],
        summary=row["bio"],
        phone=row["phone"] if reachable else None,
        email=row["email"] if reachable else None,
        demo=True,
        source="demo",
        created=now,
        updated=now,
    )
    db.session.add(person)
    db.session.flush()
    return person


def _appoint(person: Person, kind: AppointmentKind, row: dict[str, str], demo: Demo, **details: Any) -> None:
    starts = demo.ago(row["appointed_days_ago"])
    ends = starts + timedelta(days=int(row["term_days"]) - 1)
    _give_post(person, kind, row, demo, document=row["document"], starts=starts, ends=ends, **details)


def _appoint_long(person: Person, kind: AppointmentKind, row: dict[str, str], demo: Demo) -> None:
    starts = demo.ago(ROSTER_SINCE)
    ends = starts + timedelta(days=ROSTER_TERM)
    _give_post(
        person, kind, row, demo, document=ROSTER_DOCUMENT, starts=starts, ends=ends, capacity=int(row["capacity"])
    )


def _give_post(
    person: Person,
    kind: AppointmentKind,
    row: dict[str, str],
    demo: Demo,
    *,
    document: str,
    starts: date,
    ends: date,
    capacity: int | None = None,
    **details: Any,
) -> None:
    with demo.on(starts):
        appointments.appoint(
            person,
            actor=demo.staff(row["region"]),
            kind=kind,
            document=document,
            starts=starts,
            ends=ends,
            capacity=capacity,
            demo=True,
            **details,
        )
    profile = profiles.ensure(person)
    profiles.edit(
        person,
        actor=None,
        capacity=profile.capacity,
        expertise="；".join(dict.fromkeys([*profile.expertise.split("；"), *several(row["topics"])])).strip("；"),
        opted_out=row.get("open_to_requests", "1") == "0",
    )
