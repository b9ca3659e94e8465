"""Carries one file through an importer: mapping, dry run, run, result file. Used by the page and by the command."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from flask_babel import gettext

from matchmaker.core.db import transaction
from matchmaker.core.errors import DomainError
from matchmaker.core.feature import Importer
from matchmaker.core.i18n import sentence
from matchmaker.core.importing import ImportRun, RowOutcome, RowReport
from matchmaker.core.tabular import Outcome, Table, check_mapping, guess_mapping, write_results


class _Undo(Exception):
    """Ends a dry run, so that its transaction is rolled back."""


def parse_options(importer: Importer, typed: Mapping[str, Any]) -> dict[str, Any]:
    """The options as the loader wants them; empty ones are left out. Raises DomainError on the option."""
    options = {}
    for option in importer.options:
        text = str(typed.get(option.key) or "").strip()
        if not text:
            continue
        try:
            options[option.key] = option.parse(text)
        except (ValueError, TypeError) as error:
            raise DomainError("“{option}”填写有误，请改正", field=option.key, option=gettext(option.title)) from error
    return options


def mapping_for(
    importer: Importer, table: Table, options: Mapping[str, Any], chosen: Mapping[str, str]
) -> dict[str, str]:
    """What was chosen, completed by what the headers say; an empty choice leaves a field out. Raises DomainError."""
    fields = importer.fields_for(options)
    known = {field.key for field in fields}
    for key in chosen:
        if key not in known:
            raise DomainError(
                "没有“{key}”这个字段，可选：{keys}", field="mapping", key=key, keys="、".join(sorted(known))
            )
    taken = set(chosen.values())
    guessed = {
        key: h for key, h in guess_mapping(table.headers, fields).items() if key not in chosen and h not in taken
    }
    mapping = {**guessed, **{key: header for key, header in chosen.items() if header}}
    check_mapping(mapping, table.headers, fields)
    return mapping


def prepare(
    importer: Importer,
    table: Table,
    *,
    mapping: Mapping[str, str],
    options: Mapping[str, Any],
    region: str,
    actor: Any = None,
    source: str = "",
    on_row: Callable[[int], None] | None = None,
) -> ImportRun:
    """The run of a file that was read and mapped."""
    fields = importer.fields_for(options)
    return ImportRun(table, mapping, fields, region=region, actor=actor, source=source, options=options, on_row=on_row)


def try_out(importer: Importer, run: ImportRun) -> list[RowReport]:
    """The dry run: the real thing in a transaction that is rolled back."""
    try:
        with transaction() as session:
            importer.load(run)
            session.flush()
            raise _Undo
    except _Undo:
        return run.reports


def load(importer: Importer, run: ImportRun, session: Any) -> list[RowReport]:
    """The run itself, inside the caller's transaction."""
    importer.load(run)
    session.flush()
    return run.reports


def outcome_text(report: RowReport) -> Outcome:
    """A report in the reader's language."""
    emptied = report.outcome is not RowOutcome.REFUSED
    notes = [_note(note, emptied=emptied) for note in report.notes]
    return Outcome(report.line, gettext(report.outcome.label), "；".join(notes))


def _note(note: Any, *, emptied: bool) -> str:
    column = getattr(note, "column", "")
    text = sentence(note)
    if not column:
        return text
    return f"{column}：{text}{gettext('（已留空）') if emptied else ''}"


def result_file(reports: list[RowReport]) -> bytes:
    """The result file: one line of CSV for each line of the source."""
    target = io.BytesIO()
    write_results(target, (outcome_text(report) for report in reports))
    return target.getvalue()


def write_result_file(target: Path | BinaryIO, reports: list[RowReport]) -> None:
    """The same, to a place."""
    write_results(target, (outcome_text(report) for report in reports))
