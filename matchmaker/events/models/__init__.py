"""Tables of events."""

from matchmaker.events.models.event import Audience, Event, EventRole, EventSeries, SeatPool
from matchmaker.events.models.feed import CalendarFeed
from matchmaker.events.models.registration import Attendee, Registration, RegistrationTag, SeatClaim, new_code

__all__ = [
    "Attendee",
    "Audience",
    "CalendarFeed",
    "Event",
    "EventRole",
    "EventSeries",
    "Registration",
    "RegistrationTag",
    "SeatClaim",
    "SeatPool",
    "new_code",
]
