"""The lists of events, described once for page, export, bulk action and API."""

from matchmaker.events.lists.events import EVENTS, choices
from matchmaker.events.lists.registrations import REGISTRATIONS

__all__ = ["EVENTS", "REGISTRATIONS", "choices"]
