"""Files as people upload them."""

from __future__ import annotations

import io
import zipfile

from PIL import Image
from werkzeug.datastructures import FileStorage

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def an_upload(name: str = "异议书.pdf", content: bytes = PDF) -> FileStorage:
    """A file as a form brings it."""
    return FileStorage(io.BytesIO(content), filename=name)


def a_picture(form: str = "PNG", *, size: tuple[int, int] = (8, 8), **options: object) -> bytes:
    """A small picture."""
    out = io.BytesIO()
    Image.new("RGB", size, "red").save(out, form, **options)
    return out.getvalue()


def a_package(*names: str, body: bytes = b"x") -> bytes:
    """A zip with the given parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, body)
    return out.getvalue()
