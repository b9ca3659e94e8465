"""Forms of events: what organisers write, what people who register write."""

from matchmaker.events.forms.organiser import EventForm, ReasonForm
from matchmaker.events.forms.participant import RegistrationForm

__all__ = ["EventForm", "ReasonForm", "RegistrationForm"]
