"""Opens an uploaded file: reads it within the limits, unpacks .gz, and picks the reader by the file's name."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, cast

from matchmaker.core.errors import DomainError
from matchmaker.core.tabular.delimited import read_delimited
from matchmaker.core.tabular.jsonlines import read_json_lines
from matchmaker.core.tabular.table import Limits, Table, refused
from matchmaker.core.tabular.workbook import read_workbook

CHUNK = 1 << 18
ZIP, OLE, GZIP = b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\x1f\x8b"

READERS: dict[str, Callable[[bytes, Limits], Table]] = {
    ".csv": read_delimited,
    ".tsv": read_delimited,
    ".txt": read_delimited,
    ".xlsx": read_workbook,
    ".jsonl": read_json_lines,
    ".ndjson": read_json_lines,
    ".json": read_json_lines,
}
SUFFIXES = (*READERS, *(f"{suffix}.gz" for suffix in READERS))


def read_table(source: Path | BinaryIO, filename: str, *, limits: Limits = Limits()) -> Table:
    """Read an uploaded table; the format is chosen by `filename`. Raises DomainError(field="file")."""
    name = filename.strip().lower()
    packed = name.endswith(".gz")
    suffix = Path(name.removesuffix(".gz")).suffix
    if suffix not in READERS:
        raise refused("只能读取 CSV、XLSX 或 JSON Lines 文件（可用 gzip 压缩）；请另存为其中一种格式")
    content = bounded(source, limits.file_bytes, too_big_file(limits))
    if packed:
        content = unpacked(content, limits)
    check_signature(content, suffix)
    return READERS[suffix](content, limits)


def bounded(source: Path | BinaryIO, limit: int, refusal: DomainError) -> bytes:
    """The whole content, refused beyond `limit` bytes."""
    if isinstance(source, Path):
        with source.open("rb") as opened:
            return bounded(opened, limit, refusal)
    content = bytearray()
    while chunk := source.read(CHUNK):
        content += chunk
        if len(content) > limit:
            raise refusal
    return bytes(content)


def unpacked(content: bytes, limits: Limits) -> bytes:
    if not content.startswith(GZIP):
        raise refused("文件名以 .gz 结尾，内容却不是 gzip 压缩文件；请重新压缩，或直接上传原文件")
    try:
        with gzip.open(BytesIO(content)) as stream:
            return bounded(cast(BinaryIO, stream), limits.expanded_bytes, too_big_expanded(limits))
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise refused("压缩文件已损坏；请重新压缩，或直接上传原文件") from error


def check_signature(content: bytes, suffix: str) -> None:
    """The content is what the name promises."""
    if not content:
        raise refused("文件是空的；请检查后重新上传")
    if content.startswith(OLE):
        raise refused("文件是旧版 .xls 或加了密码；请在 WPS 或 Excel 中去掉密码，另存为 .xlsx 后上传")
    if suffix == ".xlsx" and not content.startswith(ZIP):
        raise refused("文件名以 .xlsx 结尾，内容却不是 Excel 工作簿；请在 WPS 或 Excel 中另存为 .xlsx 后上传")
    if suffix != ".xlsx" and content.startswith(ZIP):
        raise refused("文件内容是 Excel 工作簿或压缩包，与文件名不符；请把文件名改为 .xlsx，或另存为 CSV 后上传")


def too_big_file(limits: Limits) -> DomainError:
    return refused("文件超过 {limit} MB；请分成几个文件上传", limit=limits.file_bytes // 1_000_000)


def too_big_expanded(limits: Limits) -> DomainError:
    return refused("文件解压后超过 {limit} MB；请分成几个文件上传", limit=limits.expanded_bytes // 1_000_000)
