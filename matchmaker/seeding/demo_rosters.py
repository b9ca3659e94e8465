"""Demo of service: agreements of envoys with their first visits, mentors' times, which mentor serves which carrier."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from matchmaker.candidacies.models import Agreement
from matchmaker.candidacies.rules import AgreementState
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.directory.models import Person
from matchmaker.envoys.models import EnvoyVisit
from matchmaker.envoys.rules import VisitState
from matchmaker.incubation.models import Carrier
from matchmaker.mentoring import queries as mentoring
from matchmaker.mentoring.models import CarrierMentor
from matchmaker.mentoring.services import offering
from matchmaker.seeding import demo_incubation, demo_people, gateways
from matchmaker.seeding.demo import Demo

TIMES = ((1, time(14), time(17)), (3, time(9, 30), time(11, 30)))
VISITS = ((40, "排查热风除冰装置的传感器误报，更换两处接头。"), (12, "与班组复盘冬季停机记录，约定下月复测。"))


def load_envoys(demo: Demo) -> int:
    """Envoys, each with an agreement."""
    count = demo_people.load_envoys(demo)
    load_agreements(demo)
    return count


def load_carriers(demo: Demo) -> int:
    """Carriers, each with mentors who serve it."""
    count = demo_incubation.load_carriers(demo)
    load_mentoring(demo)
    return count


def load_agreements(demo: Demo) -> int:
    """One agreement for each demo envoy with a host, signed by all on its first day; the first has visits."""
    made = 0
    for row in gateways.rows("demo", "envoys"):
        key = f"agreement:{row['key']}"
        if key in demo.ids or not row["host"]:
            continue
        agreement = _agreement(row, demo)
        demo.note(key, agreement.id)
        if not made:
            _visits(agreement, demo)
        made += 1
    return made


def _agreement(row: dict[str, str], demo: Demo) -> Agreement:
    person, starts = demo.get(Person, row["key"]), demo.ago(row["appointed_days_ago"])
    signed = demo.moment(starts)
    agreement = Agreement(
        region=row["region"],
        person=person,
        sending_unit_id=person.organisation_id,
        host=demo.organisation(row["host"]),
        number=row["agreement"],
        goals=f"（演示）围绕{row['topics'].replace(';', '、')}为企业解决技术问题，两年不少于 12 次现场服务。",
        starts=starts,
        ends=starts + timedelta(days=int(row["term_days"]) - 1),
        state=AgreementState.IN_FORCE,
        envoy_signed=signed,
        host_signed=signed,
        bureau_signed=signed,
        demo=True,
        created=signed,
        updated=signed,
    )
    db.session.add(agreement)
    db.session.flush()
    return agreement


def _visits(agreement: Agreement, demo: Demo) -> None:
    for at, (days_ago, content) in enumerate(VISITS):
        starts = demo.moment(demo.ago(days_ago))
        confirmed = starts + timedelta(days=1) if at == 0 else None
        visit = EnvoyVisit(
            region=agreement.region,
            agreement=agreement,
            person=agreement.person,
            starts=starts,
            ends=starts + timedelta(hours=5),
            place=agreement.host.name,
            content=content,
            photo_hash=f"demo-{agreement.id}-{at}",
            state=VisitState.CONFIRMED if confirmed else VisitState.WAITING,
            confirmed=confirmed,
            confirmer_name="演示企业人员" if confirmed else "",
            rating=5 if confirmed else None,
            demo=True,
            created=_later(starts),
            updated=confirmed or _later(starts),
        )
        db.session.add(visit)
    db.session.flush()


def _later(moment: datetime) -> datetime:
    return moment + timedelta(hours=6)


def load_mentoring(demo: Demo) -> int:
    """Every second mentor in office offers times; mentors serve the demo carriers in turn."""
    today, made = clock.today(), 0
    carriers = [
        demo.get(Carrier, row["key"]) for row in gateways.rows("demo", "carriers") if row["state"] != "building"
    ]
    for at, row in enumerate(gateways.rows("demo", "mentors")):
        key = f"mentoring:{row['key']}"
        person = demo.find(Person, row["key"])
        post = mentoring.post_of(person.id, today) if person and key not in demo.ids else None
        if person is None or post is None:
            continue
        if at % 2 == 0:
            _offer(person)
        if carriers:
            _serve(carriers[at % len(carriers)], person, starts=post.starts)
        demo.note(key, person.id)
        made += 1
    return made


def _offer(person: Person) -> None:
    for weekday, starts, ends in TIMES:
        offering.add_window(
            person, actor=None, weekday=weekday, starts=starts, ends=ends, slot_minutes=60, place="孵化器路演厅（演示）"
        )


def _serve(carrier: Carrier, person: Person, *, starts: date) -> Any:
    row = CarrierMentor(carrier=carrier, person=person, starts=starts, demo=True)
    db.session.add(row)
    db.session.flush()
    return row
