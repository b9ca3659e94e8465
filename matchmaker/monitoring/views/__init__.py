"""The pages of monitoring."""

from flask import Blueprint

bp = Blueprint("monitoring", __name__, url_prefix="/targets")

from matchmaker.monitoring.views import plans, snapshots, years  # noqa: E402, F401 - they fill the blueprint
