"""Files of an entry: looked at before anything is written, kept as long as a version may have had them."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

from matchmaker.activity import services as activity
from matchmaker.competition import access, gateways
from matchmaker.competition.models import Contest, Entry, EntryFile
from matchmaker.competition.rules.entry_rules import rules_of
from matchmaker.competition.rules.states import check_entry_open
from matchmaker.competition.rules.uploads import FileLimit, Material, check_count, check_pages
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.errors import NotPermitted
from matchmaker.files import rules as kinds_of_files
from matchmaker.files import services as files


@dataclass
class Looked:
    """An upload that was read and found fine; `read` hands its content on."""

    filename: str
    content: bytes
    pages: int | None

    def read(self, limit: int = -1) -> bytes:
        return io.BytesIO(self.content).read(limit)


def look(contest: Contest, upload: Any, kind: Material) -> Looked:
    """Read an upload and refuse what the rules of the contest do not allow; writes nothing, so it needs no turn."""
    limit: FileLimit = rules_of(contest).files[kind]
    name = kinds_of_files.clean_name(getattr(upload, "filename", "") or "")
    content = upload.read(limit.mb * 1024**2 + 1)
    found = kinds_of_files.accept(
        name=name, content=content, kinds=limit.kinds, limit_bytes=limit.mb * 1024**2, field="file"
    )
    pages = gateways.pages_of(found, content)
    check_pages(kind, pages, limit)
    return Looked(name, content, pages)


def add(entry: Entry, *, actor: Any, kind: Material, looked: Looked) -> EntryFile:
    """Keep a file with an entry that is being written; the one plan and the one deck replace the ones before."""
    _check_open(entry, actor)
    limit = rules_of(entry.contest).files[kind]
    present = [row for row in entry.files if row.kind is kind]
    check_count(kind, len(present), limit)
    if limit.most == 1:
        for old in present:
            old.dropped = clock.now()
    row = EntryFile(region=entry.region, entry_id=entry.id, kind=kind, pages=looked.pages, created=clock.now())
    db.session.add(row)
    db.session.flush()
    stored = files.attach(
        looked, subject=row, actor=actor, purpose=kind.value, kinds=limit.kinds, limit_mb=limit.mb, field="file"
    )
    row.file_id = stored.id
    entry.updated = clock.now()
    db.session.flush()
    db.session.expire(entry, ["files"])
    activity.record("competition.file_added", subject=entry, actor=actor, name=stored.name, material=kind.value)
    return row


def drop(row: EntryFile, *, actor: Any) -> None:
    """Take a file out of an entry that is being written; earlier versions keep it."""
    entry = row.entry
    _check_open(entry, actor)
    row.dropped = entry.updated = clock.now()
    db.session.flush()
    db.session.expire(entry, ["files"])
    activity.record(
        "competition.file_dropped",
        subject=entry,
        actor=actor,
        name=row.file.name if row.file else "",
        material=row.kind.value,
    )


def _check_open(entry: Entry, actor: Any) -> None:
    if not access.owns(actor, entry):
        raise NotPermitted("只有报名人和同单位的同事可以修改")
    latest = rules_of(entry.contest).latest(entry.contest.deadline)
    check_entry_open(entry.contest.state, entry.state, deadline=latest, now=clock.now())
