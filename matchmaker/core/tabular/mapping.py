"""Maps the columns of a table to the fields of an import, parses each row and writes the result file."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from matchmaker.core.errors import DomainError
from matchmaker.core.tabular.table import Row, RowError, Table, Value

MARKS = re.compile(r"[\s*:_\-·.]+")
BRACKETS = re.compile(r"\([^)]*\)|\[[^\]]*\]")


@dataclass(frozen=True)
class ImportField:
    """A field that an import fills. `parse` raises DomainError or ValueError; JSON Lines may hand it a list."""

    key: str
    title: str
    required: bool = False
    aliases: tuple[str, ...] = ()
    parse: Callable[[Any], Any] = str
    hint: str = ""


@dataclass(frozen=True)
class MappedRow:
    """One row ready to be imported; a value that is empty or could not be read is None."""

    line: int
    values: dict[str, Any]
    errors: list[RowError] = field(default_factory=list)


@dataclass(frozen=True)
class Outcome:
    """What became of one line, for the result file; both texts are shown as they are."""

    line: int
    outcome: str
    message: str = ""


def fold_header(header: str) -> str:
    """Full width, case, spaces and the star of a required column make no difference."""
    return MARKS.sub("", unicodedata.normalize("NFKC", header).casefold())


def guess_mapping(headers: Sequence[str], fields: Sequence[ImportField]) -> dict[str, str]:
    """The header that names each field, by key: whole names first, then names without their brackets."""
    mapping: dict[str, str] = {}
    for simplify in (fold_header, lambda text: fold_header(BRACKETS.sub("", unicodedata.normalize("NFKC", text)))):
        free = {simplify(header): header for header in reversed(headers) if header not in mapping.values()}
        for wanted in fields:
            names = [simplify(name) for name in (wanted.title, wanted.key, *wanted.aliases)]
            found = next((name for name in names if name in free), None)
            if wanted.key not in mapping and found:
                mapping[wanted.key] = free.pop(found)
    return mapping


def check_mapping(mapping: Mapping[str, str], headers: Sequence[str], fields: Sequence[ImportField]) -> None:
    """Every required field has a column, every column exists and feeds one field."""
    missing = [wanted.title for wanted in fields if wanted.required and wanted.key not in mapping]
    if missing:
        names = "、".join(missing)
        raise DomainError("缺少必需的列：{names}；请在文件中补上，或指定由哪一列对应", field="file", names=names)
    taken: set[str] = set()
    for header in mapping.values():
        if header not in headers:
            raise DomainError("文件里没有“{header}”这一列；请重新选择", field="mapping", header=header[:50])
        if header in taken:
            raise DomainError("“{header}”这一列对应了两个字段；请只选一个", field="mapping", header=header[:50])
        taken.add(header)


def map_rows(table: Table, mapping: Mapping[str, str], fields: Sequence[ImportField]) -> Iterator[MappedRow]:
    """Each row's parsed values and errors. Raises DomainError at once when the mapping cannot serve."""
    check_mapping(mapping, table.headers, fields)
    return (map_row(row, mapping, fields) for row in table)


def map_row(row: Row, mapping: Mapping[str, str], fields: Sequence[ImportField]) -> MappedRow:
    mapped = MappedRow(row.line, {}, list(row.errors))
    for wanted in fields:
        header = mapping.get(wanted.key)
        if header is None:
            continue
        try:
            mapped.values[wanted.key] = parse_cell(row.values.get(header, ""), wanted)
        except DomainError as error:
            mapped.values[wanted.key] = None
            mapped.errors.append(RowError(row.line, header, error.message, error.values))
    return mapped


def parse_cell(value: Value, wanted: ImportField) -> Any:
    """The field's value, None when empty. Raises DomainError."""
    cell = value.strip() if isinstance(value, str) else value
    if not cell:
        if wanted.required:
            raise DomainError("必填，不能为空")
        return None
    try:
        return wanted.parse(cell)
    except (ValueError, ArithmeticError) as error:
        if wanted.hint:
            raise DomainError("无法识别“{text}”；{hint}", text=shown(cell), hint=wanted.hint) from error
        raise DomainError("无法识别“{text}”；请改正后重新导入", text=shown(cell)) from error


def shown(value: Value) -> str:
    return (value if isinstance(value, str) else "、".join(value))[:50]


def write_results(target: Path | BinaryIO, outcomes: Iterable[Outcome]) -> None:
    """The result file: one line of CSV for each line of the source."""
    from matchmaker.core.spreadsheets import ExportColumn, write_csv

    titles = {"line": "行号", "outcome": "结果", "message": "说明"}
    columns = [ExportColumn(key, title) for key, title in titles.items()]
    content = write_csv(columns, ([each.line, each.outcome, each.message] for each in outcomes))
    if isinstance(target, Path):
        target.write_bytes(content)
    else:
        target.write(content)
