"""Writes .docx lists and notices with real tables and Chinese fonts named, so that WPS and Word edit them well."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

from docx import Document
from docx.document import Document as DocumentType
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Length, Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph

from matchmaker.core.spreadsheets import as_text

FANG, SONG, HEI, LATIN = "仿宋", "宋体", "黑体", "Times New Roman"
ALIGN = {"left": WD_ALIGN_PARAGRAPH.LEFT, "center": WD_ALIGN_PARAGRAPH.CENTER, "right": WD_ALIGN_PARAGRAPH.RIGHT}
RED = RGBColor(0xC8, 0x16, 0x1D)


def word_list(data: Mapping[str, Any]) -> bytes:
    """A list: title, subtitle, table with a repeating head, page numbers. Data as for list.typ."""
    columns = data["columns"]
    document = blank(landscape=len(columns) > 6, margins=(20, 18, 18, 18))
    title(document, data["title"], size=18)
    for text in (data.get("subtitle"), data.get("date")):
        if text:
            paragraph(document, text, font=SONG, size=10.5, align="center")
    table(document, columns, data["rows"], size=9)
    for note in data.get("notes", ()):
        paragraph(document, note, font=SONG, size=9)
    return saved(document)


def docx_notice(data: Mapping[str, Any]) -> bytes:
    """A public notice in the manner of GB/T 9704. Data as for notice.typ."""
    document = blank(margins=(37, 26, 35, 28))
    if data.get("mark"):
        paragraph(document, data["mark"], font=SONG, size=34, align="center", bold=True, colour=RED, pitch=None)
    if data.get("number"):
        numbered = paragraph(document, data["number"], align="center")
        if data.get("mark"):
            underline(numbered)
    paragraph(document, "")
    title(document, data["title"], size=22)
    paragraph(document, "")
    if data.get("addressee"):
        paragraph(document, f"{data['addressee']}：")
    for each in data.get("paragraphs", ()):
        heading = isinstance(each, Mapping)
        paragraph(document, each["heading"] if heading else each, font=HEI if heading else FANG, indent=True)
    if sheet := data.get("table"):
        if sheet.get("caption"):
            paragraph(
                document, sheet["caption"], font=HEI, size=14, align="center"
            ).paragraph_format.keep_with_next = True
        table(document, sheet["columns"], sheet["rows"], size=12)
    for contact in data.get("contacts", ()):
        paragraph(document, f"{contact['label']}：{contact['value']}", indent=True)
    attachments(document, data.get("attachments", ()))
    signature(document, data)
    return saved(document)


def docx_agreement(data: Mapping[str, Any]) -> bytes:
    """An agreement of several parties for signing. Data as for agreement.typ."""
    document = blank(margins=(26, 25, 24, 25))
    number = data.get("number") or "＿" * 10
    paragraph(document, f"协议编号：{number}", font=SONG, size=10.5, align="right")
    title(document, data["title"], size=20)
    parties = [[party["role"], "\n".join([party["name"], *map(_fact, party["facts"])])] for party in data["parties"]]
    columns = [{"title": "各方", "align": "center", "weight": 2}, {"title": "基本情况", "weight": 9}]
    table(document, columns, parties, size=10.5)
    paragraph(document, data["opening"], font=SONG, size=12, indent=True)
    for article in data["articles"]:
        paragraph(document, article["heading"], font=HEI, size=12).paragraph_format.keep_with_next = True
        for text in filter(str.strip, article["text"].splitlines()):
            paragraph(document, text, font=SONG, size=12, indent=True)
    paragraph(document, data["closing"], font=SONG, size=12, indent=True)
    signed = [f"{each['role']}{each['mark']}\n\n\n签名：\n　　年　　月　　日" for each in data["signatures"]]
    blocks = [signed[at : at + 2] for at in range(0, len(signed), 2)]
    table(document, [{"title": "签字"}, {"title": "盖章"}], blocks, size=10.5)
    return saved(document)


def _fact(fact: Mapping[str, str]) -> str:
    return f"{fact['label']}：{fact['value'] or '＿' * 12}"


def attachments(document: DocumentType, names: Sequence[str]) -> None:
    if names:
        paragraph(document, "")
    for position, name in enumerate(names, start=1):
        number = f"{position}. " if len(names) > 1 else ""
        paragraph(document, f"{'附件：' if position == 1 else '　　　'}{number}{name}", indent=True)


def signature(document: DocumentType, data: Mapping[str, Any]) -> None:
    """Issuer above date, four characters from the right edge, with lines left free for the seal."""
    for _ in range(3 if data.get("seal", True) else 1):
        paragraph(document, "").paragraph_format.keep_with_next = True
    for text in (data.get("issuer"), data.get("date")):
        if text:
            line = paragraph(document, text, align="right")
            line.paragraph_format.right_indent = Pt(16 * 4)
            line.paragraph_format.keep_with_next = text is not data.get("date")


def blank(*, landscape: bool = False, margins: tuple[int, int, int, int]) -> DocumentType:
    """An A4 document with our fonts and a page number; margins in mm: top, right, bottom, left."""
    document = Document()
    section = document.sections[0]
    sides = (Mm(297), Mm(210)) if landscape else (Mm(210), Mm(297))
    section.page_width, section.page_height = sides
    section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
    section.top_margin, section.right_margin, section.bottom_margin, section.left_margin = map(Mm, margins)
    section.footer_distance = Mm(min(25, margins[2] - 8))
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = LATIN, Pt(16)
    normal.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), FANG)
    normal.paragraph_format.space_after = normal.paragraph_format.space_before = Pt(0)
    page_number(section.footer.paragraphs[0])
    return document


def title(document: DocumentType, text: str, *, size: int) -> None:
    """The title carries the level-1 outline, so that it appears in the navigation pane."""
    line = paragraph(document, text, font=SONG, size=size, align="center", bold=True, pitch=size * 1.5)
    outline = OxmlElement("w:outlineLvl")
    outline.set(qn("w:val"), "0")
    line._p.get_or_add_pPr().append(outline)
    document.core_properties.title = as_text(text)[:255]
    document.core_properties.author = ""


def paragraph(
    document: DocumentType,
    text: str,
    *,
    font: str = FANG,
    size: float = 16,
    align: str = "",
    bold: bool = False,
    indent: bool = False,
    colour: RGBColor | None = None,
    pitch: float | None = 28,
) -> Paragraph:
    """A paragraph; `pitch` is the exact distance of lines in points for text of 16 pt, None lets the font decide."""
    line = document.add_paragraph()
    write(line, text, font=font, size=size, bold=bold, colour=colour)
    if align:
        line.alignment = ALIGN[align]
    if pitch and size >= 14:
        line.paragraph_format.line_spacing_rule = WD_LINE_SPACING.EXACTLY
        line.paragraph_format.line_spacing = Pt(pitch)
    if indent:
        line.paragraph_format.first_line_indent = Pt(2 * size)
    return line


def write(
    line: Paragraph, text: str, *, font: str, size: float, bold: bool = False, colour: RGBColor | None = None
) -> None:
    run = line.add_run(as_text(text))
    run.font.name, run.font.size, run.font.bold = LATIN, Pt(size), bold
    run._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)
    if colour is not None:
        run.font.color.rgb = colour


def underline(line: Paragraph) -> None:
    """The red line under the number of a document."""
    borders, bottom = OxmlElement("w:pBdr"), OxmlElement("w:bottom")
    for key, value in {"val": "single", "sz": "12", "space": "6", "color": "C8161D"}.items():
        bottom.set(qn(f"w:{key}"), value)
    borders.append(bottom)
    line._p.get_or_add_pPr().insert_element_before(
        borders, "w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc", "w:outlineLvl", "w:rPr"
    )


def table(
    document: DocumentType, columns: Sequence[Mapping[str, Any]], rows: Sequence[Sequence[str]], *, size: float
) -> None:
    """A real table of fixed widths whose head repeats on every page and whose rows do not break."""
    section = document.sections[0]
    room = (section.page_width or 0) - (section.left_margin or 0) - (section.right_margin or 0)
    total = sum(column.get("weight", 1) for column in columns)
    widths = [Length(int(room * column.get("weight", 1) / total)) for column in columns]
    grid = document.add_table(rows=len(rows) + 1, cols=len(columns))
    grid.style, grid.alignment, grid.autofit = "Table Grid", WD_TABLE_ALIGNMENT.CENTER, False
    for column, width in zip(grid.columns, widths, strict=True):
        column.width = width
    heads = [column["title"] for column in columns]
    for position, (row, texts) in enumerate(zip(grid._tbl.tr_lst, [heads, *rows], strict=True)):
        mark_row(row, head=position == 0)
        for cell, text, column, width in zip(row.tc_lst, texts, columns, widths, strict=True):
            cell.width = width
            line = Paragraph(cell.p_lst[0], document)
            line.alignment = ALIGN["center" if position == 0 else column.get("align", "left")]
            write(line, text, font=HEI if position == 0 else SONG, size=size)


def mark_row(row: Any, *, head: bool) -> None:
    properties = row.get_or_add_trPr()
    for name in ("w:cantSplit", "w:tblHeader") if head else ("w:cantSplit",):
        properties.append(OxmlElement(name))


def page_number(line: Paragraph) -> None:
    """— 1 —, as a field that counts by itself."""
    line.alignment = ALIGN["center"]
    write(line, "— ", font=SONG, size=14)
    for kind, text in (("begin", ""), ("", " PAGE "), ("separate", ""), ("", "1"), ("end", "")):
        write(line, "", font=SONG, size=14)
        run = line.runs[-1]._r
        if kind:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
        else:
            mark = OxmlElement("w:instrText" if "PAGE" in text else "w:t")
            mark.text = text
        run.append(mark)
    write(line, " —", font=SONG, size=14)


def saved(document: DocumentType) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()
