"""The organiser's pages, one file a noun."""

from matchmaker.events.views.organiser import (  # noqa: F401 - the routes attach themselves
    adding,
    events,
    groups,
    places,
    registrations,
    team,
    waiting,
)
