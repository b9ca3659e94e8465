"""Pages of events: for everybody, for who registers, for the organiser."""

from flask import Blueprint

bp = Blueprint("events", __name__, url_prefix="/events")

from matchmaker.events.views import organiser, participant, public  # noqa: E402, F401 - the routes attach themselves
