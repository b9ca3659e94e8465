"""Files being imported."""

from __future__ import annotations

import csv
import io
from typing import Any

from matchmaker.core.db import transaction
from matchmaker.core.feature import features
from matchmaker.core.importing import ImportRun
from matchmaker.core.tabular import Table, read_table
from matchmaker.imports.services import running


def a_csv(headers: str, *rows: str) -> bytes:
    """A CSV file from lines whose cells are parted by |."""
    target = io.StringIO()
    csv.writer(target).writerows(line.split("|") for line in (headers, *rows))
    return target.getvalue().encode()


def a_table(headers: str, *rows: str) -> Table:
    """The same as a table."""
    return read_table(io.BytesIO(a_csv(headers, *rows)), "名单.csv")


def imported(kind: str, table: Table, *, region: str = "650105", dry: bool = False, **options: Any) -> ImportRun:
    """A file imported (or only tried) the way everybody imports one; returns the run with its reports."""
    importer = features().find("importers", kind, key="key")
    mapping = running.mapping_for(importer, table, options, {})
    run = running.prepare(importer, table, mapping=mapping, options=options, region=region, source="名单.csv")
    if dry:
        running.try_out(importer, run)
        return run
    with transaction() as session:
        running.load(importer, run, session)
    return run


def outcomes(run: ImportRun) -> list[str]:
    """The outcome of each line."""
    return [report.outcome.value for report in run.reports]


def messages(run: ImportRun) -> list[str]:
    """What is said about each line."""
    return [running.outcome_text(report).message for report in run.reports]
