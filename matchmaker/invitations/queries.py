"""Which invitations exist for whom; who is to be written to; the numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from matchmaker.accounts.rules import Permission
from matchmaker.core import folding
from matchmaker.core.db import db
from matchmaker.core.i18n import local
from matchmaker.core.viewer import Viewer, in_regions
from matchmaker.directory.models import FormerName, Organisation
from matchmaker.events.models import Audience, Event, EventRole
from matchmaker.events.queries import run_by
from matchmaker.events.rules import EventDuty
from matchmaker.invitations.models import Invitation, InvitationSending, InvitationTag
from matchmaker.invitations.rules import (
    ENDED,
    MOST_REMINDERS,
    REMIND_AFTER,
    UNANSWERED,
    Guest,
    InvitationState,
    keys_of,
)


def events_of(viewer: Viewer) -> sa.Select[Event]:
    """The events whose invitations fall to a person."""
    return run_by(viewer, EventDuty.REGISTRATIONS)


def visible_to(viewer: Viewer) -> sa.Select[Invitation]:
    """The invitations that fall to a person: of the region's events, or as far as a duty reaches."""
    here = in_regions(Event.region, viewer) if viewer.has(Permission.EVENTS_MANAGE) else sa.false()
    given = sa.select(EventRole.id).where(
        EventRole.user_id == viewer.id,
        EventRole.event_id == Invitation.event_id,
        EventRole.duty.in_((EventDuty.REGISTRATIONS, EventDuty.MANAGER)),
        sa.or_(EventRole.audience_id.is_(None), EventRole.audience_id == Invitation.audience_id),
    )
    return (
        sa.select(Invitation)
        .join(Event, Event.id == Invitation.event_id)
        .join(Audience, Audience.id == Invitation.audience_id)
        .where(sa.or_(here, given.correlate(Invitation).exists()))
    )


def of_event(viewer: Viewer, scope: Mapping[str, str]) -> sa.Select[Invitation]:
    """The invitations of one event, as far as they fall to this person."""
    text = scope.get("event_id", "")
    event_id = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
    return visible_to(viewer).where(Invitation.event_id == event_id)


def sendings_of(viewer: Viewer) -> sa.Select[InvitationSending]:
    """The rounds of messages of the events whose invitations fall to a person."""
    events = events_of(viewer).with_only_columns(Event.id)
    return sa.select(InvitationSending).where(InvitationSending.event_id.in_(events))


def by_id(invitation_id: int) -> sa.Select[Invitation]:
    """That invitation, for whoever holds its link."""
    return sa.select(Invitation).where(Invitation.id == invitation_id)


def closes() -> sa.ColumnElement[datetime]:
    """When registration ends, beside an invitation joined with its event and group."""
    return sa.func.coalesce(Audience.deadline, Event.deadline)


def in_state(statement: sa.Select[Any], state: InvitationState, now: datetime) -> sa.Select[Any]:
    """Those that stand so at that moment."""
    over = sa.and_(Invitation.state.in_(UNANSWERED), closes() < now)
    if state is InvitationState.EXPIRED:
        return statement.where(over)
    return statement.where(Invitation.state == state, ~over)


def silent() -> sa.ColumnElement[bool]:
    """Written to and never answered."""
    return sa.and_(Invitation.state.in_(UNANSWERED), Invitation.sent.is_not(None))


def unsent(statement: sa.Select[Invitation]) -> sa.Select[Invitation]:
    """Those that were never written to over their present link."""
    return statement.where(Invitation.state.in_(UNANSWERED), Invitation.sent.is_(None))


def to_remind(statement: sa.Select[Invitation], now: datetime) -> sa.Select[Invitation]:
    """The silent who may be reminded now."""
    last = sa.func.coalesce(Invitation.last_reminded, Invitation.sent)
    return statement.where(silent(), Invitation.reminders < MOST_REMINDERS, last <= now - REMIND_AFTER)


def tagged(statement: sa.Select[Any], text: str) -> sa.Select[Any]:
    """Those that bear a tag."""
    return statement.where(Invitation.tags.any(InvitationTag.text == text))


def found(statement: sa.Select[Any], text: str) -> sa.Select[Any]:
    """Those whose name, number, address or company contains what was typed."""
    columns = (Invitation.name, Invitation.phone, Invitation.email, Invitation.organisation_name)
    firms = sa.select(Organisation.id).where(Organisation.folded_name.contains(folding.fold(text), autoescape=True))
    return statement.where(
        sa.or_(Invitation.organisation_id.in_(firms), *(c.icontains(text, autoescape=True) for c in columns))
    )


def groups_of(viewer: Viewer, event_id: int) -> list[tuple[str, str]]:
    """The groups of an event as choices; nothing when the event is not this person's."""
    mine = events_of(viewer).with_only_columns(Event.id)
    statement = sa.select(Audience.id, Audience.name, Audience.name_en).where(
        Audience.event_id == event_id, Audience.event_id.in_(mine)
    )
    rows = db.session.execute(statement.order_by(Audience.position, Audience.id))
    return [(str(row.id), local(row, "name")) for row in rows]


def tags_of(event_id: int) -> list[str]:
    """The tags in use at one event."""
    statement = (
        sa.select(InvitationTag.text)
        .join(Invitation, Invitation.id == InvitationTag.invitation_id)
        .where(Invitation.event_id == event_id)
        .distinct()
        .order_by(InvitationTag.text)
    )
    return list(db.session.execute(statement).scalars())


def numbers(statement: sa.Select[Invitation]) -> tuple[dict[InvitationState, int], int, int]:
    """(how many in which state, how many silent, how many opened) of these invitations, in one query."""
    columns = (
        Invitation.state,
        sa.func.count(Invitation.id),
        sa.func.sum(sa.case((silent(), 1), else_=0)),
        sa.func.sum(sa.case((sa.and_(Invitation.opened.is_not(None), Invitation.state.not_in(ENDED)), 1), else_=0)),
    )
    rows = db.session.execute(statement.with_only_columns(*columns).group_by(Invitation.state)).all()
    states = {row[0]: int(row[1]) for row in rows}
    return states, sum(int(row[2]) for row in rows), sum(int(row[3]) for row in rows)


def live_twin(event_id: int, guest: Guest, *, besides: int | None = None) -> sa.Select[int]:
    """A live invitation of the same event for the same person."""
    same: list[sa.ColumnElement[bool]] = [Invitation.key.in_(keys_of(guest))]
    if guest.external_id:
        same.append(Invitation.external_id == guest.external_id)
    return sa.select(Invitation.id).where(
        Invitation.event_id == event_id,
        Invitation.state.not_in(ENDED),
        Invitation.id != (besides or 0),
        sa.or_(*same),
    )


def live_of_event(event_id: int) -> sa.Select[Invitation]:
    """All live invitations of one event, for an import."""
    return sa.select(Invitation).where(Invitation.event_id == event_id, Invitation.state.not_in(ENDED))


def organisations_by_code(codes: Iterable[str]) -> dict[str, Organisation]:
    """Organisations by their credit code, as written in the register."""
    found: dict[str, Organisation] = {}
    for part in _parts(codes):
        statement = sa.select(Organisation).where(Organisation.uscc.in_(part), Organisation.merged_into_id.is_(None))
        found |= {row.uscc: row for row in db.session.execute(statement).scalars() if row.uscc}
    return found


def organisations_by_name(folded: Iterable[str]) -> dict[str, Organisation]:
    """Organisations by folded full name, present names before old ones."""
    living = Organisation.merged_into_id.is_(None)
    found: dict[str, Organisation] = {}
    for part in _parts(folded):
        by_old = (
            sa.select(FormerName.folded_name, Organisation)
            .join(Organisation, Organisation.id == FormerName.organisation_id)
            .where(FormerName.folded_name.in_(part), living)
        )
        found |= {row[0]: row[1] for row in db.session.execute(by_old)}
        by_now = sa.select(Organisation).where(Organisation.folded_name.in_(part), living)
        found |= {row.folded_name: row for row in db.session.execute(by_now).scalars()}
    return found


def names_by_stem() -> dict[str, str]:
    """Every organisation's name by its stem, to hint at near matches."""
    statement = sa.select(Organisation.name).where(Organisation.merged_into_id.is_(None)).order_by(Organisation.id)
    return {folding.company_stem(name): name for name in db.session.execute(statement).scalars()}


def _parts(texts: Iterable[str], size: int = 500) -> Iterable[list[str]]:
    rows = sorted({text for text in texts if text})
    return (rows[start : start + size] for start in range(0, len(rows), size))


def personal_data(user: Any) -> dict[str, Any]:
    """What invitations hold about a person: those sent to their account, number or address."""
    rows = db.session.execute(about(user).order_by(Invitation.id)).unique().scalars()
    return {
        "invitations": [
            {
                "event": row.event.title,
                "name": row.name,
                "position": row.position,
                "phone": row.phone,
                "email": row.email,
                "state": row.state.value,
                "decline_reason": row.decline_reason,
                "created": row.created.isoformat(),
            }
            for row in rows
        ]
    }


def about(user: Any) -> sa.Select[Invitation]:
    """The invitations that are this person's."""
    own = [Invitation.user_id == user.id]
    if user.email:
        own.append(Invitation.email == user.email)
    if user.phone:
        own.append(Invitation.phone == user.phone)
    return sa.select(Invitation).where(sa.or_(*own))
