"""Reads CSV and its kin: UTF-8 or GB18030, separated by comma, semicolon or tab."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterable, Iterator
from io import BytesIO, TextIOWrapper

from matchmaker.core.tabular.table import Cells, Limits, Table, from_grid, refused

CHUNK = 1 << 18
DELIMITERS = ",;\t"
SAMPLE_LINES = 5
SAMPLE_CHARS = 65_536
UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
COMMON_SHARE = 0.8  # of the non-ASCII characters of a real GB18030 text, those of GB 2312; names need the rest
QUOTED_NUMBER = re.compile(r'="([^"=]*)"')  # ="00123": how a spreadsheet keeps leading zeros in a CSV file
ESCAPED = re.compile(r"'[=+\-@\t\r＝＋－＠]")  # how we and others defuse a formula


def read_delimited(content: bytes, limits: Limits) -> Table:
    """A table from a delimited text file."""
    encoding = detect_encoding(content)
    delimiter = detect_delimiter(decoded_lines(content, encoding))
    return from_grid(lambda: read_cells(decoded_lines(content, encoding), delimiter, limits), limits)


def detect_encoding(content: bytes) -> str:
    """UTF-8 when every byte fits, else GB18030 when the result reads as Chinese, else a refusal."""
    if not content.startswith(UTF16_MARKS):
        if decodes(content, "utf-8"):
            return "utf-8-sig"
        if decodes(content, "gb18030") and reads_as_chinese(content):
            return "gb18030"
    raise refused("无法识别文件的编码；请在 WPS 或 Excel 中另存为“CSV UTF-8”，或以 UTF-8、GB18030 编码保存后再上传")


def decodes(content: bytes, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for start in range(0, len(content), CHUNK):
            decoder.decode(content[start : start + CHUNK])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def reads_as_chinese(content: bytes) -> bool:
    """GB18030 swallows almost any bytes; text that truly is GB18030 keeps mostly to GB 2312."""
    text = codecs.getincrementaldecoder("gb18030")().decode(content[: 4 * CHUNK])
    foreign = [char for char in text if char > "\x7f"]
    common = sum(len(char.encode("gb2312", "ignore")) == 2 for char in foreign)
    return common >= COMMON_SHARE * len(foreign)


def decoded_lines(content: bytes, encoding: str) -> TextIOWrapper:
    """The lines of the file with their ends, decoded as they are asked for."""
    return TextIOWrapper(BytesIO(content), encoding=encoding, newline="")


def detect_delimiter(lines: Iterable[str]) -> str:
    sample = "".join(line[:SAMPLE_CHARS] for _, line in zip(range(SAMPLE_LINES), lines, strict=False))
    outside_quotes = "".join(sample.split('"')[::2])
    return max(DELIMITERS, key=outside_quotes.count)


def read_cells(lines: Iterable[str], delimiter: str, limits: Limits) -> Iterator[Cells]:
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    line = 0
    try:
        for line, cells in enumerate(reader, start=1):
            yield line, [plain_cell(cell, line) for cell in cells]
    except csv.Error as error:
        if "field limit" in str(error):
            raise refused(
                "第 {line} 行有一格超过 {limit} 个字，或引号没有成对；请缩短或改正后重新上传",
                line=line + 1,
                limit=limits.cell_chars,
            ) from error
        raise refused("第 {line} 行的引号没有成对；请改正后重新上传", line=line + 1) from error


def plain_cell(cell: str, line: int) -> str:
    """The text a person meant; a formula is refused, since only a spreadsheet could say what it gives."""
    if not cell:
        return cell
    if cell[0] == "=":
        quoted = QUOTED_NUMBER.fullmatch(cell)
        if not quoted:
            raise refused("第 {line} 行有公式（以 = 开头）；请复制后“选择性粘贴为数值”，再保存上传", line=line)
        return quoted[1]
    return cell[1:] if ESCAPED.match(cell) else cell
