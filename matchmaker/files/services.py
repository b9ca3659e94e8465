"""Taking an upload in, letting it go, and clearing contents that nothing needs any more."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask import current_app

from matchmaker.activity import services as activity
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.files import gateways, queries, rules
from matchmaker.files.models import StoredFile
from matchmaker.files.rules import DOCUMENTS, IMAGES, FileKind

ORPHAN_AGE = timedelta(days=1)


def attach(
    upload: Any,
    *,
    subject: Any,
    actor: Any | None,
    purpose: str,
    kinds: Collection[FileKind] = DOCUMENTS,
    limit_mb: int | None = None,
    field: str = "file",
) -> StoredFile:
    """Keep an upload (werkzeug FileStorage, or anything with `.filename` and `.read()`) with its record.

    The kind is told by the content; images are drawn anew. Raises DomainError on `field`. `actor` None or nobody:
    an upload without an account, which only the record's feature can show.
    """
    limit = (limit_mb or current_app.config["SETTINGS"].upload_limit_mb) * 1024**2
    name = rules.clean_name(upload.filename or "")
    content = upload.read(limit + 1)
    kind = rules.accept(name=name, content=content, kinds=kinds, limit_bytes=limit, field=field)
    if kind in IMAGES:
        content = gateways.redrawn(content, field=field)
    if subject.id is None:
        db.session.flush()
    sha256 = hashlib.sha256(content).hexdigest()
    gateways.store().put(sha256, content)
    row = StoredFile(
        region=getattr(subject, "region", None),
        subject_kind=subject.__tablename__,
        subject_id=subject.id,
        purpose=purpose,
        name=name,
        mimetype=kind.mimetype,
        size=len(content),
        sha256=sha256,
        uploaded_by_id=getattr(actor, "id", None) or None,
        created=clock.now(),
    )
    db.session.add(row)
    db.session.flush()
    return row


def content_of(file: StoredFile) -> bytes:
    """The bytes of an upload."""
    return gateways.store().get(file.sha256)


def detach(file: StoredFile, *, actor: Any | None) -> None:
    """Forget an upload; its content goes with the next clearing unless another upload needs it."""
    activity.record("files.detached", subject=file, actor=actor, of=file.subject_kind)
    db.session.delete(file)
    db.session.flush()


def forget(user: Any) -> None:
    """Uploads belong to their records; who uploaded them is forgotten with the person."""
    db.session.execute(sa.update(StoredFile).where(StoredFile.uploaded_by_id == user.id).values(uploaded_by_id=None))


def clear_orphans() -> int:
    """Delete contents that no upload needs and that are older than a day (younger ones may be on their way in)."""
    store, needed, now = gateways.store(), queries.hashes_in_use(), clock.now()
    gone = [item.key for item in store.list() if item.key not in needed and item.modified < now - ORPHAN_AGE]
    for key in gone:
        store.delete(key)
    return len(gone)
