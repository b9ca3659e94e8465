"""Who is told what about a tenancy."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from matchmaker.accounts import queries as accounts
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.incubation import queries
from matchmaker.incubation.models import Tenancy
from matchmaker.notifications import services as notifications

MOST = 5  # people of one organisation who get the same message


def url_of(tenancy: Tenancy) -> str:
    """The page of a tenancy, for messages."""
    return f"/incubation/tenancies/{tenancy.id}"


def people_of(tenancy: Tenancy) -> list[Any]:
    """The applicant, else a few people of the organisation."""
    if tenancy.applicant is not None:
        return [tenancy.applicant]
    if tenancy.organisation_id is None:
        return []
    statement = accounts.members_of(tenancy.organisation_id).limit(MOST)
    return list(db.session.execute(statement).unique().scalars())


def tell_tenant(tenancy: Tenancy, template: str, *, dedupe: str | None = None) -> int:
    """Write to the firm; returns how many messages were queued."""
    queued = [
        notifications.enqueue(
            template,
            to=person,
            about=tenancy,
            url=url_of(tenancy),
            dedupe=f"{dedupe}:{person.id}" if dedupe else None,
            tenancy=tenancy,
        )
        for person in people_of(tenancy)
    ]
    return sum(message is not None for message in queued)


def tell_managers(tenancy: Tenancy, template: str) -> None:
    """Write to who runs the carrier."""
    for person in db.session.execute(queries.managers_of(tenancy.carrier)).unique().scalars():
        notifications.enqueue(template, to=person, about=tenancy, url=url_of(tenancy), tenancy=tenancy)


def remind_due(*, ahead: timedelta = timedelta(days=90)) -> int:
    """Write to every firm whose stay ends soon or is over, once a month each; returns how many messages were queued."""
    today = clock.today()
    rows = list(db.session.execute(queries.to_remind(today=today, until=today + ahead)).unique().scalars())
    return sum(tell_tenant(row, "incubation/mail/due", dedupe=f"stay-due:{row.id}:{today:%Y-%m}") for row in rows)
