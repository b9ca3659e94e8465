"""Who is told what about a candidacy."""

from __future__ import annotations

from typing import Any

from matchmaker.accounts import queries as accounts
from matchmaker.accounts.models import User
from matchmaker.accounts.rules import Role
from matchmaker.candidacies.models import Agreement, Candidacy
from matchmaker.core.db import db
from matchmaker.notifications import services as notifications
from matchmaker.rosters.models import Appointment
from matchmaker.rosters.services.telling import tell_person

APPLIED = "candidacies/mail/applied"
STEP = "candidacies/mail/step"
CHOSEN = "candidacies/mail/chosen"
ASKED = "candidacies/mail/asked"
RENEWED = "candidacies/mail/renewed"
ENDED = "candidacies/mail/ended"
RESIGNED = "candidacies/mail/resigned"
HOST_ENDED = "candidacies/mail/host_ended"
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


def tell_helper(post: Appointment, template: str) -> None:
    """A term was renewed or has ended; to the account, else to the address that the roster knows."""
    tell_person(post.person, template, about=post, url="/candidacies/own", post=post)


def tell_of_resignation(post: Appointment) -> None:
    """Handlers of the region read that somebody has resigned."""
    for user in (
        db.session.execute(accounts.holders_of(Role.HANDLER, region=post.region).limit(MOST)).unique().scalars()
    ):
        notifications.enqueue(RESIGNED, to=user, about=post, url=f"/rosters/appointments/{post.id}", post=post)


def tell_host_of_end(row: Agreement) -> None:
    """The host reads that its envoy comes no longer."""
    for user in db.session.execute(accounts.members_of(row.host_id).limit(MOST)).unique().scalars():
        notifications.enqueue(HOST_ENDED, to=user, about=row, url=f"/candidacies/agreements/{row.id}", agreement=row)
