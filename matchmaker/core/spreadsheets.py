"""Writes one `Export` as CSV, XLSX or JSON – and, through `documents`, as PDF or .docx."""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Literal
from zoneinfo import ZoneInfo

import xlsxwriter

from matchmaker.core.errors import DomainError

Kind = Literal["text", "integer", "number", "money", "percent", "date", "moment"]
NUMERIC: tuple[Kind, ...] = ("integer", "number", "money", "percent")
SHOWN_IN = ZoneInfo("Asia/Shanghai")
FORMULA_STARTS = tuple("=+-@\t\r＝＋－＠")  # the full-width signs too: Chinese spreadsheets fold them
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
SHEET_NAME_REFUSES = re.compile(r"[\[\]:*?/\\']")
CELL_CHARS = 32_767
NUMBER_FORMATS: dict[Kind, str] = {
    "text": "@",
    "integer": "0",
    "number": "General",
    "money": "#,##0.00",
    "percent": "0.00%",
    "date": "yyyy-mm-dd",
    "moment": "yyyy-mm-dd hh:mm",
}


@dataclass(frozen=True)
class ExportColumn:
    """A column of an export. `kind` says what its cells are: money in yuan, percent as a share of one."""

    key: str
    title: str
    kind: Kind = "text"


@dataclass(frozen=True)
class Export:
    """What a list shows, ready to be written in any format; `rows` is gone through once."""

    columns: Sequence[ExportColumn]
    rows: Iterable[Sequence[Any]]
    title: str
    subtitle: str = ""
    notes: Sequence[str] = field(default_factory=tuple)


def render(export: Export, file_format: str) -> tuple[bytes, str, str]:
    """Content, MIME type and extension of the export as csv, xlsx, json, pdf or docx."""
    sheet = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    word = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    match file_format:
        case "csv":
            return write_csv(export.columns, export.rows), "text/csv; charset=utf-8", "csv"
        case "xlsx":
            return write_xlsx(export.columns, export.rows, title=export.title), sheet, "xlsx"
        case "json":
            return write_json(export.columns, export.rows), "application/json", "json"
        case "pdf":
            from matchmaker.core import documents

            return documents.pdf_list(export), "application/pdf", "pdf"
        case "docx":
            from matchmaker.core import documents

            return documents.docx_list(export), word, "docx"
    raise DomainError("不能导出为这种格式；请选择 CSV、Excel、JSON、PDF 或 Word", field="format")


def write_csv(columns: Sequence[ExportColumn], rows: Iterable[Sequence[Any]]) -> bytes:
    """UTF-8 with a mark, so that spreadsheets read Chinese; text that looks like a formula is defused by a quote."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([defused(column.title) for column in columns])
    for row in rows:
        writer.writerow([csv_cell(value, column.kind) for value, column in zip(row, columns, strict=True)])
    return text.getvalue().encode("utf-8-sig")


def csv_cell(value: Any, kind: Kind) -> str:
    text = as_text(value, kind)
    return text if is_number(value) and kind != "text" else defused(text)


def defused(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def as_text(value: Any, kind: Kind = "text") -> str:
    """A cell as people read it, without thousands separators, so that it can be read back."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime):
        return local(value).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.isoformat()
    if is_number(value):
        return number_text(value, kind)
    if isinstance(value, list | tuple | set | frozenset):
        return "、".join(as_text(item) for item in value)
    return UNPRINTABLE.sub("", str(getattr(value, "label", value)))


def number_text(value: int | float | Decimal, kind: Kind) -> str:
    exact = value if isinstance(value, int | Decimal) else Decimal(repr(value))
    if kind == "percent":
        shown = exact * 100
        return f"{shown.normalize() if isinstance(shown, Decimal) else shown:f}%"
    if kind == "money":
        return f"{exact:.2f}"
    return str(exact) if isinstance(exact, int) else f"{exact:f}"


def local(moment: datetime) -> datetime:
    """The moment as the district's clocks show it; a naive one is taken for UTC."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(SHOWN_IN)


def write_json(columns: Sequence[ExportColumn], rows: Iterable[Sequence[Any]]) -> bytes:
    """A list of objects under the columns' keys; numbers stay numbers, moments are ISO 8601 in UTC."""
    records = [{column.key: json_cell(value) for value, column in zip(row, columns, strict=True)} for row in rows]
    return json.dumps(records, ensure_ascii=False, indent=1).encode()


def json_cell(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, datetime):
        return local(value).astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, list | tuple | set | frozenset):
        return [json_cell(item) for item in value]
    return as_text(value)


def write_xlsx(columns: Sequence[ExportColumn], rows: Iterable[Sequence[Any]], *, title: str = "") -> bytes:
    """A workbook with a frozen header and real numbers and dates; text is never a formula or a link."""
    content = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "remove_timezone": True}
    book = xlsxwriter.Workbook(content, options)
    sheet = book.add_worksheet(sheet_name(title))
    header = book.add_format({"bold": True, "bg_color": "#DCE6F1", "border": 1, "valign": "vcenter"})
    formats = [book.add_format({"num_format": NUMBER_FORMATS[column.kind], "valign": "top"}) for column in columns]
    widths = [display_width(column.title) + 4 for column in columns]
    sheet.write_row(0, 0, [column.title for column in columns], header)
    line = 0
    for line, row in enumerate(rows, start=1):
        for position, (value, column) in enumerate(zip(row, columns, strict=True)):
            write_cell(sheet, line, position, value, formats[position])
            widths[position] = max(widths[position], display_width(as_text(value, column.kind)) + 2)
    for position, width in enumerate(widths):
        sheet.set_column(position, position, min(width, 60))
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, line, max(len(columns) - 1, 0))
    book.close()
    return content.getvalue()


def write_cell(sheet: Any, line: int, position: int, value: Any, style: Any) -> None:
    if is_number(value) and abs(value) < 10**15:
        sheet.write_number(line, position, value, style)
    elif isinstance(value, datetime):
        sheet.write_datetime(line, position, local(value).replace(tzinfo=None), style)
    elif isinstance(value, date):
        sheet.write_datetime(line, position, value, style)
    elif value is not None:
        sheet.write_string(line, position, as_text(value)[:CELL_CHARS], style)


def sheet_name(title: str) -> str:
    return SHEET_NAME_REFUSES.sub(" ", as_text(title)).strip()[:31] or "Sheet1"


def display_width(text: str) -> int:
    """Columns of a fixed-width font: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text[:100])
