"""Merging two records of one organisation: names, codes and everything that points to them move to the kept one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from matchmaker.activity import services as activity
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.core.feature import features
from matchmaker.directory import access
from matchmaker.directory.models import FormerName, Organisation
from matchmaker.directory.services import records


def merge(kept: Organisation, dropped: Organisation, *, actor: Any, reason: str) -> None:
    """Make one record of two. Raises NotPermitted, DomainError or Conflict; then nothing has changed."""
    _check(kept, dropped, actor=actor, reason=reason)
    now = clock.now()
    moved = {"name": dropped.name, "uscc": dropped.uscc, "stock_code": dropped.stock_code}
    _take_codes(kept, dropped)
    _take_names(kept, dropped)
    _take_facts(kept, dropped)
    kept.updated = dropped.updated = now
    dropped.merged_into_id = kept.id
    db.session.flush()
    for prepare in features().each("merges"):
        prepare(kept.id, dropped.id)
    _repoint(kept.id, dropped.id)
    activity.record("directory.merged", subject=kept, actor=actor, other=dropped.id, reason=reason.strip(), **moved)
    activity.record("directory.merged_away", subject=dropped, actor=actor, into=kept.id, reason=reason.strip())
    db.session.flush()
    db.session.expire_all()


def _check(kept: Organisation, dropped: Organisation, *, actor: Any, reason: str) -> None:
    if not (access.may_edit(actor, kept) and access.may_edit(actor, dropped)):
        raise NotPermitted("您只能合并自己负责区域内的单位")
    if kept.id == dropped.id:
        raise DomainError("请选择另一条记录", field="other")
    if kept.merged_into_id is not None or dropped.merged_into_id is not None:
        raise Conflict("其中一条记录已经合并过，请刷新页面")
    if not reason.strip():
        raise DomainError("请写明合并的理由", field="reason")
    both = kept.uscc and dropped.uscc
    if both and not (kept.uscc_override or dropped.uscc_override):
        raise DomainError("两条记录各有有效的统一社会信用代码，不是同一家单位，不能合并", field="other")


def _take_codes(kept: Organisation, dropped: Organisation) -> None:
    """A code that the kept record lacks moves over; otherwise it stays with the dropped one, where imports find it."""
    for key in ("uscc", "stock_code"):
        code = getattr(dropped, key)
        if code and not getattr(kept, key):
            setattr(dropped, key, None)
            db.session.flush()
            setattr(kept, key, code)
            if key == "uscc":
                kept.uscc_override, dropped.uscc_override = dropped.uscc_override, None


def _take_names(kept: Organisation, dropped: Organisation) -> None:
    known = records.known_folds(kept)
    for name, until, source in [
        *((former.name, former.until, former.source) for former in dropped.names),
        (dropped.name, None, "merge"),
    ]:
        if records.folds_to(name) not in known:
            records.remember_name(kept, name, until=until, source=source)


def _take_facts(kept: Organisation, dropped: Organisation) -> None:
    for key in records.FACTS:
        if key not in ("uscc", "stock_code") and getattr(kept, key) in (None, [], "") and getattr(dropped, key):
            setattr(kept, key, getattr(dropped, key))


def references() -> Iterator[sa.Column[Any]]:
    """Every column of every feature that points to an organisation."""
    for table in db.metadata.sorted_tables:
        for column in table.columns:
            if any(key.column is Organisation.__table__.c.id for key in column.foreign_keys):
                yield column


def _repoint(kept_id: int, dropped_id: int) -> None:
    skipped = {Organisation.__table__.c.merged_into_id, FormerName.__table__.c.organisation_id}
    for column in references():
        if column in skipped:
            continue
        statement = sa.update(column.table).where(column == dropped_id).values({column: kept_id})
        try:
            with db.session.begin_nested():
                db.session.execute(statement)
        except IntegrityError:
            raise Conflict(
                "两家单位有相互重复的记录（{table}），请先处理其中一条再合并", table=column.table.name
            ) from None
    earlier = sa.update(Organisation).where(Organisation.merged_into_id == dropped_id).values(merged_into_id=kept_id)
    db.session.execute(earlier.execution_options(synchronize_session=False))
