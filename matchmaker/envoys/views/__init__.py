"""Pages of envoys' service: the envoy's, the host's (signed in or by link), the bureau's."""

from flask import Blueprint

bp = Blueprint("envoys", __name__)

from matchmaker.envoys.views import link, staff, visits  # noqa: E402, F401
