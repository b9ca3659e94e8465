"""Pages of a public vote: the ballot for everybody, preparing and checking for staff."""

from flask import Blueprint

bp = Blueprint("voting", __name__, url_prefix="/votes")

from matchmaker.voting.views import ballot, checking, setting  # noqa: E402, F401 - the routes attach themselves
