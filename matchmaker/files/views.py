"""Handing a file out: always to save, never to show."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort
from flask_login import current_user

from matchmaker.core.web import download, one_or_404, public
from matchmaker.files import access, queries, services

bp = Blueprint("files", __name__, url_prefix="/files")


@bp.get("/<int:file_id>")
@public  # the record's feature decides file by file; who may not see one learns nothing about it
def show(file_id: int) -> Any:
    """One file as an attachment."""
    file = one_or_404(queries.one(file_id))
    if not access.may_read(current_user, file):
        abort(404)
    response = download(services.content_of(file), filename=file.name, mimetype=file.mimetype)
    response.headers["Cache-Control"] = "no-store"
    return response
