"""The wizard: upload, map, try, run, result."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, current_app, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.core.db import transaction
from matchmaker.core.errors import DomainError
from matchmaker.core.feature import Importer
from matchmaker.core.i18n import sentence
from matchmaker.core.importing import RowOutcome
from matchmaker.core.web import answer, download, errors_on, one_or_404, page, requires
from matchmaker.imports import forms, lists, queries
from matchmaker.imports.models import ImportBatch
from matchmaker.imports.rules import AT_ONCE, BatchState
from matchmaker.imports.services import batches, running
from matchmaker.lists.pages import list_page

bp = Blueprint("imports", __name__, url_prefix="/imports")
# The permissions that open the wizard; each importer then asks for its own.
IMPORTS = (
    Permission.DIRECTORY_IMPORT,
    Permission.ROSTERS_MANAGE,
    Permission.TENANCY_MANAGE,
    Permission.TARGETS_MANAGE,
    Permission.CONTESTS_MANAGE,
    Permission.EVENTS_MANAGE,
)


@bp.get("/")
@requires(*IMPORTS)
def index() -> Any:
    """What can be imported, and what was."""
    return list_page(lists.BATCHES, "imports/index.html", importers=queries.importers_for(current_user))


def _importer(kind: str) -> Importer:
    found = next((i for i in queries.importers_for(current_user) if i.key == kind), None)
    if found is None:
        abort(404)
    return found


def _batch(batch_id: int) -> ImportBatch:
    row: ImportBatch = one_or_404(queries.visible_to(current_user).where(ImportBatch.id == batch_id))
    return row


@bp.route("/new/<kind>", methods=["GET", "POST"])
@requires(*IMPORTS)
def upload(kind: str) -> Any:
    """Step one: the file."""
    importer = _importer(kind)
    form = forms.upload_form(importer, current_user, request.args)
    if form.validate_on_submit():
        options = {option.key: form[option.key].data for option in importer.options}
        with errors_on(form):
            with transaction():
                batch = batches.upload(
                    importer,
                    actor=current_user,
                    region=_region(),
                    filename=form.file.data.filename or "",
                    content=form.file.data.read(),
                    options=options,
                )
                batch_id = batch.id
            return redirect(url_for("imports.mapping", batch_id=batch_id), 303)
    return answer(form, "imports/upload.html", importer=importer, fields=importer.fields_for({}))


def _region() -> str:
    own = sorted(current_user.region_codes)
    home: str = current_app.config["SETTINGS"].region
    return home if home in own or not own else own[-1]


@bp.route("/<int:batch_id>/mapping", methods=["GET", "POST"])
@requires(*IMPORTS)
def mapping(batch_id: int) -> Any:
    """Step two: which column feeds which field; then the dry run."""
    batch = _batch(batch_id)
    importer = _importer(batch.kind)
    fields = importer.fields_for(running.parse_options(importer, batch.options))
    form = forms.mapping_form(batch, fields)
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                batches.set_mapping(batch, actor=current_user, chosen=forms.chosen(form))
            _try(batch_id)
            return redirect(url_for("imports.batch", batch_id=batch_id), 303)
    return answer(form, "imports/mapping.html", batch=batch, importer=importer, fields=fields)


def _try(batch_id: int) -> None:
    """The dry run in a transaction of its own that is rolled back; then what it found is kept."""
    batch = _batch(batch_id)
    run = batches.run_of(batch, actor=current_user)
    reports = running.try_out(_importer(batch.kind), run)
    with transaction():
        batches.note_trial(_batch(batch_id), run=run, reports=reports)


@bp.get("/<int:batch_id>")
@requires(*IMPORTS)
def batch(batch_id: int) -> Any:
    """One batch: what the dry run found, or what was done."""
    row = _batch(batch_id)
    return page(
        "imports/batch.html",
        fragment="imports/_progress.html",
        batch=row,
        importer=_importer(row.kind),
        outcomes=list(RowOutcome),
        states=BatchState,
    )


@bp.post("/<int:batch_id>/run")
@requires(*IMPORTS)
def run(batch_id: int) -> Any:
    """Step four: import for good; a large file is left to the background."""
    row = _batch(batch_id)
    try:
        with transaction():
            if row.line_count > AT_ONCE:
                batches.queue(row, actor=current_user)
                flash(_("已排队，后台马上开始；可以离开这一页"), "info")
            else:
                batches.carry_out(row, actor=current_user)
                flash(_("导入完成"), "good")
    except DomainError as error:
        flash(sentence(error), "warn")
    return redirect(url_for("imports.batch", batch_id=batch_id), 303)


@bp.post("/<int:batch_id>/abandon")
@requires(*IMPORTS)
def abandon(batch_id: int) -> Any:
    """Give up; the uploaded file is deleted."""
    row = _batch(batch_id)
    try:
        with transaction():
            batches.abandon(row, actor=current_user)
        flash(_("已放弃，上传的文件已删除"), "info")
    except DomainError as error:
        flash(sentence(error), "warn")
    return redirect(url_for("imports.index"), 303)


@bp.get("/<int:batch_id>/result.csv")
@requires(*IMPORTS)
def result(batch_id: int) -> Any:
    """The result file: what became of every line."""
    row = _batch(batch_id)
    body = batches.content_of(row, "result")
    return download(body, filename=f"{_('导入结果')}-{row.id}.csv", mimetype="text/csv; charset=utf-8")
