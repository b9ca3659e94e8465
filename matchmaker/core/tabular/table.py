"""What a table is, whatever file it came from: headers, rows with their line, and the limits that all formats keep."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from matchmaker.core.errors import DomainError

Value = str | list[str]
Cells = tuple[int, list[str]]  # line as a spreadsheet numbers it, cells

UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
TITLE_ROWS = 5  # a heading above the table is looked for in so many rows


@dataclass(frozen=True)
class Limits:
    """What a file may cost us; beyond it the file is refused."""

    file_bytes: int = 64_000_000
    expanded_bytes: int = 200_000_000
    rows: int = 200_000
    columns: int = 512
    cell_chars: int = 32_767
    grid_cells: int = 4_000_000
    members: int = 2_000
    ratio: int = 250


@dataclass(frozen=True)
class RowError:
    """Why a row cannot be taken as it is. `message` is a gettext id, filled with `values` after translation."""

    line: int
    column: str
    message: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def filled(self, template: str, *, translate: Callable[[str], str] = str) -> str:
        """As `DomainError.filled`, so that `i18n.sentence` says a row's fault too."""
        return DomainError(self.message, **self.values).filled(template, translate=translate)

    def __str__(self) -> str:
        return self.filled(self.message)


@dataclass(frozen=True)
class Row:
    """One line of the file: its number as a spreadsheet shows it, values by header, and what is odd about it."""

    line: int
    values: dict[str, Value]
    errors: tuple[RowError, ...] = ()


@dataclass(frozen=True)
class Table:
    """Headers and rows; `len()` counts the rows that are not blank and iteration may be repeated."""

    headers: list[str]
    count: int
    rows: Callable[[], Iterator[Row]]

    def __iter__(self) -> Iterator[Row]:
        return self.rows()

    def __len__(self) -> int:
        return self.count


def refused(message: str, **values: object) -> DomainError:
    """The refusal of a whole file."""
    return DomainError(message, field="file", **values)


def from_grid(grid: Callable[[], Iterable[Cells]], limits: Limits) -> Table:
    """A table from rows of cells, the first being the headers; reads everything once to refuse what is bad."""
    start, headers = find_headers(grid())
    check_headers(headers, limits)

    def rows() -> Iterator[Row]:
        for line, cells in grid():
            if line > start and any(cells):
                yield grid_row(line, cells, headers, limits)

    return Table(headers, count_rows(rows(), limits), rows)


def find_headers(grid: Iterable[Cells]) -> tuple[int, list[str]]:
    """The first row with two filled cells, past a heading that stands alone above the table; else the first filled."""
    lonely: tuple[int, list[str]] | None = None
    filled_rows = ((line, cells) for line, cells in grid if any(cells))
    for position, (line, cells) in enumerate(filled_rows):
        headers = [cell.strip() for cell in without_empty_tail(cells)]
        if sum(map(bool, headers)) > 1:
            return line, headers
        lonely = lonely or (line, headers)
        if position == TITLE_ROWS:
            break
    if lonely is None:
        raise refused("文件里没有内容；请在第一行填写表头，从第二行起填写数据")
    return lonely


def without_empty_tail(cells: list[str]) -> list[str]:
    end = len(cells)
    while end and not cells[end - 1].strip():
        end -= 1
    return cells[:end]


def check_headers(headers: list[str], limits: Limits) -> None:
    """Every column has a name of its own."""
    if len(headers) > limits.columns:
        raise refused("表格有 {n} 列，最多 {limit} 列；请删去不需要的列", n=len(headers), limit=limits.columns)
    seen: set[str] = set()
    for position, header in enumerate(headers, start=1):
        if not header:
            raise refused("第 {n} 列没有表头；请补上列名，或删去这一列", n=position)
        if header in seen:
            raise refused("表头“{header}”出现了两次；请改名或删去其中一列", header=header[:50])
        check_cell(header, line=1, header=header[:50], limits=limits)
        seen.add(header)


def grid_row(line: int, cells: list[str], headers: list[str], limits: Limits) -> Row:
    values: dict[str, Value] = {}
    for header, cell in zip(headers, cells, strict=False):
        check_cell(cell, line=line, header=header, limits=limits)
        values[header] = cell
    for header in headers[len(cells) :]:
        values[header] = ""
    extra = len(without_empty_tail(cells)) - len(headers)
    if extra <= 0:
        return Row(line, values)
    return Row(line, values, (RowError(line, "", "本行比表头多 {n} 格，请检查是否错位", {"n": extra}),))


def check_cell(text: str, *, line: int, header: str, limits: Limits) -> None:
    """Refuses a cell that no spreadsheet could hold or no database could store."""
    if len(text) > limits.cell_chars:
        raise refused(
            "第 {line} 行“{header}”有 {n} 个字，一格最多 {limit} 个字；请缩短后重新上传",
            line=line,
            header=header,
            n=len(text),
            limit=limits.cell_chars,
        )
    if UNSTORABLE.search(text):
        raise refused("第 {line} 行“{header}”含有无法保存的控制字符；请重新输入这一格", line=line, header=header)


def count_rows(rows: Iterable[Row], limits: Limits) -> int:
    """Goes through all rows, so that every fault is found before anything is changed."""
    count = 0
    for count, _ in enumerate(rows, start=1):
        if count > limits.rows:
            raise too_many_rows(limits)
    return count


def too_many_rows(limits: Limits) -> DomainError:
    return refused("文件超过 {limit} 行；请分成几个文件上传", limit=limits.rows)
