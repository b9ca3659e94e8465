"""Pages of a live final: for the host, for judges, and for the screen on stage."""

from flask import Blueprint

bp = Blueprint("finals", __name__, url_prefix="/finals")

from matchmaker.finals.views import host, judge, screen  # noqa: E402, F401 - the routes attach themselves
