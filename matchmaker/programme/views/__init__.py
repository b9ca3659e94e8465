"""Pages of the programme: planning, signing up, calendars, copies, series, new events."""

from flask import Blueprint

bp = Blueprint("programme", __name__, url_prefix="/programme")

from matchmaker.programme.views import (  # noqa: E402, F401 - the routes attach themselves
    calendars,
    copies,
    people,
    planning,
    series,
    signups,
)
