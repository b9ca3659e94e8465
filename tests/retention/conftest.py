"""An event that is over, with personal data in every corner."""

from __future__ import annotations

from datetime import timedelta

import pytest

from matchmaker.accounts.rules import Role
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.events.models import Event, Registration
from matchmaker.questionnaires import services as questionnaires
from matchmaker.questionnaires.rules.definition import FieldKind
from tests.cast import a_user
from tests.factories import checkin
from tests.factories.events import a_form, a_guest, a_registration, an_event
from tests.factories.invitations import an_invitation
from tests.factories.questionnaires import a_definition, a_field


@pytest.fixture
def organiser(app, now):
    return a_user(Role.ORGANISER)


@pytest.fixture
def event(organiser):
    """Four people (two came), two invited, a walk-in, a form that asks for a phone and an allergy."""
    event = an_event(owner=organiser, capacity=60)
    fields = (
        a_field(FieldKind.PHONE, "qphone", "紧急联系电话"),
        a_field(FieldKind.TEXT, "qdiet", "过敏食物", personal=True),
        a_field(FieldKind.TEXT, "qwish", "想听的主题"),
    )
    form = a_form(event, a_definition(*fields))
    own = a_registration(event, actor=a_user(), people=1)
    a_guest(event, name="赵来宾", people=3, email="zhao@example.cn")
    an_invitation(event, actor=organiser, name="钱受邀", phone="13000000031", email="qian@example.cn")
    an_invitation(event, actor=organiser, name="孙受邀", phone="13000000032")
    gate = checkin.a_gate(event, actor=organiser)
    with transaction() as session:
        row = session.get_one(Registration, own.id)
        row.note, row.attendees[0].phone, row.attendees[0].position = "带两箱资料", "13000000041", "总经理"
        answers = {"qphone": "13000000051", "qdiet": "花生", "qwish": "视频结构化"}
        row.sheet_id = questionnaires.store(form.current, answers, subject=row).id
    with clock.frozen(event.starts):
        checkin.hand_in(gate, checkin.a_walk_in(gate, "李现场"), checkin.an_item(gate, own.attendees[0].code))
    return db.session.get_one(Event, event.id, populate_existing=True)


@pytest.fixture
def after(event):
    """Moments after the event's end, as contexts."""
    return lambda days: clock.frozen(event.ends + timedelta(days=days))
