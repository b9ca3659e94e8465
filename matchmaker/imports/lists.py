"""The list of import batches."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_babel import gettext

from matchmaker.accounts.rules import Permission
from matchmaker.core.feature import features
from matchmaker.core.importing import RowOutcome
from matchmaker.core.lists import Column, Filter, ListSpec
from matchmaker.imports import queries
from matchmaker.imports.models import ImportBatch
from matchmaker.imports.rules import BatchState


def _title(batch: ImportBatch) -> str:
    importer = features().find("importers", batch.kind, key="key")
    return gettext(importer.title) if importer else batch.kind


def counts_text(batch: ImportBatch) -> str:
    """The outcomes that occurred, with their numbers."""
    shown = [f"{gettext(o.label)} {batch.counts[o.value]}" for o in RowOutcome if batch.counts.get(o.value)]
    return " · ".join(shown)


def _kinds(viewer: Any) -> list[tuple[str, str]]:
    return [(importer.key, importer.title) for importer in queries.importers_for(viewer)]


BATCHES = ListSpec(
    name="imports",
    title="导入记录",
    permission=Permission.DIRECTORY_IMPORT,
    select=lambda viewer, _scope: queries.visible_to(viewer),
    key=ImportBatch.id,
    order=(ImportBatch.created.desc(),),
    columns=(
        Column("filename", "文件", lambda b: b.filename, sort=ImportBatch.filename),
        Column("kind", "内容", _title),
        Column("state", "状态", lambda b: b.state, "state", sort=ImportBatch.state),
        Column("lines", "行数", lambda b: b.line_count, "number", sort=ImportBatch.line_count),
        Column("counts", "结果", counts_text),
        Column("created", "上传时间", lambda b: b.created, "moment", sort=ImportBatch.created),
    ),
    filters=(
        Filter("q", "文件名", lambda s, v: s.where(ImportBatch.filename.icontains(v, autoescape=True)), "search"),
        Filter("kind", "内容", lambda s, v: s.where(ImportBatch.kind == v), choices=_kinds),
        Filter(
            "state",
            "状态",
            lambda s, v: s.where(ImportBatch.state == v),
            choices=lambda _viewer: [(member.value, member.label) for member in BatchState],
        ),
    ),
    url=lambda b: url_for("imports.batch", batch_id=b.id),
    empty_title="还没有导入过文件",
    empty_text="选择上面的一种内容，上传文件开始",
)
