"""The usual rules from the reference files, signed links of members and judges, and what is inside a document."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache
from typing import Any

import yaml
from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer
from pypdf import PdfReader, PdfWriter
from pypdf.generic import NameObject

from matchmaker.core import paths
from matchmaker.core.errors import DomainError
from matchmaker.files.rules import PDF, FileKind

SLIDE = re.compile(r"ppt/slides/slide\d+\.xml")
TELLING_PARTS = ("docProps/core.xml", "docProps/app.xml", "docProps/custom.xml")
ACTIVE = ("/JavaScript", "/EmbeddedFiles")
RUNS = ("/JavaScript", "/Launch", "/ImportData", "/SubmitForm")


@lru_cache(maxsize=1)
def usual_rules() -> dict[str, Any]:
    """The entry rules, groups, rubrics and prizes that a new contest starts from; an organiser changes them there."""
    text = (paths.resource_dir("seeds") / "reference" / "contest_rules.yaml").read_text(encoding="utf-8")
    rules: dict[str, Any] = yaml.safe_load(text)
    return rules


def invitation_path(invitation: Any) -> str:
    """Where an invited judge answers; a new `nonce` makes all older links worthless."""
    return f"/contests/judge-invitations/{_signer('judge').dumps([invitation.id, invitation.nonce])}"


def read_invitation(token: str) -> tuple[int, str] | None:
    """(invitation id, nonce) of a link, or None when it was not made here."""
    try:
        number, nonce = _signer("judge").loads(token)
    except (BadSignature, ValueError, TypeError):
        return None
    return (number, nonce) if isinstance(number, int) and isinstance(nonce, str) else None


def member_token(member_id: int, nonce: str, *, until: datetime) -> str:
    """The signed part of the link by which a person says whether they take part."""
    return str(_signer("member").dumps([member_id, nonce, int(until.timestamp())]))


def read_member_token(text: str) -> tuple[int, str, int] | None:
    """(member id, nonce, last second) of a link, or None when it was not made here."""
    try:
        number, nonce, until = _signer("member").loads(text)
    except (BadSignature, ValueError, TypeError):
        return None
    fine = isinstance(number, int) and isinstance(nonce, str) and isinstance(until, int)
    return (number, nonce, until) if fine else None


def _signer(who: str) -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt=f"competition.{who}")


def pages_of(kind: FileKind, content: bytes, *, field: str = "file") -> int | None:
    """How many pages or slides there are; None where they cannot be counted. Refuses what nobody could open."""
    if kind is PDF:
        with _readable(field):
            reader = PdfReader(io.BytesIO(content))
            if reader.is_encrypted:
                raise DomainError("PDF 有密码，评委打不开；请去掉密码后再上传", field=field)
            if _is_active(reader.root_object):
                raise DomainError("PDF 里带有脚本或附件，请重新打印成普通 PDF 后再上传", field=field)
            return len(reader.pages)
    if kind.key == "pptx":
        return sum(1 for name in zipfile.ZipFile(io.BytesIO(content)).namelist() if SLIDE.fullmatch(name))
    return None


def _is_active(root: Any) -> bool:
    """Does opening it run something, or does it carry other files?"""
    names = root["/Names"].get_object() if "/Names" in root else {}
    opening = root["/OpenAction"].get_object() if "/OpenAction" in root else {}
    runs = isinstance(opening, dict) and opening.get("/S") in RUNS
    return runs or any(key in names for key in ACTIVE)


def nameless(kind: FileKind, content: bytes, *, field: str = "file") -> bytes:
    """The document without its properties: author, company, title, dates."""
    if kind is PDF:
        with _readable(field):
            writer = PdfWriter(clone_from=io.BytesIO(content))
            writer.metadata = None
            writer.root_object.pop(NameObject("/Metadata"), None)
            out = io.BytesIO()
            writer.write(out)
            return out.getvalue()
    return _without_properties(content) if kind.key in ("pptx", "docx", "xlsx") else content


def _without_properties(content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for part in source.infolist():
            if part.filename in TELLING_PARTS:
                body = re.sub(rb">[^<]+<", b"><", source.read(part.filename))
            else:
                body = source.read(part.filename)
            target.writestr(part.filename, body)
    return out.getvalue()


@contextmanager
def _readable(field: str) -> Iterator[None]:
    """Whatever a broken document makes the reader stumble over is one refusal."""
    try:
        yield
    except DomainError:
        raise
    except Exception as error:
        raise DomainError("PDF 打不开或已损坏，请重新导出后再上传", field=field) from error
