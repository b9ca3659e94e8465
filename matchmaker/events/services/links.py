"""A guest's signed link: opens one registration, and nothing else."""

from __future__ import annotations

from matchmaker.core.db import db
from matchmaker.core.errors import Missing
from matchmaker.events import gateways, queries
from matchmaker.events.models import Registration


def open_link(text: str) -> Registration:
    """The registration behind a link. Raises Missing for one that was not made here or was replaced by a newer one."""
    read = gateways.read_link(text)
    row: Registration | None = None
    if read is not None:
        row = db.session.execute(queries.by_link(*read)).unique().scalar_one_or_none()
    if row is None:
        raise Missing("这个链接不对或已失效，请用最近一次通知里的链接，或联系主办方")
    return row
