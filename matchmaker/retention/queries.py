"""What is left of each category, counted from the rows when somebody asks; the ledger made of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from matchmaker.activity.models import Activity
from matchmaker.checkin.models import Scan
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.viewer import Viewer
from matchmaker.events import queries as events
from matchmaker.events.models import Attendee, Event, Registration
from matchmaker.events.rules import EventDuty, EventState
from matchmaker.imports.models import ImportBatch, ImportFile
from matchmaker.invitations.models import Invitation
from matchmaker.lists.models import BulkRun
from matchmaker.notifications.models import Message
from matchmaker.questionnaires.models import AnswerSheet, Questionnaire
from matchmaker.questionnaires.queries import versions
from matchmaker.questionnaires.rules.definition import UPLOADS, Field
from matchmaker.retention import rules, taxonomy
from matchmaker.retention.models import Deletion, RetentionRule
from matchmaker.retention.rules import GONE, PER_FIELD, Category, Line
from matchmaker.surveys.models import Survey, SurveyInvitation

FORGOTTEN = "forgotten|"  # the key of an invitation whose guest is no longer known
SPENT = "~"  # how the nonce of a link begins that was made worthless
_scope = sa.cast(BulkRun.scope["event_id"].as_string(), sa.String())
LISTS = ("invitations", "event-registrations")


def run_by(viewer: Viewer) -> sa.Select[Event]:
    """The events whose personal data a person answers for."""
    return events.run_by(viewer, EventDuty.MANAGER)


def registrations_of(event_id: int) -> sa.Select[int]:
    """The ids of an event's registrations, of whatever state."""
    return sa.select(Registration.id).where(Registration.event_id == event_id)


def surveys_of(event_id: int) -> sa.Select[int]:
    """The id of an event's survey."""
    return sa.select(Survey.id).where(Survey.event_id == event_id)


def held(event_id: int) -> dict[Category, tuple[type[Any], Any]]:
    """For each category but the answers: the table and which of its rows still say something about a person."""
    rows, invited = registrations_of(event_id), sa.select(Invitation.id).where(Invitation.event_id == event_id)
    of_event = Registration.event_id == event_id
    people = Attendee.registration_id.in_(rows)
    about = sa.or_(
        sa.and_(Message.about_kind == Registration.__tablename__, Message.about_id.in_(rows)),
        sa.and_(Message.about_kind == Invitation.__tablename__, Message.about_id.in_(invited)),
    )
    changed = sa.or_(
        sa.and_(Activity.subject_kind == Registration.__tablename__, Activity.subject_id.in_(rows)),
        sa.and_(Activity.subject_kind == Invitation.__tablename__, Activity.subject_id.in_(invited)),
    )
    scanned = sa.or_(Scan.code != "", Scan.device != "", Scan.actor_name != "")
    return {
        Category.NAME: (Attendee, sa.and_(people, Attendee.name != GONE)),
        Category.CONTACT: (Registration, sa.and_(of_event, sa.or_(Registration.phone != "", Registration.email != ""))),
        Category.ATTENDEE_PHONE: (Attendee, sa.and_(people, Attendee.phone != "")),
        Category.POSITION: (Attendee, sa.and_(people, Attendee.position != "")),
        Category.NOTE: (Registration, sa.and_(of_event, Registration.note != "")),
        Category.INVITATION: (
            Invitation,
            sa.and_(Invitation.event_id == event_id, Invitation.key.not_like(f"{FORGOTTEN}%")),
        ),
        Category.SCAN: (Scan, sa.and_(Scan.event_id == event_id, scanned)),
        Category.MESSAGE: (Message, sa.and_(about, sa.or_(Message.text != "", Message.address != ""))),
        Category.SURVEY: (
            SurveyInvitation,
            sa.and_(SurveyInvitation.survey_id.in_(surveys_of(event_id)), SurveyInvitation.nonce.not_like(f"{SPENT}%")),
        ),
        Category.LOG: (Activity, sa.and_(changed, Activity.data["before"].as_string().is_not(None))),
        Category.BULK: (BulkRun, sa.and_(_scope == str(event_id), sa.cast(BulkRun.items, sa.Text()) != "[]")),
        Category.IMPORT: (ImportFile, ImportFile.batch_id.in_(batches_of(event_id))),
    }


def named(event_id: int) -> Any:
    """Registrations that still bear the name of who answers for them."""
    return sa.and_(Registration.event_id == event_id, Registration.name.not_in(("", GONE)))


def batches_of(event_id: int) -> sa.Select[int]:
    """Imports of guest lists for that event."""
    wanted = sa.cast(ImportBatch.options["event"].as_string(), sa.String())
    return sa.select(ImportBatch.id).where(ImportBatch.kind.in_(LISTS), wanted == str(event_id))


def counts(event_id: int) -> dict[Category, int]:
    """How many values are left of every category but the answers."""
    found = {}
    for category, (table, condition) in held(event_id).items():
        found[category] = _count(table, condition)
    found[Category.NAME] += _count(Registration, named(event_id))
    return found


def _count(table: type[Any], condition: Any) -> int:
    return int(db.session.execute(sa.select(sa.func.count(table.id)).where(condition)).scalar_one())


def questionnaires_of(event_id: int) -> Sequence[Questionnaire]:
    """The forms of an event and of its survey."""
    mine = sa.and_(Questionnaire.owner_kind == Event.__tablename__, Questionnaire.owner_id == event_id)
    theirs = sa.and_(Questionnaire.owner_kind == Survey.__tablename__, Questionnaire.owner_id.in_(surveys_of(event_id)))
    statement = sa.select(Questionnaire).where(sa.or_(mine, theirs)).order_by(Questionnaire.id)
    return db.session.execute(statement).scalars().all()


def fields_of(questionnaire: Questionnaire) -> list[Field]:
    """The fields of any version that ask for something personal or for a file, each in its newest wording."""
    found: dict[str, Field] = {}
    for version in versions(questionnaire):
        for field in version.content.fields:
            if field.is_personal or field.kind in UPLOADS:
                found.setdefault(field.id, field)
    return list(found.values())


def answered(questionnaire: Questionnaire, fields: Sequence[Field]) -> dict[str, int]:
    """How many sheets still answer each of these fields, drafts included."""
    if not fields:
        return {}
    said = [
        sa.or_(AnswerSheet.answers[f.id].as_string().is_not(None), AnswerSheet.typed[f.id].as_string().is_not(None))
        for f in fields
    ]
    sums = [sa.func.coalesce(sa.func.sum(sa.case((each, 1), else_=0)), 0) for each in said]
    row = db.session.execute(sa.select(*sums).where(AnswerSheet.questionnaire_id == questionnaire.id)).one()
    return {field.id: int(n) for field, n in zip(fields, row, strict=True)}


def deletions(event_id: int) -> Sequence[Deletion]:
    """The proof of an event, oldest first."""
    statement = sa.select(Deletion).where(Deletion.event_id == event_id).order_by(Deletion.number)
    return db.session.execute(statement).unique().scalars().all()


def rules_of(event_id: int) -> dict[tuple[Category, str], RetentionRule]:
    """What an event has set for itself."""
    statement = sa.select(RetentionRule).where(RetentionRule.event_id == event_id)
    return {(row.category, row.field_id): row for row in db.session.execute(statement).scalars()}


def ledger(event: Event, *, language: str = "zh") -> list[Line]:
    """Every line of an event's ledger as it stands now."""
    own, left = rules_of(event.id), counts(event.id)
    gone = {(row.category, row.field_id): row.moment for row in deletions(event.id)}
    lines = []
    for category in Category:
        if category not in PER_FIELD:
            lines.append(_line(event, own, gone, category, "", "", left[category]))
    for questionnaire in questionnaires_of(event.id):
        fields = fields_of(questionnaire)
        said = answered(questionnaire, fields)
        for field in fields:
            category = Category.FILE if field.kind in UPLOADS else Category.ANSWER
            key = f"{questionnaire.id}.{field.id}"
            lines.append(_line(event, own, gone, category, key, field.label_in(language), said[field.id]))
    return lines


def _line(event: Event, own: Any, gone: Any, category: Category, field_id: str, label: str, left: int) -> Line:
    term = taxonomy.terms()[category]
    rule = own.get((category, field_id)) or own.get((category, ""))
    days, reason = (rule.days, rule.reason) if rule is not None else (term.days, "")
    end = rules.until(event.ends, days)
    deleted = gone.get((category, field_id))
    state = rules.state_of(left=left, until=end, now=clock.now(), deleted=deleted is not None)
    return Line(category, field_id, label, term, days, reason, left, end, state, deleted)


def over(before: datetime) -> sa.Select[Event]:
    """Events that ended before that moment, the oldest first: those of which data may be due."""
    shown = Event.state.in_((EventState.PUBLISHED, EventState.CANCELLED))
    return sa.select(Event).where(shown, Event.ends <= before).order_by(Event.ends, Event.id)


def over_ids(before: datetime) -> Sequence[int]:
    """Their ids."""
    return db.session.execute(over(before).with_only_columns(Event.id)).scalars().all()


def neglected(viewer: Viewer, now: datetime, *, after: timedelta, limit: int) -> list[tuple[Event, int]]:
    """A person's events with data that should have gone some time ago, with the number of those lines."""
    mine = over(now - after).where(Event.id.in_(run_by(viewer).with_only_columns(Event.id))).limit(limit)
    found = []
    for event in db.session.execute(mine).unique().scalars():
        late = [line for line in ledger(event) if line.left and line.until + after <= now]
        if late:
            found.append((event, len(late)))
    return found
