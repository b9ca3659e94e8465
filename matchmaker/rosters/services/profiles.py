"""What helpers say of themselves, and the places for service that people race for."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from matchmaker.activity import services as activity
from matchmaker.core import clock
from matchmaker.core.db import claim, db
from matchmaker.core.errors import Conflict, NotPermitted
from matchmaker.directory.models import Person
from matchmaker.rosters import access, queries, rules
from matchmaker.rosters.models import HelperProfile, InvestorProfile


def ensure(person: Person, *, capacity: int | None = None) -> HelperProfile:
    """The helper's row, made with the usual capacity where there is none yet."""
    profile = queries.profile_of(person.id) if person.id else None
    if profile is None:
        profile = HelperProfile(
            person=person,
            expertise="",
            capacity=rules.USUAL_CAPACITY if capacity is None else capacity,
            busy=0,
            updated=clock.now(),
        )
        rules.check_capacity(profile.capacity)
        db.session.add(profile)
        db.session.flush()
    elif capacity is not None and capacity != profile.capacity:
        rules.check_capacity(capacity)
        profile.capacity, profile.updated = capacity, clock.now()
    return profile


def edit(
    person: Person,
    *,
    actor: Any | None,
    capacity: int,
    expertise: str | None = None,
    summary: str | None = None,
    fields: list[str] | None = None,
    opted_out: bool = False,
    confidential: bool | None = None,
) -> HelperProfile:
    """Change what a helper offers. None leaves a text as it is; only a handler says who signed for confidentiality."""
    if actor is not None and not access.may_edit_profile(actor, person):
        raise NotPermitted("只能修改自己的资料")
    rules.check_capacity(capacity)
    profile = ensure(person)
    profile.capacity, profile.opted_out = capacity, opted_out
    if expertise is not None:
        profile.expertise = expertise.strip()
    if summary is not None:
        person.summary = summary.strip() or None
    if fields is not None:
        person.fields = sorted(set(fields))
    if confidential is not None and (actor is None or access.may_manage(actor, person.region)):
        profile.confidential = confidential
    profile.updated = person.updated = clock.now()
    activity.record("rosters.profile_edited", subject=person, actor=actor, capacity=capacity, opted_out=opted_out)
    db.session.flush()
    return profile


def state_ticket(
    person: Person, *, actor: Any | None, low_fen: int | None, high_fen: int | None, stages: list[str]
) -> InvestorProfile:
    """Write down what an investor puts in."""
    if actor is not None and not access.may_edit_profile(actor, person):
        raise NotPermitted("只能修改自己的资料")
    rules.check_ticket(low_fen, high_fen)
    row = queries.investor_of(person.id)
    if row is None:
        row = InvestorProfile(person_id=person.id, updated=clock.now())
        db.session.add(row)
    row.ticket_min_fen, row.ticket_max_fen = low_fen, high_fen
    row.stages = [stage.value for stage in rules.InvestmentStage if stage.value in stages]
    row.updated = clock.now()
    db.session.flush()
    return row


def take_place(person: Person) -> None:
    """Claim one of the helper's places in one conditional UPDATE. Raises Conflict when all are taken."""
    profile = ensure(person)
    taken = claim(
        sa.update(HelperProfile)
        .where(HelperProfile.id == profile.id, HelperProfile.busy < HelperProfile.capacity)
        .values(busy=HelperProfile.busy + 1, updated=clock.now())
    )
    db.session.refresh(profile)
    if not taken:
        raise Conflict("同时服务的数量已满（{n} 项），请先办结一项，或调高服务名额", n=profile.capacity)


def give_place_back(person: Person) -> None:
    """Free one of the helper's places."""
    profile = ensure(person)
    claim(
        sa.update(HelperProfile)
        .where(HelperProfile.id == profile.id, HelperProfile.busy > 0)
        .values(busy=HelperProfile.busy - 1, updated=clock.now())
    )
    db.session.refresh(profile)
