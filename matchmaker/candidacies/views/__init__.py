"""Pages of candidacies: the candidate's, the organisations', the bureau's."""

from flask import Blueprint

bp = Blueprint("candidacies", __name__, url_prefix="/candidacies")

from matchmaker.candidacies.views import agreements, own, staff, terms  # noqa: E402, F401
