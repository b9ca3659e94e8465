"""Answers, drafts and changes of a registration against a real database."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from matchmaker.accounts.rules import Role
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import Conflict, DomainError
from matchmaker.events import queries
from matchmaker.events.models import Registration, SeatPool
from matchmaker.events.rules import PoolKind, RegistrationState, WaitingPolicy
from matchmaker.events.services import drafts, registrations
from matchmaker.questionnaires import services as questionnaires
from matchmaker.questionnaires.models import AnswerSheet
from matchmaker.questionnaires.rules.definition import Option
from tests.cast import a_user
from tests.factories.directory import an_organisation
from tests.factories.events import a_form, a_guest, a_registration, an_event, filled
from tests.factories.questionnaires import MEALS, K, a_definition, a_field


@pytest.fixture
def organiser(app, now):
    return a_user(Role.ORGANISER)


@pytest.fixture
def member(app, now):
    return a_user(organisation=an_organisation())


def lunch():
    """Rice has two places, one for each person; noodles never run out."""
    return a_definition(a_field(K.CHOICE, "qmeal", "午餐", options=MEALS, required=True))


def register(event, actor, form, raw, *, attendees="张三", draft=None):
    with transaction():
        return registrations.register(
            event,
            actor=actor,
            organisation_id=None,
            attendees=attendees,
            phone="13000000001",
            filled=filled(form, raw),
            draft=draft,
        )


def option_pool(event):
    db.session.expire_all()
    return db.session.execute(
        sa.select(SeatPool).where(SeatPool.event_id == event.id, SeatPool.kind == PoolKind.OPTION)
    ).scalar_one()


def test_answers_are_kept_with_the_registration_and_claim_their_places(organiser, member):
    event = an_event(owner=organiser)
    form = a_form(event, lunch())

    row = register(event, member, form, {"qmeal": "rice"}, attendees="张三\n李四")

    assert (row.sheet.answers, row.sheet.subject_id, row.sheet.user_id) == ({"qmeal": "rice"}, row.id, member.id)
    assert (option_pool(event).capacity, option_pool(event).used) == (2, 2)
    assert registrations.reconcile() == ([], [])


def test_a_full_option_is_refused_by_name_on_its_question_and_nothing_is_kept(organiser, member):
    event = an_event(owner=organiser)
    form = a_form(event, lunch())
    register(event, member, form, {"qmeal": "rice"}, attendees="张三\n李四")

    with pytest.raises(Conflict, match="午餐·米饭") as refused:
        register(event, a_user(), form, {"qmeal": "rice"})

    assert refused.value.field == "qmeal"
    assert db.session.execute(sa.select(sa.func.count(AnswerSheet.id))).scalar_one() == 1
    assert (event.pool.used, option_pool(event).used) == (2, 2)


def test_companions_in_the_answers_take_a_seat_each(organiser, member):
    event = an_event(owner=organiser)
    form = a_form(event, a_definition(a_field(K.COMPANIONS, "qwith", "同行人员", counts=True)))

    row = register(event, member, form, {"qwith": "李四，13000000002\n王五"})

    assert [a.name for a in row.attendees] == ["张三", "李四", "王五"]
    assert (row.party, event.pool.used) == (3, 3)


def test_changing_an_answer_moves_the_places(organiser, member):
    event = an_event(owner=organiser)
    form = a_form(event, lunch())
    row = register(event, member, form, {"qmeal": "rice"}, attendees="张三\n李四")

    with transaction():
        registrations.change(
            row, actor=member, attendees="张三", phone="13000000001", filled=filled(form, {"qmeal": "noodles"})
        )

    assert (row.party, row.sheet.answers, option_pool(event).used, event.pool.used) == (1, {"qmeal": "noodles"}, 0, 1)
    assert registrations.reconcile() == ([], [])


@pytest.mark.parametrize(
    ("attendees", "state"), [("参会人一", RegistrationState.APPROVED), ("张三", RegistrationState.SUBMITTED)]
)
def test_only_a_real_change_asks_for_a_new_approval(organiser, member, attendees, state):
    event = an_event(owner=organiser)
    with transaction():
        event.audiences[0].reapprove = True
    row = a_registration(event, actor=member)

    with transaction():
        registrations.change(row, actor=member, attendees=attendees, phone="13000000001")

    assert row.state is state


def test_a_draft_holds_no_place_and_becomes_the_registration(organiser, member):
    event = an_event(owner=organiser)
    form = a_form(event, lunch())
    typed = {"organisation_id": None, "attendees": "张三\n1391", "phone": "13", "note": "半句"}
    with transaction():
        draft = drafts.save(
            event.audiences[0], actor=member, draft=None, version=form.current, raw={"qmeal": "xx"}, **typed
        )
    assert (draft.state, event.pool.used, draft.sheet.typed) == (RegistrationState.DRAFT, 0, {"qmeal": "xx"})
    assert [a.name for a in draft.attendees] == ["张三", "1391"]

    row = register(event, member, form, {"qmeal": "noodles"}, draft=draft)

    assert (row.id, row.state, row.sheet.draft, row.sheet.typed) == (draft.id, RegistrationState.APPROVED, False, {})
    assert (event.pool.used, registrations.reconcile()) == (1, ([], []))


def test_a_discarded_draft_leaves_nothing(organiser, member):
    event = an_event(owner=organiser)
    form = a_form(event, lunch())
    with transaction():
        draft = drafts.save(
            event.audiences[0],
            actor=member,
            draft=None,
            organisation_id=None,
            attendees="",
            phone="",
            note="",
            version=form.current,
            raw={"qmeal": "rice"},
        )

    with transaction():
        drafts.discard(draft)

    counts = [db.session.execute(sa.select(sa.func.count(m.id))).scalar_one() for m in (Registration, AnswerSheet)]
    assert counts == [0, 0]


def test_a_submitted_registration_is_not_thrown_away_as_a_draft(organiser, member):
    row = a_registration(an_event(owner=organiser), actor=member)

    with pytest.raises(Conflict, match="已经提交"), transaction():
        drafts.discard(row)

    assert row.state is RegistrationState.APPROVED


def test_who_leaves_takes_drafts_along(organiser, member):
    event = an_event(owner=organiser)
    form = a_form(event, lunch())
    with transaction():
        drafts.save(
            event.audiences[0],
            actor=member,
            draft=None,
            organisation_id=None,
            attendees="张三",
            phone="",
            note="",
            version=form.current,
            raw={"qmeal": "rice"},
        )

    with transaction():
        questionnaires.forget(member)
        registrations.forget(member)

    assert db.session.execute(sa.select(Registration)).unique().scalars().all() == []


def test_a_draft_is_not_for_the_organiser_s_eyes(organiser, member):
    event = an_event(owner=organiser)
    with transaction():
        draft = drafts.save(
            event.audiences[0], actor=member, draft=None, organisation_id=None, attendees="张三", phone="", note=""
        )

    assert (queries.may_see_answers(organiser, draft.id), queries.may_see_answers(member, draft.id)) == (False, True)


def test_a_full_event_with_a_waiting_list_keeps_the_answers_of_who_waits(organiser, member):
    event = an_event(owner=organiser, capacity=1, waiting_policy=WaitingPolicy.FIRST_COME)
    form = a_form(event, lunch())
    a_registration(event, actor=a_user())

    row = register(event, member, form, {"qmeal": "rice"})

    assert (row.state, row.sheet.answers) == (RegistrationState.WAITING, {"qmeal": "rice"})
    assert (option_pool(event).used, registrations.reconcile()) == (0, ([], []))


def test_a_guest_changes_without_an_account(organiser):
    event = an_event(owner=organiser)
    row = a_guest(event, people=2)

    with transaction():
        registrations.change(row, actor=None, attendees="赵来宾", phone="13000000010")

    assert (row.party, row.phone, event.pool.used) == (1, "13000000010", 1)


def test_a_limit_on_a_form_grows_and_shrinks_its_pool(organiser):
    event = an_event(owner=organiser)
    form = a_form(event, lunch())
    before = option_pool(event).id
    rice = form.definition.field("qmeal").option("rice")
    more = (Option("rice", "米饭", "Rice", places=5, per_person=True, pool=rice.pool), MEALS[1])

    with transaction():
        questionnaires.edit(
            form, actor=organiser, definition=a_definition(a_field(K.CHOICE, "qmeal", "午餐", options=more))
        )

    assert (option_pool(event).id, option_pool(event).capacity) == (before, 5)


def test_a_party_larger_than_the_group_allows_is_refused_with_its_companions(organiser, member):
    event = an_event(owner=organiser)
    with transaction():
        event.audiences[0].largest_party = 2
    form = a_form(event, a_definition(a_field(K.COMPANIONS, "qwith", "同行人员", counts=True)))

    with pytest.raises(DomainError, match="一次最多报 2 人"):
        register(event, member, form, {"qwith": "李四\n王五"})

    assert event.pool.used == 0
