"""Where contents lie: a local folder, or an S3-compatible store behind the same six methods; and redrawing images."""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from flask import current_app
from PIL import Image, ImageOps, UnidentifiedImageError

from matchmaker.core.errors import DomainError, Missing
from matchmaker.files.rules import MAX_IMAGE_PIXELS


@dataclass(frozen=True)
class Stored:
    """One content in the store."""

    key: str
    size: int
    modified: datetime


class Store(Protocol):
    """Contents by key; `put` of a key that exists changes nothing but its age."""

    def put(self, key: str, content: bytes) -> None: ...
    def get(self, key: str) -> bytes: ...
    def exists(self, key: str) -> bool: ...
    def delete(self, key: str) -> None: ...
    def list(self) -> Iterator[Stored]: ...
    def size(self, key: str) -> int: ...


class LocalStore:
    """A folder; contents are written beside and moved into place, so a half-written one is never seen."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def _path(self, key: str) -> Path:
        if not key.isalnum():
            raise ValueError("a key is a hash")
        return self.root / key[:2] / key

    def put(self, key: str, content: bytes) -> None:
        path = self._path(key)
        if path.exists():
            os.utime(path)
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(file.name, path)

    def get(self, key: str) -> bytes:
        try:
            return self._path(key).read_bytes()
        except FileNotFoundError:
            raise Missing("文件内容找不到了，请联系管理员") from None

    def exists(self, key: str) -> bool:
        return self._path(key).is_file()

    def delete(self, key: str) -> None:
        self._path(key).unlink(missing_ok=True)

    def list(self) -> Iterator[Stored]:
        for path in sorted(self.root.glob("??/[!.]*")):
            status = path.stat()
            yield Stored(path.name, status.st_size, datetime.fromtimestamp(status.st_mtime, UTC))

    def size(self, key: str) -> int:
        return self._path(key).stat().st_size if self.exists(key) else 0


class ObjectStore:
    """An S3-compatible store (or any that obstore speaks), credentials from the environment."""

    def __init__(self, store: Any) -> None:
        self.store = store

    def put(self, key: str, content: bytes) -> None:
        self.store.put(key, content)

    def get(self, key: str) -> bytes:
        try:
            return bytes(self.store.get(key).bytes())
        except FileNotFoundError:
            raise Missing("文件内容找不到了，请联系管理员") from None

    def exists(self, key: str) -> bool:
        try:
            self.store.head(key)
        except FileNotFoundError:
            return False
        return True

    def delete(self, key: str) -> None:
        if self.exists(key):
            self.store.delete(key)

    def list(self) -> Iterator[Stored]:
        for chunk in self.store.list():
            for item in chunk:
                yield Stored(item["path"].rsplit("/", 1)[-1], item["size"], item["last_modified"])

    def size(self, key: str) -> int:
        return int(self.store.head(key)["size"]) if self.exists(key) else 0


def store() -> Store:
    """The store of the running application, as the setting `file_store` says."""
    kept: Store | None = current_app.extensions.get("matchmaker.files")
    if kept is None:
        settings = current_app.config["SETTINGS"]
        kept = current_app.extensions["matchmaker.files"] = open_store(settings.file_store, settings.instance_path)
    return kept


def open_store(address: str, instance: Path) -> Store:
    """A local folder for `local`, else whatever the address names."""
    if address == "local":
        return LocalStore(instance / "files")
    try:
        from obstore.store import from_url
    except ImportError:
        raise RuntimeError("MATCHMAKER_FILE_STORE names an object store: install the s3 extra") from None
    return ObjectStore(from_url(address))


def redrawn(content: bytes, *, field: str) -> bytes:
    """The picture drawn anew: turned upright, without metadata and without anything hidden behind its pixels."""
    try:
        with Image.open(io.BytesIO(content), formats=("JPEG", "PNG")) as image:
            if image.width * image.height > MAX_IMAGE_PIXELS:
                raise DomainError("图片尺寸过大，请缩小后再上传", field=field)
            form = image.format or "PNG"
            upright = ImageOps.exif_transpose(image)
            upright.load()
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise DomainError("图片打不开，请重新拍照或另存后再上传", field=field) from None
    plain = upright.convert("RGB") if form == "JPEG" else _without_extras(upright)
    out = io.BytesIO()
    plain.save(out, form, **({"quality": 88} if form == "JPEG" else {"optimize": False}))
    return out.getvalue()


def _without_extras(image: Image.Image) -> Image.Image:
    mode = "RGBA" if "A" in image.mode or "transparency" in image.info else "RGB"
    plain = image.convert(mode)
    plain.info.clear()
    return plain
