"""Pages of the directory: organisations, one's own organisation, people, held records."""

from flask import Blueprint

bp = Blueprint("directory", __name__, url_prefix="/directory")

from matchmaker.directory.views import held, organisations, own, people  # noqa: E402, F401 - the routes attach themselves
