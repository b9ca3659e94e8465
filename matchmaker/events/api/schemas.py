"""What programs send and get; every text is cleaned as on the pages."""

from __future__ import annotations

from apiflask import Schema
from apiflask.fields import AwareDateTime, Boolean, Email, Enum, Integer, List, Nested, String
from apiflask.validators import Length, Range

from matchmaker.core.api import Text, blueprint, text
from matchmaker.events.rules import LARGEST_CAPACITY, LARGEST_PARTY, EventKind, WaitingPolicy
from matchmaker.lists import services as list_services

bp = blueprint("events", tag="events")


class EventChanges(Schema):
    """What of an event is to change; what is left out stays."""

    kind = Enum(EventKind, by_value=True)
    title = text(100)
    title_en = text(200)
    summary = text(200)
    summary_en = text(500)
    description = text(10000)
    description_en = text(10000)
    venue = text(100)
    venue_en = text(200)
    address = text(200)
    address_en = text(200)
    starts = AwareDateTime()
    ends = AwareDateTime()
    deadline = AwareDateTime()
    needs_approval = Boolean(truthy={True}, falsy={False})
    listed = Boolean(truthy={True}, falsy={False})
    contact = text(100)
    waiting_policy = Enum(WaitingPolicy, by_value=True)
    offer_hours = Integer(strict=True, validate=Range(1, 14 * 24))
    capacity = Integer(strict=True, validate=Range(1, LARGEST_CAPACITY))


class NewEvent(EventChanges):
    """A new event: a draft that only staff sees until it is published."""

    region = Text(required=True, validate=Length(equal=6))
    kind = Enum(EventKind, by_value=True, required=True)
    title = text(100, required=True)
    summary = text(200, required=True)
    description = text(10000, required=True)
    venue = text(100, required=True)
    starts = AwareDateTime(required=True)
    ends = AwareDateTime(required=True)
    deadline = AwareDateTime(required=True)
    capacity = Integer(strict=True, required=True, validate=Range(1, LARGEST_CAPACITY))


class Reason(Schema):
    """Why."""

    reason = text(500, required=True)


class EventShown(Schema):
    """One event. Moments are Beijing time."""

    id = Integer()
    region = String()
    kind = String()
    state = String()
    title = String()
    title_en = String(allow_none=True)
    summary = String()
    summary_en = String(allow_none=True)
    description = String()
    description_en = String(allow_none=True)
    venue = String()
    venue_en = String(allow_none=True)
    address = String()
    address_en = String(allow_none=True)
    starts = String()
    ends = String()
    deadline = String()
    needs_approval = Boolean()
    listed = Boolean()
    contact = String()
    waiting_policy = String()
    offer_hours = Integer()
    capacity = Integer()
    used = Integer()
    version = Integer()
    url = String()


class Place(Schema):
    """A pool of places."""

    id = Integer()
    kind = String()
    name = String()
    name_en = String(allow_none=True)
    capacity = Integer()
    used = Integer()


class Group(Schema):
    """A group of people the event is for."""

    id = Integer()
    name = String()
    name_en = String(allow_none=True)
    pool_id = Integer(allow_none=True)
    invited_only = Boolean()
    needs_approval = Boolean()
    opens = String(allow_none=True)
    deadline = String()
    largest_party = Integer()


class Person(Schema):
    """One person who comes."""

    name = text(60, required=True)
    phone = text(20)


class NewRegistration(Schema):
    """Somebody the organiser adds: a mobile number or a mail address is enough."""

    group_id = Integer(strict=True, validate=Range(1, 2**31 - 1))
    name = text(60, required=True)
    phone = text(20)
    email = Email(validate=Length(max=254))
    organisation_name = text(200)
    note = text(500)
    external_id = text(100)
    people = List(Nested(Person), validate=Length(min=1, max=LARGEST_PARTY))
    silent = Boolean(truthy={True}, falsy={False}, load_default=False)


class AttendeeShown(Schema):
    """One person who comes, with the code of the ticket."""

    id = Integer()
    name = String()
    phone = String()
    position = String()
    attended_at = String(allow_none=True)


class RegistrationShown(Schema):
    """One registration. `state` is how it stands at this moment."""

    id = Integer()
    event_id = Integer()
    group_id = Integer()
    state = String()
    source = String()
    who = String()
    name = String()
    phone = String()
    email = String()
    party = Integer()
    note = String()
    reason = String(allow_none=True)
    external_id = String(allow_none=True)
    tags = List(String())
    offered_until = String(allow_none=True)
    created = String()
    attendees = List(Nested(AttendeeShown))
    version = Integer()


class Decision(Schema):
    """Which registrations, and why."""

    ids = List(
        Integer(strict=True, validate=Range(1, 2**31 - 1)),
        required=True,
        validate=Length(min=1, max=list_services.LARGEST),
    )
    reason = Text(load_default="", validate=Length(max=500))


class Done(Schema):
    """What a bulk call did."""

    run = Integer(metadata={"description": "name it to undo"})
    done = Integer()
    skipped = Integer()
