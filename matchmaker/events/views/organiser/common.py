"""What the organiser's pages share: loading by duty, one step with its flash."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from flask import flash, redirect
from flask_login import current_user
from flask_wtf import FlaskForm

from matchmaker.core.db import transaction
from matchmaker.core.errors import DomainError, Missing, NotPermitted
from matchmaker.core.i18n import sentence
from matchmaker.core.web import errors_on, one_or_404
from matchmaker.events import queries
from matchmaker.events.models import Event, Registration
from matchmaker.events.rules import EventDuty, RegistrationState


def run_event(event_id: int, duty: EventDuty = EventDuty.MANAGER) -> Event:
    """The event, for who has this duty on it; 404 for everybody else."""
    event: Event = one_or_404(queries.run_by(current_user, duty).where(Event.id == event_id))
    return event


def listed_event(event_id: int) -> Event:
    """The event, for who sees (some of) its registrations."""
    event: Event = one_or_404(queries.listed_to(current_user).where(Event.id == event_id))
    return event


def decidable(registration_id: int, duty: EventDuty = EventDuty.REGISTRATIONS) -> Registration:
    """The registration, for who decides on it; with EventDuty.VIEWER for who may look."""
    statement = queries.registrations_managed_by(current_user).where(
        Registration.id == registration_id,
        Registration.state != RegistrationState.DRAFT,
        queries.decidable_by(current_user, duty),
    )
    row: Registration = one_or_404(statement)
    return row


def step(url: str, done: str, work: Callable[[], Any], *, tone: str = "good") -> Any:
    """One press: carry it out, say so or why not, go on."""
    try:
        with transaction():
            work()
        flash(done, tone)
    except (Missing, NotPermitted):
        raise
    except DomainError as error:
        flash(sentence(error), "warn")
    return redirect(url, 303)


@contextmanager
def writing(form: FlaskForm) -> Iterator[None]:
    """A form's service call: refusals land on the form."""
    with errors_on(form), transaction():
        yield
