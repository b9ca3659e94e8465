"""Pages of surveys: for who runs the event, and for who answers."""

from flask import Blueprint

bp = Blueprint("surveys", __name__, url_prefix="/surveys")

from matchmaker.surveys.views import answering, organiser  # noqa: E402, F401
