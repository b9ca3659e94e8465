"""Which campaigns exist for whom, who gets one, and what became of the messages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from matchmaker.accounts.models import User
from matchmaker.accounts.rules import Permission
from matchmaker.campaigns.models import Campaign
from matchmaker.campaigns.rules import CampaignState, Person, Reach, Seen, routes
from matchmaker.core.db import db
from matchmaker.core.i18n import local
from matchmaker.core.viewer import Viewer, in_regions
from matchmaker.events.models import Attendee, Audience, Event, EventRole, Registration, RegistrationTag, SeatClaim
from matchmaker.events.rules import EventDuty, PoolKind, RegistrationState
from matchmaker.invitations import queries as invitations
from matchmaker.invitations.models import Invitation
from matchmaker.notifications import queries as notifications
from matchmaker.notifications.models import Message
from matchmaker.notifications.rules import Channel, MessageState
from matchmaker.questionnaires.models import AnswerSheet, Questionnaire
from matchmaker.questionnaires.rules.definition import UPLOADS, Field, FieldKind

DUTIES = (EventDuty.MESSAGES, EventDuty.MANAGER)
R = RegistrationState


def visible_to(viewer: Viewer) -> sa.Select[Campaign]:
    """The campaigns of the events whose messages fall to a person, or of the one group that does."""
    managed = in_regions(Event.region, viewer) if viewer.has(Permission.EVENTS_MANAGE) else sa.false()
    here = sa.select(Event.id).where(managed)
    given = sa.select(EventRole.id).where(
        EventRole.user_id == viewer.id,
        EventRole.event_id == Campaign.event_id,
        EventRole.duty.in_(DUTIES),
        sa.or_(EventRole.audience_id.is_(None), EventRole.audience_id == Campaign.group_id),
    )
    return sa.select(Campaign).where(sa.or_(Campaign.event_id.in_(here), given.correlate(Campaign).exists()))


def of_event(viewer: Viewer, scope: Mapping[str, str]) -> sa.Select[Campaign]:
    """The campaigns of one event."""
    return visible_to(viewer).where(Campaign.event_id == _number(scope, "event_id"))


def groups_for(viewer: Viewer, event: Event) -> list[Audience]:
    """The groups a person may write to, if not to everybody; empty: to everybody."""
    roles = [role for role in event.team if role.user_id == viewer.id and role.duty in DUTIES]
    own = {role.audience_id for role in roles}
    region = sa.select(Event.id).where(Event.id == event.id, in_regions(Event.region, viewer))
    if None in own or (viewer.has(Permission.EVENTS_MANAGE) and db.session.execute(region).first()):
        return []
    return [group for group in event.audiences if group.id in own]


def one(campaign_id: int) -> sa.Select[Campaign]:
    """That campaign, for jobs."""
    return sa.select(Campaign).where(Campaign.id == campaign_id)


def planned() -> sa.Select[Campaign]:
    """What waits for its moment; when that is depends on the times of the event."""
    return sa.select(Campaign).where(Campaign.state == CampaignState.PLANNED).order_by(Campaign.id)


def sending() -> sa.Select[int]:
    """What has begun and is not through."""
    return sa.select(Campaign.id).where(Campaign.state == CampaignState.SENDING).order_by(Campaign.id)


def missed_for(viewer: Viewer, since: datetime) -> sa.Select[Campaign]:
    """What did not go out on its own and still needs a decision."""
    missed = visible_to(viewer).where(Campaign.state == CampaignState.MISSED, Campaign.updated >= since)
    return missed.order_by(Campaign.id)


def replacing(event_id: int) -> sa.Select[int]:
    """The campaigns that stand for the platform's own reminder of an event."""
    live = (CampaignState.PLANNED, CampaignState.SENDING, CampaignState.SENT)
    return sa.select(Campaign.id).where(
        Campaign.event_id == event_id, Campaign.replaces_reminder, Campaign.state.in_(live)
    )


# Who gets it


def stands(state: RegistrationState, now: datetime) -> sa.ColumnElement[bool]:
    """Registrations that stand so at that moment: an offer that ran out has lapsed, whether or not a job has run."""
    ran_out = sa.and_(Registration.state == R.OFFERED, Registration.offered_until <= now)
    if state is R.LAPSED:
        return sa.or_(Registration.state == R.LAPSED, ran_out)
    return sa.and_(Registration.state == state, sa.not_(ran_out)) if state is R.OFFERED else Registration.state == state


def _seen(seen: Seen, event: Event, now: datetime) -> sa.ColumnElement[bool]:
    here = (
        sa.select(Attendee.id)
        .where(Attendee.registration_id == Registration.id, Attendee.attended_at.is_not(None))
        .correlate(Registration)
        .exists()
    )
    if seen is Seen.ATTENDED:
        return sa.or_(Registration.state == R.ATTENDED, here)
    waited = sa.and_(Registration.state == R.APPROVED, sa.not_(here))
    if seen is Seen.NOT_YET:
        return waited
    return sa.or_(Registration.state == R.ABSENT, waited) if event.ends <= now else Registration.state == R.ABSENT


def _answered(field_id: str, value: str) -> sa.ColumnElement[bool]:
    text = AnswerSheet.answers[field_id].as_string()
    listed = sa.and_(text.startswith("["), text.contains(f'"{value}"', autoescape=True))
    truths = {"true": ("true", "1"), "false": ("false", "0")}.get(value, (value,))
    sheets = sa.select(AnswerSheet.id).where(AnswerSheet.id == Registration.sheet_id, sa.or_(text.in_(truths), listed))
    return sheets.correlate(Registration).exists()


def matching(campaign: Campaign, now: datetime) -> list[sa.ColumnElement[bool]]:
    """What a registration must be like to get a campaign, as far as the rows say it now."""
    chosen = campaign.filters
    found = [Registration.event_id == campaign.event_id, Registration.state != R.DRAFT]
    if campaign.group_id is not None:
        found.append(Registration.audience_id == campaign.group_id)
    if chosen.get("states"):
        found.append(sa.or_(*(stands(R(state), now) for state in chosen["states"])))
    if chosen.get("tags"):
        tagged = sa.select(RegistrationTag.registration_id).where(RegistrationTag.text.in_(chosen["tags"]))
        found.append(Registration.id.in_(tagged))
    if chosen.get("sources"):
        found.append(Registration.source.in_(chosen["sources"]))
    if chosen.get("handlers"):
        found.append(Registration.handler_id.in_(chosen["handlers"]))
    if chosen.get("seen"):
        found.append(_seen(Seen(chosen["seen"]), campaign.event, now))
    if chosen.get("sessions"):
        held = sa.select(SeatClaim.registration_id).where(SeatClaim.pool_id.in_(chosen["sessions"]), SeatClaim.held)
        found.append(Registration.id.in_(held))
    if chosen.get("question"):
        found.append(_answered(chosen["question"], chosen.get("answer", "")))
    if chosen.get("ids"):
        found.append(Registration.id.in_(chosen["ids"]))
    return found


def _silent(campaign: Campaign, now: datetime) -> list[sa.ColumnElement[bool]]:
    """Invitations that went out, were not answered, and can still be answered."""
    found = [Invitation.event_id == campaign.event_id, invitations.silent(), invitations.closes() >= now]
    if campaign.group_id is not None:
        found.append(Invitation.audience_id == campaign.group_id)
    return found


def _invited(statement: Any) -> Any:
    return statement.join(Event, Event.id == Invitation.event_id).join(Audience, Audience.id == Invitation.audience_id)


def recipients(campaign: Campaign, now: datetime, *, after: int = 0) -> sa.Select[Any]:
    """The registrations (or invitations) a campaign goes to, in the order in which they are served."""
    if campaign.invited:
        chosen = _invited(sa.select(Invitation)).where(*_silent(campaign, now), Invitation.id > after)
        return chosen.order_by(Invitation.id)
    return sa.select(Registration).where(*matching(campaign, now), Registration.id > after).order_by(Registration.id)


def people(campaign: Campaign, now: datetime) -> list[tuple[Person, str]]:
    """Where everybody can be reached, with the name to show: one query."""
    if campaign.invited:
        columns = (Invitation.id, Invitation.email, Invitation.phone, Invitation.name, Invitation.organisation_name)
        rows = db.session.execute(
            _invited(sa.select(*columns).select_from(Invitation)).where(*_silent(campaign, now)).order_by(Invitation.id)
        )
        return [(Person(row[0], None, row[1].strip().lower(), row[2]), row[3] or row[4]) for row in rows]
    name = sa.func.coalesce(sa.func.nullif(Registration.name, ""), User.name, "")
    email = sa.func.coalesce(sa.func.nullif(Registration.email, ""), User.email, "")
    phone = sa.func.coalesce(sa.func.nullif(Registration.phone, ""), User.phone, "")
    statement = (
        sa.select(Registration.id, Registration.user_id, email, phone, name)
        .select_from(Registration)
        .outerjoin(User, User.id == Registration.user_id)
        .where(*matching(campaign, now))
        .order_by(Registration.id)
    )
    return [(Person(row[0], row[1], row[2].strip().lower(), row[3]), row[4]) for row in db.session.execute(statement)]


def count(campaign: Campaign, now: datetime) -> int:
    """How many registrations or invitations a campaign goes to."""
    if campaign.invited:
        statement = _invited(sa.select(sa.func.count(Invitation.id)).select_from(Invitation))
        return int(db.session.execute(statement.where(*_silent(campaign, now))).scalar_one())
    counted = sa.select(sa.func.count(Registration.id)).where(*matching(campaign, now))
    return int(db.session.execute(counted).scalar_one())


def person_of(registration: Registration | Invitation) -> Person:
    """Where the people of one registration, or one invited guest, can be reached."""
    if isinstance(registration, Invitation):
        return Person(registration.id, None, registration.email.strip().lower(), registration.phone)
    user = registration.user
    email = registration.email or (user.email if user else "") or ""
    phone = registration.phone or (user.phone if user else "") or ""
    return Person(registration.id, registration.user_id, email.strip().lower(), phone)


def stopped(persons: Iterable[Person]) -> set[tuple[str, str]]:
    """The (channel, address) pairs among these that get nothing any more."""
    known = list(persons)
    mails = notifications.suppressed_among(Channel.MAIL, [p.email for p in known])
    phones = notifications.suppressed_among(Channel.SMS, [p.phone for p in known])
    return {("mail", address) for address in mails} | {("sms", number) for number in phones}


def told(batch: str, persons: Iterable[Person]) -> set[tuple[str, str]]:
    """The (channel, address) pairs among these that have a message of this sending; on the site a person is one."""
    known = list(persons)
    addresses = {address for p in known for address in (p.email, p.phone) if address}
    statement = sa.select(Message.channel, Message.address, Message.user_id).where(
        Message.batch == batch,
        sa.or_(
            Message.address.in_(sorted(addresses)),
            sa.and_(
                Message.channel == Channel.SITE, Message.user_id.in_(sorted({p.user_id for p in known if p.user_id}))
            ),
        ),
    )
    return {
        (channel.value, str(user_id) if channel is Channel.SITE else address)
        for channel, address, user_id in db.session.execute(statement)
    }


@dataclass(frozen=True)
class Missing:
    """Somebody who will get nothing, and why."""

    registration_id: int
    name: str
    address: str
    reach: Reach


@dataclass(frozen=True)
class Overview:
    """Whom a campaign would reach if it went out now: `channels` counts by channel, `missing` names who gets nothing,
    `shared` how many registrations use the address of another one."""

    total: int
    channels: Mapping[Channel, int]
    missing: Sequence[Missing]
    shared: int

    @property
    def reached(self) -> int:
        """How many messages would be queued."""
        return sum(self.channels.values())


def overview(campaign: Campaign, now: datetime) -> Overview:
    """Whom a campaign would reach if it went out now; a handful of queries for five thousand."""
    known = people(campaign, now)
    persons = [person for person, _name in known]
    ways = routes(persons, campaign.way, stopped=stopped(persons), each=campaign.each)
    reached = Counter(Channel(way.channel) for way in ways if way.reach is Reach.REACHED)
    gone = (Reach.UNREACHABLE, Reach.SUPPRESSED)
    missing = [
        Missing(person.id, name, way.address, way.reach)
        for (person, name), way in zip(known, ways, strict=True)
        if way.reach in gone
    ]
    shared = sum(way.reach is Reach.SHARED for way in ways)
    return Overview(len(known), dict(reached), missing, shared)


# What can be chosen


def tags_of(event: Event) -> list[str]:
    """The tags in use on an event."""
    statement = (
        sa.select(RegistrationTag.text)
        .join(Registration, Registration.id == RegistrationTag.registration_id)
        .where(Registration.event_id == event.id)
        .distinct()
        .order_by(RegistrationTag.text)
    )
    return list(db.session.execute(statement).scalars())


def handlers_of(event: Event) -> list[tuple[int, str]]:
    """Who handles registrations of an event."""
    statement = (
        sa.select(User.id, User.name)
        .join(Registration, Registration.handler_id == User.id)
        .where(Registration.event_id == event.id)
        .distinct()
        .order_by(User.name, User.id)
    )
    return [(row[0], row[1]) for row in db.session.execute(statement)]


def sessions_of(event: Event) -> list[tuple[int, str]]:
    """What people sign up for beside the event itself: sessions, meals, buses."""
    wanted = (PoolKind.SESSION, PoolKind.MEAL, PoolKind.BUS, PoolKind.OPTION)
    return [(pool.id, local(pool, "name")) for pool in event.pools if pool.kind in wanted]


def questions_of(event: Event) -> dict[str, Field]:
    """The questions asked by the forms of an event, files left out."""
    ids = [group.questionnaire_id for group in event.audiences if group.questionnaire_id]
    if not ids:
        return {}
    forms = db.session.execute(sa.select(Questionnaire).where(Questionnaire.id.in_(ids))).scalars()
    without = UPLOADS | {FieldKind.COMPANIONS, FieldKind.LONG_TEXT}
    return {field.id: field for form in forms for field in form.definition.fields if field.kind not in without}


# What became of it


def log_of(viewer: Viewer, scope: Mapping[str, str]) -> sa.Select[Message]:
    """Who got what of one campaign, over which channel, with the result."""
    number = _number(scope, "campaign_id")
    mine = visible_to(viewer).where(Campaign.id == number).with_only_columns(Campaign.id)
    return notifications.of_batch(f"campaign:{number}").where(mine.exists())


def sent_about(registration: Registration) -> sa.Select[Message]:
    """The messages sent about one registration, the newest first."""
    return (
        sa.select(Message)
        .where(Message.about_kind == Registration.__tablename__, Message.about_id == registration.id)
        .where(Message.state != MessageState.CANCELLED)
        .order_by(Message.id.desc())
    )


def personal_data(user: Any) -> dict[str, Any]:
    """What a person wrote to others; what they were sent is among their messages."""
    statement = sa.select(Campaign).where(Campaign.created_by_id == user.id).order_by(Campaign.id)
    rows = db.session.execute(statement).unique().scalars()
    return {
        "campaigns": [
            {"event": row.event.title, "name": row.name, "subject": row.subject, "created": row.created.isoformat()}
            for row in rows
        ]
    }


def _number(scope: Mapping[str, str], key: str) -> int:
    text = scope.get(key, "")
    return int(text) if text.isascii() and text.isdigit() else 0
