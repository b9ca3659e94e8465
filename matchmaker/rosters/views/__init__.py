"""Pages of the rosters: the staff's lists and steps, the helper's own pages, the panel on a person's page."""

from flask import Blueprint

bp = Blueprint("rosters", __name__, url_prefix="/rosters")

from matchmaker.rosters.views import own, staff  # noqa: E402, F401
