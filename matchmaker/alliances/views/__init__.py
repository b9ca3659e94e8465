"""Pages of alliances: for everybody, for the members, for the bureau."""

from flask import Blueprint

bp = Blueprint("alliances", __name__, url_prefix="/alliances")

from matchmaker.alliances.views import members, projects, public, records, staff  # noqa: E402, F401 - routes attach themselves
