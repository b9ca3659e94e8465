"""Makes documents for printing and signing: PDF by typst, .docx that WPS and Word edit well.

Text from outside reaches a template only as JSON in `sys.inputs`, so it is never code. The .docx writer is in `word`.
"""

from __future__ import annotations

import importlib.util
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import segno
import typst

from matchmaker.core.errors import DomainError, Missing
from matchmaker.core.paths import resource_dir
from matchmaker.core.spreadsheets import NUMERIC, Export, ExportColumn, as_text, display_width
from matchmaker.core.word import docx_agreement, docx_notice, word_list

__all__ = ["chinese_day", "docx_agreement", "docx_list", "docx_notice", "pdf", "pdf_list", "picture", "qr_svg"]

SYSTEM_FONTS = (
    Path("/usr/share/fonts/opentype/noto"),  # Debian's fonts-noto-cjk: more weights, and a Song face
    Path("/usr/share/fonts/truetype/noto"),  # fonts-noto-core: names in Uyghur and other scripts
    Path("/usr/share/fonts/truetype/dejavu"),  # fonts-dejavu-core: the same, plainer
)
MOST_ROWS = 5_000  # beyond, a document is of no use to a reader
WIDEST, NARROWEST = 40, 6


@cache
def font_dirs() -> tuple[str, ...]:
    """The folders with Chinese fonts: the one that is installed with us, and the system's where present."""
    carried = importlib.util.find_spec("noto_cjk_sans_otc")
    folders = [Path(place) for place in (carried.submodule_search_locations if carried else None) or ()]
    return tuple(str(folder) for folder in (*folders, *SYSTEM_FONTS) if folder.is_dir())


def pdf(template: str, data: Mapping[str, Any]) -> bytes:
    """Fill templates/documents/<template>.typ with `data` (values JSON can say) and return the PDF."""
    return _compiled(template, data, format="pdf")[0]


def pdfs(template: str, papers: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """The same document once for each paper; the fonts are read once for all."""
    compiler = None
    for data in papers:
        source, root, inputs = _source(template, data)
        compiler = compiler or typst.Compiler(root=str(root), font_paths=list(font_dirs()), ignore_system_fonts=True)
        made = compiler.compile(str(source), format="pdf", sys_inputs=inputs)
        yield made[0] if isinstance(made, list) else made


def picture(template: str, data: Mapping[str, Any], *, ppi: float = 110) -> bytes:
    """The first page of the same document as PNG, to be looked at before it is printed."""
    return _compiled(template, data, format="png", ppi=ppi)[0]


def _source(template: str, data: Mapping[str, Any]) -> tuple[Path, Path, dict[str, str]]:
    root = resource_dir("templates") / "documents"
    source = root / f"{template}.typ"
    if not source.is_file() or source.parent != root:
        raise Missing("没有这种文档模板")
    return source, root, {"data": json.dumps(data, ensure_ascii=False, default=as_text)}


def _compiled(template: str, data: Mapping[str, Any], **output: Any) -> list[bytes]:
    source, root, inputs = _source(template, data)
    made = typst.compile(
        str(source),
        root=str(root),
        font_paths=list(font_dirs()),
        ignore_system_fonts=True,
        sys_inputs=inputs,
        **output,
    )
    return made if isinstance(made, list) else [made]


def pdf_list(export: Export, *, day: date | None = None) -> bytes:
    """A list as PDF; `day` is printed in the footer."""
    return pdf("list", list_data(export) | {"date": chinese_day(day) if day else ""})


def docx_list(export: Export, *, day: date | None = None) -> bytes:
    """A list as an editable document; `day` is printed under the title."""
    return word_list(list_data(export) | {"date": chinese_day(day) if day else ""})


def list_data(export: Export) -> dict[str, Any]:
    """The export as texts with the columns' alignment and share of the width."""
    rows = []
    for row in export.rows:
        rows.append([as_text(cell, column.kind) for cell, column in zip(row, export.columns, strict=True)])
        if len(rows) > MOST_ROWS:
            raise DomainError("超过 {limit} 行，不便打印；请缩小范围，或导出为 Excel", field="format", limit=MOST_ROWS)
    columns = [
        {"title": column.title, "align": alignment(column), "weight": weight(column, [row[at] for row in rows[:200]])}
        for at, column in enumerate(export.columns)
    ]
    return {
        "title": export.title,
        "subtitle": export.subtitle,
        "columns": columns,
        "rows": rows,
        "notes": list(export.notes),
    }


def alignment(column: ExportColumn) -> str:
    if column.kind in NUMERIC:
        return "right"
    return "center" if column.kind in ("date", "moment") else "left"


def weight(column: ExportColumn, texts: Sequence[str]) -> int:
    """A column's share of the width: as its longest texts ask, within reason."""
    longest = max([display_width(column.title), *map(display_width, texts)])
    return max(NARROWEST, min(longest + 3, WIDEST))


def qr_svg(address: str) -> str:
    """A QR code as SVG text, for `data["qr"]`."""
    out = io.BytesIO()
    segno.make(address, error="m", micro=False).save(out, kind="svg", border=1, xmldecl=False, dark="#1f2430")
    return out.getvalue().decode()


def chinese_day(day: date) -> str:
    """2026年3月1日, as official documents write it: no leading zeros."""
    return f"{day.year}年{day.month}月{day.day}日"
