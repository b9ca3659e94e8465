"""Demo carriers with their papers, and tenancies in every state of the chain."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from matchmaker.accounts import services as accounts
from matchmaker.accounts.models import User
from matchmaker.accounts.rules import Role
from matchmaker.core.calendar import add_months
from matchmaker.core.db import db
from matchmaker.directory.models import Organisation
from matchmaker.incubation import queries
from matchmaker.incubation.models import Carrier, Tenancy
from matchmaker.incubation.rules import (
    BuildState,
    CarrierLevel,
    CarrierState,
    CarrierType,
    GraduationProof,
    SpecialField,
    TenancyState,
)
from matchmaker.incubation.services import applications, carriers, records
from matchmaker.seeding.demo import Demo, fen_of_wan, number
from matchmaker.seeding.demo_directory import contact_of

AREAS = {
    "total_m2": "total_area_m2",
    "usable_m2": "usable_area_m2",
    "tenant_m2": "tenant_area_m2",
    "public_m2": "public_area_m2",
}


def load_carriers(demo: Demo) -> int:
    """Carriers opened, proved and recognised on their days."""
    rows = demo.new("carriers")
    for row in rows:
        handler, opened = demo.staff(row["region"]), demo.ago(row["opened_days_ago"])
        with demo.on(opened):
            carrier = carriers.open_carrier(
                actor=handler,
                region=row["region"],
                name=row["name"],
                kind=CarrierType(row["type"]),
                operator=demo.organisation(row["operator"]).name,
                level=CarrierLevel.NONE,
                name_en=row["name_en"],
                address=row["address"],
                phone=row["phone"],
                summary=row["summary"],
                summary_en=row["summary_en"],
                target=row["target"] or None,
                build_state=BuildState(row["target_state"]),
                opened=opened,
                workstations=number(row["workstations"]) or 0,
                fund_fen=fen_of_wan(row["fund_wan"]),
                staff=number(row["staff"]),
                professional_staff=number(row["professional_staff"]),
                mentors=number(row["mentors_signed"]),
                demo=True,
                **{name: number(row[column]) or 0 for name, column in AREAS.items()},
            )
            carriers.move(carrier, actor=handler, target=CarrierState.OPERATING)
        _prove(carrier, row, demo, actor=handler)
        demo.note(row["key"], carrier.id)
        _manager(carrier, row, demo)
    return len(rows)


def _prove(carrier: Carrier, row: dict[str, str], demo: Demo, *, actor: User) -> None:
    """A planned line has no evidence, but the carrier itself may be recognised."""
    if row["state"] != CarrierState.RECOGNISED.value:
        return
    recognised = demo.ago(row["recognised_days_ago"])
    with demo.on(recognised):
        title = row["evidence"] or f"{row['name']}认定通知（演示）"
        carriers.add_paper(carrier, actor=actor, title=title, level=CarrierLevel(row["level"]), issued=recognised)
        carriers.move(carrier, actor=actor, target=CarrierState.RECOGNISED)


def _manager(carrier: Carrier, row: dict[str, str], demo: Demo) -> User:
    """Who runs the carrier: the login of the file, else the contact of its operator."""
    if row["manager"]:
        return demo.user(row["manager"])
    user = contact_of(demo, row["operator"])
    accounts.grant_role(user, Role.INCUBATOR_MANAGER, region=None, starts=demo.ago(row["opened_days_ago"]))
    return user


def load_tenancies(demo: Demo) -> int:
    """Stays as they were, the oldest first, then the applications that are on the way."""
    managers = {row["key"]: row for rows in demo.grouped("carriers", "key").values() for row in rows}
    rows = sorted(demo.new("tenancies"), key=lambda row: -int(row["applied_days_ago"]))
    for row in rows:
        carrier = demo.get(Carrier, row["carrier"])
        manager = _manager(carrier, managers[row["carrier"]], demo)
        tenancy = (
            _stay(row, carrier, demo, manager) if row["entered_days_ago"] else _application(row, carrier, demo, manager)
        )
        demo.note(row["key"], tenancy.id)
    return len(rows)


def _stay(row: dict[str, str], carrier: Carrier, demo: Demo, manager: User) -> Tenancy:
    organisation = demo.get(Organisation, row["organisation"])
    entered = demo.ago(row["entered_days_ago"])
    left = demo.ago(row["left_days_ago"]) if row["left_days_ago"] else None
    others = db.session.execute(queries.stays_of(organisation.id)).unique().scalars().all()
    with demo.on(left or entered):
        place = carriers.space(carrier, row["room"], area_m2=number(row["area_m2"]))
        return records.record(
            carrier,
            organisation,
            actor=manager,
            today=demo.day,
            entered=entered,
            state=TenancyState(row["state"]),
            others=others,
            left=left,
            due=add_months(entered, int(row["contract_months"]) + (number(row["extended_months"]) or 0)) - _A_DAY,
            special_field=SpecialField(row["special_field"]) if row["special_field"] else None,
            applied=demo.ago(row["applied_days_ago"]),
            reviewed=demo.ago(row["reviewed_days_ago"]) if row["reviewed_days_ago"] else None,
            score=Decimal(row["score"]) if row["score"] else None,
            project=row["project"],
            contract=row["contract"],
            contract_months=int(row["contract_months"]),
            space_id=place.id if place else None,
            area_m2=number(row["area_m2"]),
            workstations=number(row["workstations"]),
            reason=row["note"] or None,
            demo=True,
            **_graduation(row, left),
        )


_A_DAY = timedelta(days=1)


def _graduation(row: dict[str, str], left: date | None) -> dict[str, Any]:
    if not row["graduation_proof"] or left is None:
        return {}
    return {
        "proof": GraduationProof(row["graduation_proof"]),
        "proof_document": row["graduation_number"].format(year=left.year) or None,
        "proof_amount_fen": fen_of_wan(row["graduation_amount_wan"]),
    }


def _application(row: dict[str, str], carrier: Carrier, demo: Demo, manager: User) -> Tenancy:
    applicant, state = contact_of(demo, row["organisation"]), TenancyState(row["state"])
    with demo.on(demo.ago(row["applied_days_ago"])):
        tenancy = applications.apply(
            carrier,
            actor=applicant,
            organisation_id=demo.ids[row["organisation"]],
            project=row["project"],
            summary=row["note"],
            special_field=SpecialField(row["special_field"]) if row["special_field"] else None,
        )
    tenancy.demo = True
    with demo.on(demo.ago(row["reviewed_days_ago"] or 0)):
        if state is TenancyState.CANCELLED:
            applications.withdraw(tenancy, actor=applicant)
        elif state in {TenancyState.REVIEWING, TenancyState.REFUSED}:
            applications.accept(tenancy, manager)
            if state is TenancyState.REFUSED:
                applications.refuse(tenancy, actor=manager, reason=row["note"])
    return tenancy
