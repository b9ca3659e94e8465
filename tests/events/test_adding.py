"""Staff put somebody on the list and write down what they know of the form of the group."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from matchmaker.accounts.rules import Role
from matchmaker.core.db import db, transaction
from matchmaker.events.models import Audience, Registration
from matchmaker.questionnaires.rules.definition import FieldKind
from tests.cast import a_user, sign_in
from tests.factories.events import a_form, an_event
from tests.factories.questionnaires import a_definition, a_field, dinner


@pytest.fixture
def event(app, now):
    return an_event(owner=a_user(Role.ORGANISER))


@pytest.fixture
def desk(client, event):
    return sign_in(client, event.owner)


def add(client, event, form=None, **typed):
    given = {"name": "赵来宾", "phone": "13000000010", "audience_id": event.audiences[0].id}
    version = {"answers_version": form.current_id} if form else {}
    return client.post(f"/events/manage/{event.id}/add", data={**given, **version, **typed})


def rows():
    return db.session.execute(sa.select(Registration).order_by(Registration.id)).unique().scalars().all()


def test_staff_are_asked_the_form_with_the_organisers_own_questions(desk, event):
    form = a_form(event, dinner())

    page = desk.get(f"/events/manage/{event.id}/add").text
    done = add(desk, event, form, qstays="yes", qmeal="rice", qtable="3 号")

    assert all(text in page for text in ("是否用餐", "餐食", "桌号", "仅主办方可见"))
    assert done.status_code == 303
    row = rows()[0]
    assert row.sheet.answers == {"qstays": "yes", "qmeal": "rice", "qtable": "3 号"}
    assert row.sheet.user_id is None


def test_what_staff_do_not_know_stays_open(desk, event):
    form = a_form(event, dinner())

    assert add(desk, event, form).status_code == 303
    assert add(desk, event, form, name="钱来宾", phone="13000000011", qtable="3 号").status_code == 303

    first, second = rows()
    assert first.sheet is None
    assert second.sheet.answers == {"qtable": "3 号"}


@pytest.mark.parametrize("typed", [{"qstays": "perhaps"}, {"qstays": "yes", "qmeal": "soup"}])
def test_a_wrong_answer_of_staff_is_refused_on_its_field_and_kept(desk, event, typed):
    form = a_form(event, dinner())

    page = add(desk, event, form, note="早到", **typed)

    assert page.status_code == 422
    assert "早到" in page.text
    assert rows() == []


def test_an_answer_to_a_hidden_question_is_dropped(desk, event):
    form = a_form(event, dinner())

    add(desk, event, form, qstays="no", qmeal="rice")

    assert rows()[0].sheet.answers == {"qstays": "no"}


def test_nothing_of_the_organiser_is_prefilled(desk, event):
    with transaction():
        event.owner.phone = "13000000099"
    a_form(event, a_definition(a_field(FieldKind.PHONE, id="qphone")))

    assert "13000000099" not in desk.get(f"/events/manage/{event.id}/add").text


def test_another_group_shows_its_own_form_before_anybody_is_added(desk, event):
    with transaction() as session:
        press = Audience(event=event, name="媒体", position=1)
        session.add(press)
    a_form(event, dinner())
    a_form(event, a_definition(a_field(label="媒体名称", id="qpress")), audience=press)

    chosen = add(desk, event, audience_id=press.id, next="group", note="早到")
    slipped = add(desk, event, audience_id=press.id, shown_for=event.audiences[0].id)
    by_link = desk.get(f"/events/manage/{event.id}/add?group={press.id}")

    for page in (chosen, slipped, by_link):
        assert page.status_code == 200
        assert "媒体名称" in page.text and "是否用餐" not in page.text
    assert "早到" in chosen.text
    assert rows() == []
