"""One import of one file: what a feature's loader receives, and the outcome it owes for every line.

A feature declares an `Importer` in its wiring; its `load(run)` is called inside `transaction()`:

    def load(run: ImportRun) -> None:
        rows = list(run.rows())                    # parsed values; unusable rows are refused already
        known = {...}                              # fetch what exists by key, once – no query per row
        for row in rows:
            run.created(row.line) / run.unchanged(row.line) / run.refused(row.line, "为什么")
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from matchmaker.core.errors import DomainError
from matchmaker.core.labels import Labelled
from matchmaker.core.sentences import fill
from matchmaker.core.tabular import ImportField, MappedRow, RowError, Table, map_rows


class RowOutcome(Labelled):
    """What became of one line. Every line has exactly one, so the counts add up to the lines of the file."""

    CREATED = "created", "新建", "good"
    UPDATED = "updated", "更新", "good"
    UNCHANGED = "unchanged", "无变化", "neutral"
    MERGED = "merged", "并入", "neutral"
    HELD = "held", "待人工核对", "wait"
    SKIPPED = "skipped", "未采用", "neutral"
    REFUSED = "refused", "拒绝", "bad"


CHANGES = (RowOutcome.CREATED, RowOutcome.UPDATED)


@dataclass(frozen=True)
class ImportOption:
    """A number or word that changes how a file is read: `--papers 5`, or a field of the wizard; empty is None.

    `choices(viewer)`: what the wizard offers, as (value, text).
    """

    key: str
    title: str
    hint: str = ""
    parse: Callable[[str], Any] = int
    choices: Callable[[Any], Sequence[tuple[str, str]]] | None = None


@dataclass(frozen=True)
class Note:
    """A sentence about a line; `i18n.sentence` says it in the reader's language."""

    message: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def filled(self, template: str, *, translate: Callable[[str], str] = str) -> str:
        """As `DomainError.filled`."""
        return fill(template, self.values, translate=translate)


@dataclass(frozen=True)
class RowReport:
    """The outcome of one line with everything to say about it: reasons, and cells that were left empty."""

    line: int
    outcome: RowOutcome
    notes: tuple[Note | RowError, ...] = ()


class ImportRun:
    """A file being imported: its rows, whose it becomes, and what became of each line.

    `region` and `actor` are those of the person (None from the command line); `source` is the file's name;
    `options` holds the importer's options; `on_row(n)` is told how many rows were read.
    """

    def __init__(
        self,
        table: Table,
        mapping: Mapping[str, str],
        fields: Sequence[ImportField],
        *,
        region: str,
        actor: Any = None,
        source: str = "",
        options: Mapping[str, Any] | None = None,
        on_row: Callable[[int], None] | None = None,
    ) -> None:
        self.table = table
        self.mapping = dict(mapping)
        self.fields = tuple(fields)
        self.region = region
        self.actor = actor
        self.source = source
        self.options = dict(options or {})
        self.warnings: dict[int, list[Note | RowError]] = {}
        self._reports: dict[int, RowReport] = {}
        self._on_row = on_row or (lambda _n: None)
        self._lines: list[int] = []

    def rows(self) -> Iterator[MappedRow]:
        """The usable rows. A row without a required value is refused here; other bad cells are None and noted."""
        needed = {self.mapping[f.key] for f in self.fields if f.required and f.key in self.mapping}
        for n, row in enumerate(map_rows(self.table, self.mapping, self.fields), start=1):
            self._on_row(n)
            self._lines.append(row.line)
            fatal = [error for error in row.errors if error.column in needed]
            if fatal:
                self._report(row.line, RowOutcome.REFUSED, *row.errors)
                continue
            if row.errors:
                self.warnings.setdefault(row.line, []).extend(row.errors)
            yield row

    def warn(self, line: int, message: str, /, **values: Any) -> None:
        """Note something about a line that is taken all the same."""
        self.warnings.setdefault(line, []).append(Note(message, values))

    def created(self, line: int, message: str = "", /, **values: Any) -> None:
        self._say(line, RowOutcome.CREATED, message, values)

    def updated(self, line: int, message: str = "", /, **values: Any) -> None:
        self._say(line, RowOutcome.UPDATED, message, values)

    def unchanged(self, line: int, message: str = "", /, **values: Any) -> None:
        self._say(line, RowOutcome.UNCHANGED, message, values)

    def merged(self, line: int, message: str = "", /, **values: Any) -> None:
        """The row became part of the record of another row."""
        self._say(line, RowOutcome.MERGED, message, values)

    def held(self, line: int, message: str = "", /, **values: Any) -> None:
        """A person must decide; the row is kept as a HeldRecord."""
        self._say(line, RowOutcome.HELD, message, values)

    def skipped(self, line: int, message: str = "", /, **values: Any) -> None:
        """Nothing wrong, but not taken."""
        self._say(line, RowOutcome.SKIPPED, message, values)

    def refused(self, line: int, message: str, /, **values: Any) -> None:
        self._say(line, RowOutcome.REFUSED, message, values)

    def refuse(self, line: int, error: DomainError) -> None:
        """Refuse a row with the rule's own sentence."""
        self._say(line, RowOutcome.REFUSED, error.message, error.values)

    @property
    def reports(self) -> list[RowReport]:
        """One report for each line, in the order of the file. Raises RuntimeError when a loader forgot a line."""
        silent = [line for line in self._lines if line not in self._reports]
        if silent:
            raise RuntimeError(f"the loader reported nothing for lines {silent[:5]}")
        return [self._reports[line] for line in self._lines]

    @property
    def counts(self) -> dict[str, int]:
        """How many lines had which outcome; all outcomes named, so that they add up visibly."""
        found = Counter(report.outcome for report in self._reports.values())
        return {outcome.value: found.get(outcome, 0) for outcome in RowOutcome}

    def _say(self, line: int, outcome: RowOutcome, message: str, values: Mapping[str, Any]) -> None:
        self._report(line, outcome, *([Note(message, dict(values))] if message else []))

    def _report(self, line: int, outcome: RowOutcome, *notes: Note | RowError) -> None:
        if line in self._reports:
            raise RuntimeError(f"line {line} was reported twice")
        self._reports[line] = RowReport(line, outcome, (*notes, *self.warnings.get(line, ())))
