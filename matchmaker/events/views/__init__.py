"""Pages of events: for everybody, for who registers, for the organiser."""

from flask import Blueprint

bp = Blueprint("events", __name__, url_prefix="/events")

from matchmaker.events.views import (  # noqa: E402 - the routes attach themselves
    guest,  # noqa: F401
    organiser,  # noqa: F401
    participant,  # noqa: F401
    public,  # noqa: F401
    sharing,  # noqa: F401
)
