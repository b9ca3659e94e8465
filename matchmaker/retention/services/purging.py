"""Deleting one line of the ledger: values go, rows stay, so that every count of the event stays what it was."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from matchmaker.activity import services as activity
from matchmaker.checkin.models import Scan, ScanConflict
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict
from matchmaker.events.models import Event, Registration
from matchmaker.events.rules import EventState
from matchmaker.imports.models import ImportBatch, ImportFile
from matchmaker.invitations.models import Invitation
from matchmaker.lists.models import BulkRun
from matchmaker.lists.services import UNDO_WITHIN
from matchmaker.notifications.models import Message
from matchmaker.notifications.rules import MessageState
from matchmaker.questionnaires import services as questionnaires
from matchmaker.retention import queries, rules
from matchmaker.retention.models import Deletion
from matchmaker.retention.rules import GONE, PER_FIELD, Category, Line
from matchmaker.surveys.models import SurveyInvitation


def purge(event: Event, line: Line, *, actor: Any | None) -> Deletion | None:
    """Delete what is left of one line and write the proof; None when nothing was left."""
    rules.check_over(ends=event.ends, cancelled=event.state is EventState.CANCELLED, now=clock.now())
    db.session.execute(sa.select(Event.id).where(Event.id == event.id).with_for_update())
    count = _field(event, line) if line.category in PER_FIELD else ERASERS[line.category](event.id)
    db.session.flush()
    db.session.expire_all()
    if not count:
        return None
    row = _prove(event, line, count, actor)
    activity.record(
        "retention.deleted",
        subject=event,
        actor=actor,
        category=line.category.value,
        label=line.label,
        count=count,
        number=row.number,
    )
    return row


def purge_key(event: Event, key: str, *, actor: Any | None, only_due: bool = False) -> Deletion | None:
    """The same for a line by its key, as it stands in this transaction."""
    line = next((each for each in queries.ledger(event) if each.key == key), None)
    if line is None:
        raise Conflict("刚刚有人修改了同一条内容，请刷新页面核对后再试")
    if not line.left or (only_due and line.until > clock.now()):
        return None
    return purge(event, line, actor=actor)


def _prove(event: Event, line: Line, count: int, actor: Any | None) -> Deletion:
    known = queries.deletions(event.id)
    row = Deletion(
        event_id=event.id,
        number=len(known) + 1,
        category=line.category,
        field_id=line.field_id,
        label=line.label[:200],
        days=line.days,
        count=count,
        moment=clock.now(),
        actor_id=getattr(actor, "id", None) or None,
        previous=known[-1].digest if known else "",
    )
    row.digest = rules.digest(row.previous, row.content)
    db.session.add(row)
    db.session.flush()
    return row


def _field(event: Event, line: Line) -> int:
    number, field_id = line.field_id.split(".", 1)
    for questionnaire in queries.questionnaires_of(event.id):
        if questionnaire.id == int(number):
            return questionnaires.erase_field(questionnaire, field_id, clock.now() + timedelta(seconds=1))
    return 0


def _update(category: Category, event_id: int, *besides: Any, **values: Any) -> int:
    table, condition = queries.held(event_id)[category]
    return _run(sa.update(table).where(condition, *besides).values(**values))


def _run(statement: Any) -> int:
    result = db.session.execute(statement.execution_options(synchronize_session=False))
    return int(result.rowcount)  # type: ignore[attr-defined]


def _names(event_id: int) -> int:
    mine = sa.update(Registration).where(queries.named(event_id))
    contacts = _run(mine.values(name=GONE, version=Registration.version + 1))
    return contacts + _update(Category.NAME, event_id, name=GONE)


def _contacts(event_id: int) -> int:
    again = Registration.version + 1
    return _update(Category.CONTACT, event_id, phone="", email="", guest_key=None, external_id=None, version=again)


def _attendee_phones(event_id: int) -> int:
    return _update(Category.ATTENDEE_PHONE, event_id, phone="")


def _positions(event_id: int) -> int:
    return _update(Category.POSITION, event_id, position="")


def _notes(event_id: int) -> int:
    return _update(Category.NOTE, event_id, note="", version=Registration.version + 1)


def _invitations(event_id: int) -> int:
    key = sa.literal(queries.FORGOTTEN) + sa.cast(Invitation.id, sa.String())
    nothing: dict[str, Any] = dict.fromkeys(("position", "phone", "email", "decline_reason"), "")
    values = {**nothing, "name": GONE, "user_id": None, "external_id": None, "key": key}
    return _update(Category.INVITATION, event_id, version=Invitation.version + 1, **values)


def _scans(event_id: int) -> int:
    """Those that somebody still has to settle stay until then."""
    unsettled = sa.select(ScanConflict.id).where(
        sa.or_(ScanConflict.scan_id == Scan.id, ScanConflict.other_id == Scan.id), ScanConflict.resolved.is_(None)
    )
    return _update(Category.SCAN, event_id, ~unsettled.exists(), code="", device="", actor_name="")


def _messages(event_id: int) -> int:
    """Those that are still to be sent stay until then; that one was sent, and when, stays known."""
    sent = Message.state.not_in((MessageState.WAITING, MessageState.SENDING))
    nothing: dict[str, Any] = dict.fromkeys(("user_id", "to_name", "html", "url", "error", "mail_id"))
    return _update(Category.MESSAGE, event_id, sent, address="", subject=GONE, text="", **nothing)


def _survey_links(event_id: int) -> int:
    _table, condition = queries.held(event_id)[Category.SURVEY]
    ids = db.session.execute(sa.select(SurveyInvitation.id).where(condition)).scalars().all()
    for each in ids:
        spent = queries.SPENT + secrets.token_urlsafe(12)
        _run(sa.update(SurveyInvitation).where(SurveyInvitation.id == each).values(nonce=spent))
    return len(ids)


def _log(event_id: int) -> int:
    return _update(Category.LOG, event_id, data={})


def _bulk(event_id: int) -> int:
    """What may still be taken back stays until then."""
    return _update(Category.BULK, event_id, BulkRun.created < clock.now() - UNDO_WITHIN, items=[])


def _imports(event_id: int) -> int:
    batches = queries.batches_of(event_id)
    count = _run(sa.delete(ImportFile).where(ImportFile.batch_id.in_(batches)))
    _run(sa.update(ImportBatch).where(ImportBatch.id.in_(batches)).values(sample=[]))
    return count


ERASERS: dict[Category, Callable[[int], int]] = {
    Category.NAME: _names,
    Category.CONTACT: _contacts,
    Category.ATTENDEE_PHONE: _attendee_phones,
    Category.POSITION: _positions,
    Category.NOTE: _notes,
    Category.INVITATION: _invitations,
    Category.SCAN: _scans,
    Category.MESSAGE: _messages,
    Category.SURVEY: _survey_links,
    Category.LOG: _log,
    Category.BULK: _bulk,
    Category.IMPORT: _imports,
}
