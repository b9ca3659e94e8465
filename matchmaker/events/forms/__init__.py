"""Forms of events: what organisers write, what people who register write."""

from matchmaker.events.forms.organiser import EventForm, ReasonForm
from matchmaker.events.forms.participant import AttendeesForm, GuestForm, RegistrationForm

__all__ = ["AttendeesForm", "EventForm", "GuestForm", "ReasonForm", "RegistrationForm"]
