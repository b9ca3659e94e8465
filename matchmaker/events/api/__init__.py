"""Events for programs: the same rules, rows and refusals as the pages, behind tokens with scopes."""

from matchmaker.events.api import events, places, registrations
from matchmaker.events.api.schemas import bp

__all__ = ["bp", "events", "places", "registrations"]
