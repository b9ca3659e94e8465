"""The ledger counts rows; deletion empties values, keeps counts and leaves a proof."""

from __future__ import annotations

import contextvars
import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa

from matchmaker.activity.models import Activity
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import DomainError
from matchmaker.events.models import Attendee, Event, Registration
from matchmaker.imports.models import ImportBatch, ImportFile
from matchmaker.imports.rules import BatchState
from matchmaker.invitations.models import Invitation
from matchmaker.lists.models import BulkRun
from matchmaker.notifications.models import Message
from matchmaker.questionnaires.models import AnswerSheet
from matchmaker.reports import services as reports
from matchmaker.reports.rules import Split
from matchmaker.retention import jobs, queries, rules
from matchmaker.retention.models import Deletion
from matchmaker.retention.rules import GONE, Category, LineState
from matchmaker.retention.services import purging, terms

PERSONAL = ("赵来宾", "zhao@example.cn", "1300000", "1390000", "花生", "钱受邀", "李现场", "带两箱资料", "总经理")


def lines(event):
    return {(line.category, line.label): line for line in queries.ledger(fresh(event))}


def fresh(event):
    db.session.rollback()
    return db.session.get_one(Event, event.id, populate_existing=True)


def left(event):
    return {key: line.left for key, line in lines(event).items()}


def proof(event):
    return [(row.content, row.previous, row.digest) for row in queries.deletions(event.id)]


def texts():
    """Everything that stands in the tables an event fills."""
    tables = (Registration, Attendee, Invitation, AnswerSheet, Message, Activity, Deletion)
    names = {table.__table__ for table in tables} | {db.metadata.tables["scans"], db.metadata.tables["activities"]}
    return "\n".join(str(row) for table in names for row in db.session.execute(sa.select(table)).all())


def test_the_ledger_counts_what_the_rows_hold(event):
    counted = left(event)

    assert counted[Category.ANSWER, "紧急联系电话"] == counted[Category.ANSWER, "过敏食物"] == 1
    assert (Category.ANSWER, "想听的主题") not in counted
    assert counted[Category.INVITATION, ""] == 2
    assert counted[Category.NOTE, ""] == counted[Category.POSITION, ""] == 1
    assert counted[Category.CONTACT, ""] == db.session.query(Registration).filter(Registration.phone != "").count()
    assert counted[Category.NAME, ""] > db.session.query(Attendee).count() > 4
    assert counted[Category.SCAN, ""] == 2
    assert counted[Category.MESSAGE, ""] == db.session.query(Message).count() > 0


def send_all():
    with transaction() as session:
        session.execute(sa.update(Message).values(state="sent"))


def test_when_all_is_due_nothing_personal_is_left_and_every_count_is_what_it_was(event, after):
    send_all()
    with transaction() as session:
        session.execute(sa.update(db.metadata.tables["scan_conflicts"]).values(resolved=clock.now()))
    before = [reports.report_of(fresh(event), split) for split in Split]

    with after(1100):
        done = jobs.purge()
        report = [reports.report_of(fresh(event), split) for split in Split]
        states = {line.state for line in lines(event).values()}

    assert done > 10 and report == before and report[0].balance.adds_up
    assert states <= {LineState.DELETED, LineState.EMPTY}
    assert [each for each in PERSONAL if each in texts()] == []
    assert set(db.session.execute(sa.select(Attendee.name)).scalars()) == {GONE}
    assert "视频结构化" in texts()


def test_only_what_is_due_goes_and_a_second_run_does_nothing(event, after):
    with after(100):
        first, second = jobs.purge(), jobs.purge()
        counted = left(event)

    assert first == 1 and second == 0
    assert counted[Category.ATTENDEE_PHONE, ""] == 0 and counted[Category.CONTACT, ""] > 0
    assert [row.category for row in queries.deletions(event.id)] == [Category.ATTENDEE_PHONE]


def test_a_shorter_term_of_the_event_is_kept_to(event, organiser, after):
    with transaction():
        terms.set_days(fresh_in(event), lines_in(event)[Category.CONTACT, ""], days=2, reason="", actor=organiser)

    with after(3):
        jobs.purge()

    assert {row.category: row.days for row in queries.deletions(event.id)} == {Category.CONTACT: 2}


def fresh_in(event):
    return db.session.get_one(Event, event.id)


def lines_in(event):
    return {(line.category, line.label): line for line in queries.ledger(fresh_in(event))}


def test_longer_without_a_reason_is_refused(event, organiser):
    with pytest.raises(DomainError), transaction():
        terms.set_days(fresh_in(event), lines_in(event)[Category.CONTACT, ""], days=999, reason="", actor=organiser)

    assert lines(event)[Category.CONTACT, ""].days == 180


def test_nothing_is_deleted_by_hand_while_the_event_needs_it(event, organiser):
    with pytest.raises(DomainError), transaction():
        purging.purge_key(fresh_in(event), "note", actor=organiser)

    assert left(event)[Category.NOTE, ""] == 1


def test_the_chain_holds_and_a_changed_row_is_found(event, organiser, after):
    with after(2):
        for key in ("note", "position", "attendee_phone"):
            with transaction():
                purging.purge_key(fresh_in(event), key, actor=organiser)
    assert rules.first_broken(proof(event)) is None

    with transaction() as session:
        session.execute(sa.update(Deletion).where(Deletion.number == 2).values(count=7))

    assert rules.first_broken(proof(event)) == 2


def test_what_waits_to_be_sent_or_settled_stays(event, organiser, after):
    waiting = db.session.query(Message).filter(Message.state == "waiting").count()
    with after(2), transaction():
        purging.purge_key(fresh_in(event), "message", actor=organiser)

    assert left(event)[Category.MESSAGE, ""] == waiting > 0


def test_what_a_bulk_edit_kept_for_its_undo_goes_once_it_cannot_be_undone(event, organiser, after):
    with after(2):
        for days in (0, 2):
            values = {"list_name": "registrations", "action": "edit", "scope": {"event_id": event.id}}
            items = [{"id": 1, "before": {"phone": "13000000041"}}]
            with transaction() as session:
                session.add(
                    BulkRun(user_id=organiser.id, items=items, created=clock.now() - timedelta(days=days), **values)
                )
        assert left(event)[Category.BULK, ""] == 2
        with transaction():
            purging.purge_key(fresh_in(event), "bulk", actor=organiser)

        assert left(event)[Category.BULK, ""] == 1


def test_files_of_guest_lists_go_with_their_sample(event, organiser, after):
    values = {"headers": [], "line_count": 1, "mapping": {}, "counts": {}, "sample": [["赵来宾"]]}
    with transaction() as session:
        for wanted in (str(event.id), str(event.id + 1)):
            batch = ImportBatch(
                region="650105", kind="invitations", filename="a.csv", state=next(iter(BatchState)),
                options={"event": wanted}, created=clock.now(), **values,
            )  # fmt: skip
            session.add(batch)
            session.flush()
            session.add(ImportFile(batch_id=batch.id, role="result", content="赵来宾".encode()))
    with after(2), transaction():
        purging.purge_key(fresh_in(event), "import", actor=organiser)

    assert [batch.sample for batch in db.session.query(ImportBatch).order_by(ImportBatch.id)] == [[], [["赵来宾"]]]
    assert db.session.query(ImportFile).count() == 1


def test_two_at_once_leave_one_proof(app, event, organiser, after):
    number = event.id

    def press():
        with app.app_context():
            try:
                with transaction() as session:
                    purging.purge_key(session.get_one(Event, number), "note", actor=None)
            except DomainError:
                pass
            finally:
                db.session.remove()

    db.session.rollback()
    with after(2):
        together = [threading.Thread(target=contextvars.copy_context().run, args=(press,)) for _ in range(4)]
        for each in together:
            each.start()
        for each in together:
            each.join()

    db.session.rollback()
    assert [row.count for row in queries.deletions(event.id)] == [1]
    assert rules.first_broken(proof(event)) is None


def test_one_field_of_a_form_goes_and_the_others_stay(event, organiser, after):
    key = lines(event)[Category.ANSWER, "过敏食物"].key
    with after(2), transaction():
        row = purging.purge_key(fresh_in(event), key, actor=organiser)

    sheet = db.session.execute(sa.select(AnswerSheet)).scalar_one()
    assert (row.count, row.label) == (1, "过敏食物")
    assert set(sheet.answers) == {"qphone", "qwish"} and sheet.erased == ["qdiet"]


def test_terms_of_categories_come_along_with_a_copy(event, organiser):
    from matchmaker.events.services import copying

    with transaction():
        terms.set_days(fresh_in(event), lines_in(event)[Category.CONTACT, ""], days=30, reason="", actor=organiser)
    with transaction():
        copied = copying.copy(fresh_in(event), actor=organiser, starts=event.starts + timedelta(days=30))

    assert lines(copied)[Category.CONTACT, ""].days == 30
