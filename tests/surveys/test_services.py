"""Everybody who was there is asked once and answers once; an anonymous answer leads to nobody."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa

from matchmaker.accounts.rules import Role
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.notifications.models import Message
from matchmaker.questionnaires.models import AnswerSheet
from matchmaker.surveys import jobs, queries
from matchmaker.surveys.models import AnonymousAnswer, SurveyInvitation
from matchmaker.surveys.services import answering, surveys
from tests.cast import a_user
from tests.factories import events
from tests.factories.papers import a_guest, an_event_over
from tests.factories.surveys import a_survey, answers_for, invitations


@pytest.fixture
def organiser(app, now):
    return a_user(Role.ORGANISER, name="主办甲")


@pytest.fixture
def event(organiser):
    event = an_event_over(owner=organiser)
    a_guest(event, "李明", attended=True)
    a_guest(event, "王芳", attended=True)
    a_guest(event, "没来的人")
    return event


def count(model, *where):
    return db.session.execute(sa.select(sa.func.count()).select_from(model).where(*where)).scalar_one()


def reply(invitation, **changed):
    with transaction():
        version = invitation.survey.questionnaire.current
        answering.answer(invitation, version=version, raw={**answers_for(version), **changed})


def test_who_was_there_is_asked_once(event, organiser):
    survey = a_survey(event, actor=organiser)

    assert (jobs.send(), jobs.send()) == (2, 0)
    assert count(Message) == 2
    assert survey.invited_count == 2
    a_guest(event, "赵六", attended=True)
    assert (jobs.send(), count(Message)) == (1, 3)


def test_nobody_is_asked_before_its_time_or_after_it_was_stopped(event, organiser):
    survey = a_survey(event, actor=organiser, opens=600, closes=6000)
    assert jobs.send() == 0
    with transaction():
        surveys.stop(survey, actor=organiser)
    with clock.frozen(event.ends + timedelta(minutes=700)):
        assert jobs.send() == 0


def test_the_silent_are_reminded_once(event, organiser):
    a_survey(event, actor=organiser, opens=0, closes=10 * 24 * 60)
    jobs.send()
    first, _second = invitations(event)
    reply(first)
    with clock.frozen(event.ends + timedelta(days=8, hours=1)):
        assert (jobs.send(), jobs.send()) == (1, 0)
    assert count(Message) == 3


def test_the_question_comes_in_the_language_of_its_reader(organiser):
    event = an_event_over(owner=organiser, title="人工智能培训", title_en="Training in AI")
    row, reader = a_guest(event, "Lee", attended=True), a_user()
    with transaction():
        row.user, reader.language = reader, "en"
    a_survey(event, actor=organiser, opens=0, closes=10 * 24 * 60)

    jobs.send()
    with clock.frozen(event.ends + timedelta(days=8, hours=1)):
        jobs.send()

    subjects = db.session.execute(sa.select(Message.subject)).scalars().all()
    assert len(subjects) == 2
    assert all("Training in AI" in subject and "人工智能" not in subject for subject in subjects)


def test_the_contact_of_a_party_gets_one_link(event, organiser):
    a_guest(event, "甲", "乙", "丙", attended=True)
    a_survey(event, actor=organiser)

    jobs.send()

    assert (count(SurveyInvitation), count(Message)) == (5, 3)


def test_an_anonymous_answer_has_no_link_and_no_time(event, organiser):
    a_survey(event, actor=organiser, anonymous=True)
    jobs.send()
    for each in invitations(event):
        reply(each)

    rows = db.session.query(AnonymousAnswer).all()
    assert len(rows) == 2
    assert count(AnswerSheet) == 0
    assert {row.day for row in rows} == {clock.today()}
    assert {row.audience_id for row in rows} == {None}  # two people are no group
    assert not {column.name for column in AnonymousAnswer.__table__.columns} & {"user_id", "attendee_id", "created"}
    assert all(row.id > 2 for row in rows)
    assert {row.sheet_id for row in invitations(event)} == {None}


def test_a_large_group_is_kept_with_the_answer(event, organiser):
    a_guest(event, "甲", "乙", "丙", attended=True)
    a_survey(event, actor=organiser, anonymous=True)
    jobs.send()
    reply(invitations(event)[0])

    assert db.session.query(AnonymousAnswer).one().audience_id == event.audiences[0].id


def test_a_named_answer_belongs_to_its_registration(event, organiser):
    survey = a_survey(event, actor=organiser, anonymous=False)
    jobs.send()
    first = invitations(event)[0]
    reply(first)

    db.session.expire_all()
    assert (first.sheet.subject_kind, first.sheet.subject_id) == ("survey_invitations", first.id)
    assert [row.attendee.name for row in queries.named_answers(survey)] == [first.attendee.name]
    assert queries.may_see_answers(organiser, first.id)
    assert not queries.may_see_answers(a_user(), first.id)


@pytest.mark.parametrize("anonymous", [True, False])
def test_a_second_answer_is_refused_and_changes_nothing(event, organiser, anonymous):
    a_survey(event, actor=organiser, anonymous=anonymous)
    jobs.send()
    first = invitations(event)[0]
    reply(first)
    with pytest.raises(Conflict, match="已经回答过"):
        reply(first)

    assert count(AnonymousAnswer) + count(AnswerSheet) == 1
    assert queries.numbers(event.id)["answered"] == 1


def test_the_same_link_used_by_many_at_once_is_used_once(app, event, organiser):
    a_survey(event, actor=organiser)
    jobs.send()
    number = invitations(event)[0].id
    outcomes = []

    def press():
        with app.app_context():
            try:
                reply(db.session.get_one(SurveyInvitation, number))
                outcomes.append("kept")
            except Conflict:
                outcomes.append("refused")
            finally:
                db.session.remove()

    db.session.remove()
    threads = [threading.Thread(target=press) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["kept", *["refused"] * 5]
    assert count(AnonymousAnswer) == 1


def test_the_questions_that_must_be_answered_are(event, organiser):
    a_survey(event, actor=organiser)
    jobs.send()
    first = invitations(event)[0]
    with pytest.raises(DomainError), transaction():
        answering.answer(first, version=first.survey.questionnaire.current, raw={})

    assert queries.numbers(event.id)["answered"] == 0


def test_anonymous_stays_anonymous_once_somebody_answered(event, organiser):
    survey = a_survey(event, actor=organiser, anonymous=True)
    jobs.send()
    reply(invitations(event)[0])

    with pytest.raises(DomainError, match="已有人回答"), transaction():
        surveys.arrange(survey, actor=organiser, anonymous=False, opens=0, closes=600)


def test_one_survey_an_event_and_only_by_who_has_the_duty(event, organiser):
    a_survey(event, actor=organiser)
    with pytest.raises(Conflict), transaction():
        surveys.create(event, actor=organiser, anonymous=True)
    other, stranger = events.an_event(owner=organiser), a_user()
    with pytest.raises(NotPermitted), transaction():
        surveys.create(other, actor=stranger, anonymous=True)


def test_a_copied_event_has_the_same_questions(event, organiser):
    survey = a_survey(event, actor=organiser, anonymous=False, opens=120, closes=1440)
    copied = events.an_event(owner=organiser)
    with transaction():
        surveys.copy(event, copied, timedelta(days=7))

    new = queries.of_event(copied.id)
    assert (new.anonymous, new.opens, new.closes, new.state.value) == (False, 120, 1440, "draft")
    assert new.questionnaire_id != survey.questionnaire_id
    assert new.questionnaire.definition == survey.questionnaire.definition
    assert queries.may_edit(organiser, new.id)


def test_my_data_tells_that_i_was_asked_and_leaving_ends_the_link(event, organiser):
    user = a_user(name="王芳")
    row = a_guest(event, "王芳二", attended=True)
    with transaction():
        row.user_id = user.id
    a_survey(event, actor=organiser)
    jobs.send()

    told = queries.personal_data(user)["surveys"]
    assert told == [{"event": event.title, "anonymous": True, "answered": False}]
    with transaction():
        answering.forget(user)
    assert queries.personal_data(user)["surveys"] == []
    assert count(SurveyInvitation) == 2
