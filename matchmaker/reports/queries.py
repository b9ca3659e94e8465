"""Counting people: invitations, attendees, check-ins and survey answers of one event, whole or by a key."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from matchmaker.directory.models import Organisation
from matchmaker.events.models import Attendee, Audience, Registration
from matchmaker.events.rules import COMING, RegistrationState
from matchmaker.invitations.models import Invitation
from matchmaker.invitations.rules import InvitationState
from matchmaker.reports.rules import Split, Stage
from matchmaker.surveys.models import Survey, SurveyInvitation

NOT_ASKED = (InvitationState.DRAFT, InvitationState.WITHDRAWN, InvitationState.DELEGATED)


def people_by_state(event_id: int) -> sa.Select[RegistrationState, bool, int]:
    """(state of the registration, seen at a gate, people)."""
    seen = Attendee.attended_at.is_not(None)
    return (
        sa.select(Registration.state, seen, sa.func.count(Attendee.id))
        .join(Registration, Registration.id == Attendee.registration_id)
        .where(Registration.event_id == event_id, Registration.state != RegistrationState.DRAFT)
        .group_by(Registration.state, seen)
    )


def stages(event_id: int, split: Split) -> dict[Stage, sa.Select[str, int]]:
    """For each stage: (key of the split, people)."""
    key = _key(split)
    people = _people(event_id, key)
    came = Attendee.attended_at.is_not(None)
    return {
        Stage.INVITED: _invited(event_id, split),
        Stage.REGISTERED: people,
        Stage.APPROVED: people.where(sa.or_(Registration.state.in_(COMING), came)),
        Stage.ATTENDED: people.where(came),
        Stage.SURVEYED: people.join(SurveyInvitation, SurveyInvitation.attendee_id == Attendee.id)
        .join(Survey, Survey.id == SurveyInvitation.survey_id)
        .where(SurveyInvitation.used, Survey.event_id == event_id, came),
    }


def _people(event_id: int, key: Any) -> sa.Select[str, int]:
    return (
        sa.select(key, sa.func.count(Attendee.id))
        .select_from(Attendee)
        .join(Registration, Registration.id == Attendee.registration_id)
        .join(Audience, Audience.id == Registration.audience_id)
        .outerjoin(Organisation, Organisation.id == Registration.organisation_id)
        .where(Registration.event_id == event_id, Registration.state != RegistrationState.DRAFT)
        .group_by(key)
    )


def _key(split: Split) -> Any:
    if split is Split.SOURCE:
        return sa.cast(Registration.source, sa.String())
    return Audience.name if split is Split.GROUP else SECTION


SECTION = sa.func.coalesce(sa.func.substr(Organisation.industry_code, 1, 1), "")


def _invited(event_id: int, split: Split) -> sa.Select[str, int]:
    key: Any = SECTION
    if split is Split.SOURCE:
        key = sa.literal("invitation")
    elif split is Split.GROUP:
        key = Audience.name
    return (
        sa.select(key, sa.func.count(Invitation.id))
        .select_from(Invitation)
        .join(Audience, Audience.id == Invitation.audience_id)
        .outerjoin(Organisation, Organisation.id == Invitation.organisation_id)
        .where(Invitation.event_id == event_id, Invitation.state.not_in(NOT_ASKED))
        .group_by(key)
    )
