"""Who is told what about a candidacy."""

from __future__ import annotations

from typing import Any

from matchmaker.accounts import queries as accounts
from matchmaker.accounts.models import User
from matchmaker.accounts.rules import Role
from matchmaker.candidacies.models import Candidacy
from matchmaker.core.db import db
from matchmaker.notifications import services as notifications

APPLIED = "candidacies/mail/applied"
STEP = "candidacies/mail/step"
CHOSEN = "candidacies/mail/chosen"
ASKED = "candidacies/mail/asked"
MOST = 5


def url_of(row: Candidacy) -> str:
    """The page of a candidacy, for messages."""
    return f"/candidacies/{row.id}"


def people_of(row: Candidacy) -> list[User]:
    """Who applied, and the candidate."""
    person = db.session.get(User, row.person.user_id) if row.person.user_id else None
    found = {user.id: user for user in (row.applicant, person) if user is not None}
    return list(found.values())


def tell_candidate(row: Candidacy) -> None:
    """A step was taken."""
    for user in people_of(row):
        notifications.enqueue(STEP, to=user, about=row, url=url_of(row), candidacy=row)


def tell_handlers(row: Candidacy) -> None:
    """Something waits for the bureau."""
    for user in db.session.execute(accounts.holders_of(Role.HANDLER, region=row.region).limit(MOST)).unique().scalars():
        notifications.enqueue(APPLIED, to=user, about=row, url=url_of(row), candidacy=row)


def tell_unit(row: Candidacy, organisation_id: int, template: str, **context: Any) -> None:
    """Something waits for an organisation."""
    for user in db.session.execute(accounts.members_of(organisation_id).limit(MOST)).unique().scalars():
        notifications.enqueue(template, to=user, about=row, url=url_of(row), candidacy=row, **context)
