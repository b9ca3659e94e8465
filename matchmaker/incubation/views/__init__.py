"""Pages of incubation: for everybody, for the firm that applies, for who runs a carrier and for the bureau."""

from flask import Blueprint

bp = Blueprint("incubation", __name__, url_prefix="/incubation")

from matchmaker.incubation.views import applicant, carriers, manager, public, steps  # noqa: E402, F401 - routes attach themselves
