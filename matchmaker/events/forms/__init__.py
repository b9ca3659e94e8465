"""Forms of events: what organisers write, what people who register write."""

from matchmaker.events.forms.organiser import (
    AddForm,
    DutyForm,
    EventForm,
    ExceedForm,
    FormForm,
    GroupForm,
    MoveForm,
    PoolForm,
    PriorityForm,
    ReasonForm,
    RecordForm,
    ResizeForm,
)
from matchmaker.events.forms.participant import AttendeesForm, GuestForm, RegistrationForm

__all__ = [
    "AddForm",
    "AttendeesForm",
    "DutyForm",
    "EventForm",
    "ExceedForm",
    "FormForm",
    "GroupForm",
    "GuestForm",
    "MoveForm",
    "PoolForm",
    "PriorityForm",
    "ReasonForm",
    "RecordForm",
    "RegistrationForm",
    "ResizeForm",
]
