"""What may be uploaded: the kinds of files, told by their content and not by their name, and how large."""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import PurePosixPath

from matchmaker.core.errors import DomainError

MAX_IMAGE_PIXELS = 40_000_000  # a sheet at 600 dpi; beyond, opening it is an attack or a slip
LONGEST_NAME = 120
LARGEST_UNPACKED = 512 * 1024 * 1024
LARGEST_RATIO = 200
MOST_PARTS = 5_000
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
UNWANTED = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]|[\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]')
MARKUP = re.compile(rb"<\s*(?:!doctype\s+html|html|script|svg|iframe|body)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FileKind:
    """A kind of file that is taken: the endings it may carry and the type it is handed out as."""

    key: str
    endings: frozenset[str]
    mimetype: str


_OFFICE = "application/vnd.openxmlformats-officedocument"
PDF = FileKind("pdf", frozenset({"pdf"}), "application/pdf")
JPEG = FileKind("jpeg", frozenset({"jpg", "jpeg"}), "image/jpeg")
PNG = FileKind("png", frozenset({"png"}), "image/png")
DOCX = FileKind("docx", frozenset({"docx"}), f"{_OFFICE}.wordprocessingml.document")
XLSX = FileKind("xlsx", frozenset({"xlsx"}), f"{_OFFICE}.spreadsheetml.sheet")
PPTX = FileKind("pptx", frozenset({"pptx"}), f"{_OFFICE}.presentationml.presentation")
OFD = FileKind("ofd", frozenset({"ofd"}), "application/ofd")
OLD_OFFICE = FileKind("ole", frozenset({"doc", "xls", "ppt", "wps", "et", "dps"}), "application/x-ole-storage")

IMAGES = (JPEG, PNG)
SCANS = (PDF, *IMAGES)
DOCUMENTS = (*SCANS, DOCX, XLSX, PPTX, OFD, OLD_OFFICE)
MARKERS = {"word/": DOCX, "xl/": XLSX, "ppt/": PPTX}


def clean_name(name: str) -> str:
    """The name as it may stand in a list and a header: no path, no control or direction characters, not too long."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    text = UNWANTED.sub("", last).strip(" .") or "附件"
    path = PurePosixPath(text)
    return f"{path.stem[: LONGEST_NAME - len(path.suffix)]}{path.suffix[:12]}"


def ending_of(name: str) -> str:
    """The ending of a name in lower case, without its dot."""
    return PurePosixPath(name).suffix.lower().removeprefix(".")


def accept(*, name: str, content: bytes, kinds: Collection[FileKind], limit_bytes: int, field: str) -> FileKind:
    """The kind of an upload; refuses what is empty, too large, of another kind, or two kinds at once."""
    if not content:
        raise DomainError("文件是空的，请重新选择", field=field)
    if len(content) > limit_bytes:
        raise DomainError("文件超过 {limit} MB，请压缩或拆分后再上传", field=field, limit=limit_bytes // 1024**2)
    kind = kind_of(content)
    if kind is None or kind not in kinds:
        allowed = "、".join(sorted({ending for each in kinds for ending in each.endings}))
        raise DomainError("不能上传这种文件；请使用 {allowed} 格式", field=field, allowed=allowed)
    if ending_of(name) not in kind.endings:
        raise DomainError("文件内容与扩展名不符，请用原来的软件重新保存后再上传", field=field)
    check_single(kind, content, field=field)
    return kind


def kind_of(content: bytes) -> FileKind | None:
    """What the first bytes and, for archives, the parts inside say; None when nothing that is taken."""
    if content.startswith(b"%PDF-"):
        return PDF
    if content.startswith(b"\xff\xd8\xff"):
        return JPEG
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if content.startswith(OLE):
        return OLD_OFFICE
    return _package_kind(content) if content.startswith(b"PK\x03\x04") else None


def _package_kind(content: bytes) -> FileKind | None:
    try:
        names = zipfile.ZipFile(io.BytesIO(content)).namelist()
    except (zipfile.BadZipFile, ValueError, OSError):
        return None
    if "OFD.xml" in names:
        return OFD
    if "[Content_Types].xml" not in names:
        return None
    return next((kind for prefix, kind in MARKERS.items() if any(n.startswith(prefix) for n in names)), None)


def check_single(kind: FileKind, content: bytes, *, field: str) -> None:
    """Refuse a file that another program would read as something else, a bomb, or a document with macros."""
    if kind is PDF:
        _check_pdf(content, field=field)
    elif kind in (DOCX, XLSX, PPTX, OFD):
        _check_package(content, field=field)
    elif kind is OLD_OFFICE and zipfile.is_zipfile(io.BytesIO(content)):
        raise _two_kinds(field)


def _check_pdf(content: bytes, *, field: str) -> None:
    if b"%%EOF" not in content[-2048:]:
        raise DomainError("PDF 文件不完整，请重新导出后再上传", field=field)
    if MARKUP.search(content[:1024]) or zipfile.is_zipfile(io.BytesIO(content)):
        raise _two_kinds(field)


def _check_package(content: bytes, *, field: str) -> None:
    archive = zipfile.ZipFile(io.BytesIO(content))
    parts = archive.infolist()
    unpacked = sum(part.file_size for part in parts)
    if len(parts) > MOST_PARTS or unpacked > LARGEST_UNPACKED or unpacked > LARGEST_RATIO * len(content) + 1024**2:
        raise DomainError("文件解压后过大，可能已损坏；请重新保存后再上传", field=field)
    if any(part.filename.lower().endswith("vbaproject.bin") for part in parts):
        raise DomainError("文件带有宏，不能上传；请另存为不含宏的文档", field=field)
    end = content.rfind(b"PK\x05\x06")  # nothing may hide behind the archive's last record
    if len(content) - end != 22:
        raise _two_kinds(field)


def _two_kinds(field: str) -> DomainError:
    return DomainError("文件里混有其他格式的内容，不能上传；请重新导出后再试", field=field)
