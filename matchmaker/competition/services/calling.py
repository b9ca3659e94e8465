"""Judges from a list who have no account yet: they get one that nobody can sign in to, and are asked first.

The address of the list is where the invitation goes; whoever has it sets the password there, which proves it. The
judge's role comes with the yes, not with the list.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matchmaker.accounts.models import User
from matchmaker.accounts.rules import Permission, Role
from matchmaker.accounts.services import users
from matchmaker.competition.models import Contest
from matchmaker.core import clock, folding
from matchmaker.core.db import db
from matchmaker.core.errors import DomainError
from matchmaker.directory.models import Person
from matchmaker.rosters import queries as rosters
from matchmaker.rosters.rules import AppointmentKind
from matchmaker.rosters.services import appointments

CONTACTS = ("phone", "email")
NO_PASSWORD = "!"  # noqa: S105 - fits nothing: the account opens by the link that sets a password


def newcomer(user: User) -> bool:
    """Does this account wait for its person to set a password?"""
    return user.password_hash == NO_PASSWORD and user.is_active


def experts_without_account(contest: Contest) -> list[Person]:
    """The appointed experts of the region that no account belongs to."""
    rows = db.session.execute(rosters.live_people(AppointmentKind.EXPERT, contest.region, clock.today())).scalars()
    return [row.person for row in rows if row.person.user_id is None and not row.person.sample]


def expert_of(values: Mapping[str, Any], experts: Sequence[Person]) -> Person | None:
    """The expert a line of the list means: by number or address, else by name and unit together."""
    same = [row for row in experts if row.user_id is None and folding.fold(row.name) == folding.fold(values["name"])]
    for row in same:
        if any(values.get(key) and values[key].lower() == (getattr(row, key) or "").lower() for key in CONTACTS):
            return row
    unit = folding.fold_company(values.get("unit", ""))
    near = [row for row in same if unit and unit == folding.fold_company(_unit(row))]
    return near[0] if len(near) == 1 else None


def make_account(contest: Contest, values: Mapping[str, Any], expert: Person | None, *, actor: Any) -> User:
    """The account of a person on the list; an expert's record is joined to it, so that it counts for recusals."""
    phone = values.get("phone") or (expert.phone if expert else None)
    email = values.get("email") or (expert.email if expert else None)
    if not phone and not email:
        raise DomainError("没有找到“{name}”的账号：请填写手机或邮箱，系统会发邀请", name=values["name"])
    user = users.create_user(
        name=values["name"],
        password_hash=NO_PASSWORD,
        region=contest.region,
        actor=actor,
        phone=phone or None,
        email=email or None,
    )
    if expert is not None:
        appointments.link_account(expert, user, actor=None)
    return user


def said_yes(user: User) -> None:
    """Whoever agrees to judge has read what is kept about them, and becomes a judge."""
    if newcomer(user) and user.consented is None:
        user.consented = clock.now()
    if not user.has(Permission.BALLOTS_OWN):
        users.grant_role(user, Role.JUDGE, region=None, actor=user)


def _unit(person: Person) -> str:
    return person.organisation.name if person.organisation else person.unit_text or ""
