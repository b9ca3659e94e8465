"""Reads the first visible sheet of an .xlsx workbook, measured and repacked before the parser sees it."""

from __future__ import annotations

import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO
from xml.sax import SAXParseException  # noqa: S406
from xml.sax.handler import ContentHandler  # noqa: S406 - only the interface; parsing is defusedxml's

from defusedxml import DefusedXmlException, sax
from defusedxml.ElementTree import ParseError, fromstring
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from matchmaker.core.errors import DomainError
from matchmaker.core.tabular.numbers import as_typed, lost_digits
from matchmaker.core.tabular.table import Cells, Limits, Table, from_grid, refused

CHUNK = 1 << 18
WORKBOOK, WORKBOOK_RELS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
RELATION_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
NEEDED = (".xml", ".rels")  # pictures and embedded files are never opened
MALFORMED = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,  # zipfile's word for a compression it does not know
    CalamineError,
    DefusedXmlException,
    ParseError,
    SAXParseException,
    LookupError,
    ValueError,
)
SMALL = 1_000_000  # a small member may be as regular as it likes


def read_workbook(content: bytes, limits: Limits) -> Table:
    """A table from the first visible sheet; formulas are refused by line, for their values may be stale."""
    try:
        sheet = open_sheet(content, limits)
    except MALFORMED as error:
        raise damaged() from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # the parser's own crash is no reason for ours
            raise
        raise damaged() from error
    return from_grid(lambda: sheet_cells(sheet), limits)


def open_sheet(content: bytes, limits: Limits) -> CalamineSheet:
    package = repacked(content, limits)
    workbook = CalamineWorkbook.from_filelike(package)
    name = first_visible(workbook)
    scan_sheet(package, name, limits)
    return workbook.get_sheet_by_name(name)


def damaged() -> DomainError:
    return refused("Excel 文件已损坏或不是标准格式；请在 WPS 或 Excel 中打开后另存为 .xlsx 再上传")


def repacked(content: bytes, limits: Limits) -> BytesIO:
    """The parts we need, unpacked by count and stored plain: no header can lie to the parser about sizes."""
    package = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as source, zipfile.ZipFile(package, "w") as target:
        members = source.infolist()
        check_members(members, limits)
        for member in members:
            if member.filename.endswith(NEEDED):
                with source.open(member) as stream, target.open(member.filename, "w") as copy:
                    while chunk := stream.read(CHUNK):  # zipfile never gives more than the checked size
                        copy.write(chunk)
    package.seek(0)
    return package


def check_members(members: list[zipfile.ZipInfo], limits: Limits) -> None:
    """Refuses what no spreadsheet program writes: bombs, paths leading out, encrypted or repeated members."""
    names = [member.filename for member in members]
    if len(names) > limits.members or len(set(names)) < len(names):
        raise damaged()
    for member in members:
        parts = member.filename.replace("\\", "/").split("/")
        if ".." in parts or parts[0] in ("", ".") or ":" in parts[0] or member.flag_bits & 1:
            raise damaged()
        if member.file_size > SMALL and member.file_size > limits.ratio * max(member.compress_size, 1):
            raise refused("Excel 文件的压缩比例异常，可能是压缩炸弹；请在 WPS 或 Excel 中打开后另存为 .xlsx 再上传")
    if sum(member.file_size for member in members) > limits.expanded_bytes:
        raise refused("文件解压后超过 {limit} MB；请分成几个文件上传", limit=limits.expanded_bytes // 1_000_000)


def first_visible(workbook: CalamineWorkbook) -> str:
    for sheet in workbook.sheets_metadata:
        if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible:
            return str(sheet.name)
    raise refused("Excel 文件里没有可见的工作表；请把数据放在第一个工作表中")


def scan_sheet(package: BytesIO, name: str, limits: Limits) -> None:
    """Reads the sheet's own XML for what the parser hides: formulas, and the true extent of the grid."""
    with zipfile.ZipFile(package) as parts:
        scan = SheetScan(limits)
        parser = sax.make_parser()
        parser.forbid_dtd = True
        parser.setContentHandler(scan)
        with parts.open(sheet_path(parts, name)) as stream:
            parser.parse(stream)
    if scan.formula_lines:
        lines = "、".join(str(line) for line in scan.formula_lines[:5])
        more = "等" if len(scan.formula_lines) > 5 else ""
        raise refused("第 {lines} 行有公式；请复制后“选择性粘贴为数值”，再保存上传", lines=lines + more)


def sheet_path(parts: zipfile.ZipFile, name: str) -> str:
    """Where the named sheet lies in the package. Raises KeyError when it is nowhere."""
    sheets = fromstring(parts.read(WORKBOOK), forbid_dtd=True).iter()
    relations = fromstring(parts.read(WORKBOOK_RELS), forbid_dtd=True).iter()
    targets = {element.get("Id"): element.get("Target", "") for element in relations}
    target = targets[{element.get("name"): element.get(RELATION_ID) for element in sheets}[name]]
    return target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")


class SheetScan(ContentHandler):
    """Counts rows and columns as the parser will, and notes the lines with formulas."""

    def __init__(self, limits: Limits) -> None:
        super().__init__()
        self.limits = limits
        self.row = self.column = 0
        self.rows = self.columns = 0
        self.formula_lines: list[int] = []

    def startElement(self, name: str, attrs) -> None:  # noqa: N802 - SAX's name
        name = name.rpartition(":")[2]
        if name == "row":
            self.row = int(attrs.get("r", self.row + 1))
            self.column = 0
        elif name == "c":
            self.enter_cell(attrs.get("r", ""))
        elif name == "f" and self.row not in self.formula_lines[-1:]:
            self.formula_lines.append(self.row)

    def enter_cell(self, reference: str) -> None:
        letters = reference.rstrip("0123456789")
        if reference:
            self.row = int(reference[len(letters) :])
            self.column = column_number(letters)
        else:
            self.column += 1
        self.rows, self.columns = max(self.rows, self.row), max(self.columns, self.column)
        if self.columns > 2 * self.limits.columns or self.rows * self.columns > self.limits.grid_cells:
            raise refused(
                "工作表的范围过大（第 {row} 行第 {column} 列仍有内容）；请删去多余的行列后重新上传",
                row=self.row,
                column=self.column,
            )


def column_number(letters: str) -> int:
    """1 for A, 27 for AA."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def sheet_cells(sheet: CalamineSheet) -> Iterator[Cells]:
    left = sheet.start[1] + 1 if sheet.start else 1  # empty columns before the table are left out, empty rows not
    for line, cells in enumerate(sheet.iter_rows(), start=1):
        for column, cell in enumerate(cells, start=left):
            if lost_digits(cell):
                raise refused(
                    "第 {line} 行第 {column} 列的数字超过 15 位，末几位已丢失；请把该列设为“文本”后重新填写",
                    line=line,
                    column=column,
                )
        yield line, [as_typed(cell) for cell in cells]
