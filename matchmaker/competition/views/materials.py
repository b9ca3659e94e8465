"""Files of an entry: one upload at a time, taken out again, as long as the entry is being written."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.competition.models import Entry, EntryFile
from matchmaker.competition.queries import entries as entry_queries
from matchmaker.competition.queries import files
from matchmaker.competition.rules.uploads import Material
from matchmaker.competition.services import materials
from matchmaker.competition.views import bp
from matchmaker.competition.views.steps import step
from matchmaker.core.db import transaction
from matchmaker.core.errors import DomainError
from matchmaker.core.i18n import sentence
from matchmaker.core.web import one_or_404, requires


@bp.post("/entries/<int:entry_id>/files")
@requires(Permission.ENTRIES_OWN)
def add_file(entry_id: int) -> Any:
    """Keep a file; it is read before the writer's turn is taken, so that large ones hold nobody up."""
    entry: Entry = one_or_404(entry_queries.own(current_user).where(Entry.id == entry_id))
    upload, text = request.files.get("file"), request.form.get("kind", "")
    kind = next((kind for kind in Material if kind.value == text), None)
    try:
        if upload is None or not upload.filename or kind is None:
            raise DomainError("请选择文件", field="file")
        looked = materials.look(entry.contest, upload, kind)
        with transaction():
            materials.add(entry, actor=current_user, kind=kind, looked=looked)
        flash(_("文件已上传"), "good")
    except DomainError as error:
        if error.status == 403:
            raise
        flash(sentence(error), "bad")
    return redirect(url_for("competition.entry", entry_id=entry_id, _anchor="files"), 303)


@bp.post("/entries/<int:entry_id>/files/<int:file_id>/remove")
@requires(Permission.ENTRIES_OWN)
def drop_file(entry_id: int, file_id: int) -> Any:
    """Take a file out."""
    entry: Entry = one_or_404(entry_queries.own(current_user).where(Entry.id == entry_id))
    row = one_or_404(files.files_of(entry.id).where(EntryFile.id == file_id, EntryFile.dropped.is_(None)))
    back = url_for("competition.entry", entry_id=entry_id, _anchor="files")
    return step(lambda: materials.drop(row, actor=current_user), done=_("文件已删除"), back=back)
