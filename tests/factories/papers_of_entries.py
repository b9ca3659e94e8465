"""Small real documents to upload: PDF of any number of pages, a deck, a polyglot."""

from __future__ import annotations

import io
import zipfile

from pypdf import PdfReader, PdfWriter
from werkzeug.datastructures import FileStorage


def a_pdf(pages: int = 1, *, author: str = "", password: str = "", attached: str = "") -> bytes:
    """A PDF with empty pages."""
    writer = PdfWriter()
    for _page in range(pages):
        writer.add_blank_page(200, 200)
    if author:
        writer.add_metadata({"/Author": author, "/Title": author})
    if attached:
        writer.add_attachment(attached, b"x")
    if password:
        writer.encrypt(password)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def a_deck(slides: int = 1, *, author: str = "") -> bytes:
    """A package that is told as a deck by its parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        package.writestr("docProps/core.xml", f"<cp><dc:creator>{author}</dc:creator></cp>")
        for number in range(1, slides + 1):
            package.writestr(f"ppt/slides/slide{number}.xml", "<p:sld/>")
    return out.getvalue()


def a_polyglot() -> bytes:
    """A PDF that is an archive as well."""
    out = io.BytesIO(a_pdf())
    out.seek(0, io.SEEK_END)
    with zipfile.ZipFile(out, "a") as package:
        package.writestr("x.txt", "%%EOF")
    return out.getvalue() + b"\n%%EOF"


def an_upload(content: bytes, name: str = "计划书.pdf") -> FileStorage:
    """What a form hands over."""
    return FileStorage(io.BytesIO(content), filename=name)


def author_of(content: bytes) -> str:
    """Who wrote a PDF, as its properties say."""
    found = PdfReader(io.BytesIO(content)).metadata
    return str(found.author or "") if found else ""
