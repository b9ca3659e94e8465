"""The batches of the wizard: upload, map, try, run, give up."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext

from matchmaker.accounts.models import User
from matchmaker.activity import services as activity
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import DomainError, Missing, NotPermitted
from matchmaker.core.feature import Importer, features
from matchmaker.core.importing import ImportRun, RowOutcome, RowReport
from matchmaker.core.tabular import Table, guess_mapping, read_table
from matchmaker.imports import queries, rules
from matchmaker.imports.models import ImportBatch, ImportFile
from matchmaker.imports.rules import BatchState
from matchmaker.imports.services import running


def importer_of(kind: str) -> Importer:
    """The importer of that key. Raises Missing."""
    found: Importer | None = features().find("importers", kind, key="key")
    if found is None:
        raise Missing("没有这种导入")
    return found


def upload(
    importer: Importer, *, actor: Any, region: str, filename: str, content: bytes, options: Mapping[str, Any]
) -> ImportBatch:
    """Take a file in and guess its mapping. Raises DomainError on `file` when it cannot be read."""
    _check_permitted(importer, actor)
    parsed = running.parse_options(importer, options)
    table = read_table(io.BytesIO(content), filename)
    batch = ImportBatch(
        region=region,
        kind=importer.key,
        filename=filename[-200:],
        state=BatchState.UPLOADED,
        headers=table.headers,
        line_count=len(table),
        mapping=guess_mapping(table.headers, importer.fields_for(parsed)),
        options={key: str(value) for key, value in parsed.items()},
        counts={},
        actor_id=actor.id,
        created=clock.now(),
    )
    db.session.add(batch)
    db.session.flush()
    db.session.add(ImportFile(batch_id=batch.id, role="source", content=content))
    activity.record("imports.uploaded", subject=batch, actor=actor, importer=importer.key, filename=batch.filename)
    return batch


def set_mapping(batch: ImportBatch, *, actor: Any, chosen: Mapping[str, str]) -> None:
    """Say which column feeds which field; an empty choice leaves the field out."""
    importer = importer_of(batch.kind)
    _check_permitted(importer, actor)
    _check_open(batch)
    table = table_of(batch)
    options = running.parse_options(importer, batch.options)
    batch.mapping = running.mapping_for(importer, table, options, chosen)
    batch.state, batch.counts, batch.sample, batch.error = BatchState.UPLOADED, {}, [], None


def run_of(batch: ImportBatch, *, actor: Any) -> ImportRun:
    """The run that a batch describes."""
    importer = importer_of(batch.kind)
    _check_permitted(importer, actor)
    options = running.parse_options(importer, batch.options)
    return running.prepare(
        importer,
        table_of(batch),
        mapping=batch.mapping,
        options=options,
        region=batch.region,
        actor=actor,
        source=batch.filename,
    )


def note_trial(batch: ImportBatch, *, run: ImportRun, reports: list[RowReport]) -> None:
    """Keep what the dry run found."""
    rules.check_move(batch.state, BatchState.TRIED)
    _keep(batch, run, reports)
    batch.state = BatchState.TRIED


def queue(batch: ImportBatch, *, actor: Any) -> None:
    """Leave a large file to the background."""
    _check_permitted(importer_of(batch.kind), actor)
    rules.check_move(batch.state, BatchState.QUEUED)
    batch.state = BatchState.QUEUED
    batch.actor_id = actor.id


def carry_out(batch: ImportBatch, *, actor: Any) -> None:
    """Import the file for good. Raises Conflict when that has been done already."""
    rules.check_move(batch.state, BatchState.DONE)
    importer = importer_of(batch.kind)
    run = run_of(batch, actor=actor)
    reports = running.load(importer, run, db.session)
    _finish(batch, run, reports)
    activity.record("imports.done", subject=batch, actor=actor, importer=batch.kind, counts=run.counts)


def queued_ids() -> list[int]:
    """The batches that wait for the background."""
    return [row.id for row in db.session.execute(queries.queued()).scalars()]


def run_one(batch_id: int) -> int:
    """Carry out one queued batch in a transaction of its own; 1 when it was done, 0 when it could not be."""
    try:
        with transaction():
            batch = db.session.get_one(ImportBatch, batch_id)
            if batch.state is not BatchState.QUEUED:
                return 0
            carry_out(batch, actor=_uploader(batch))
        return 1
    except DomainError as error:
        fail(batch_id, error=str(error))
        return 0


def fail(batch_id: int, *, error: str) -> None:
    """Keep why a queued batch failed, in a transaction of its own."""
    with transaction():
        note_failure(db.session.get_one(ImportBatch, batch_id), error=error)


def _uploader(batch: ImportBatch) -> Any:
    return db.session.get(User, batch.actor_id)


def note_failure(batch: ImportBatch, *, error: str) -> None:
    """Keep why a run failed; nothing of it was stored."""
    rules.check_move(batch.state, BatchState.FAILED)
    batch.state, batch.error = BatchState.FAILED, error


def abandon(batch: ImportBatch, *, actor: Any) -> None:
    """Give up and delete the uploaded file."""
    _check_permitted(importer_of(batch.kind), actor)
    rules.check_move(batch.state, BatchState.ABANDONED)
    batch.state, batch.finished = BatchState.ABANDONED, clock.now()
    _drop_source(batch)
    activity.record("imports.abandoned", subject=batch, actor=actor)


def record_run(importer: Importer, run: ImportRun, *, region: str) -> ImportBatch:
    """The batch of a run from the command line, so that it stands in the list like every other."""
    now = clock.now()
    batch = ImportBatch(
        region=region,
        kind=importer.key,
        filename=run.source[-200:],
        state=BatchState.TRIED,
        headers=run.table.headers,
        line_count=len(run.table),
        mapping=run.mapping,
        options={key: str(value) for key, value in run.options.items()},
        counts={},
        created=now,
    )
    db.session.add(batch)
    db.session.flush()
    _finish(batch, run, run.reports)
    activity.record("imports.done", subject=batch, actor=None, importer=importer.key, counts=run.counts)
    return batch


def table_of(batch: ImportBatch) -> Table:
    """The uploaded file, read again."""
    return read_table(io.BytesIO(content_of(batch, "source")), batch.filename)


def content_of(batch: ImportBatch, role: str) -> bytes:
    """The content of one of the batch's files. Raises Missing."""
    statement = sa.select(ImportFile.content).where(ImportFile.batch_id == batch.id, ImportFile.role == role)
    content = db.session.execute(statement).scalar_one_or_none()
    if content is None:
        raise Missing("文件已不在；请重新上传")
    return content


def _keep(batch: ImportBatch, run: ImportRun, reports: list[RowReport]) -> None:
    telling = sorted(reports, key=_urgency)
    batch.counts = run.counts
    batch.sample = [
        [report.line, report.outcome.value, running.outcome_text(report).message]
        for report in telling[: rules.SHOWN_ROWS]
    ]
    batch.error = None


def _urgency(report: RowReport) -> int:
    """Refused lines first, then held ones, then those with a remark."""
    first = {RowOutcome.REFUSED: 0, RowOutcome.HELD: 1}
    return first.get(report.outcome, 2 if report.notes else 3)


def _finish(batch: ImportBatch, run: ImportRun, reports: list[RowReport]) -> None:
    _keep(batch, run, reports)
    batch.state, batch.finished = BatchState.DONE, clock.now()
    db.session.add(ImportFile(batch_id=batch.id, role="result", content=running.result_file(reports)))
    _drop_source(batch)


def _drop_source(batch: ImportBatch) -> None:
    db.session.execute(sa.delete(ImportFile).where(ImportFile.batch_id == batch.id, ImportFile.role == "source"))


def _check_open(batch: ImportBatch) -> None:
    if batch.state not in rules.OPEN:
        raise DomainError("这个批次已不能再改；请重新上传文件")


def _check_permitted(importer: Importer, actor: Any) -> None:
    if not actor.has(importer.permission):
        raise NotPermitted("您没有导入“{title}”的权限", title=gettext(importer.title))
