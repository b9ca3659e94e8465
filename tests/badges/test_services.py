"""Printings are on record; certificates are made once each, for those who were there, by two people."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from matchmaker.accounts.rules import Role
from matchmaker.badges import jobs, queries
from matchmaker.badges.models import AttendanceCertificate, BadgeSetting, CertificateSetting
from matchmaker.badges.rules import Paper
from matchmaker.badges.services import certificates, printing
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import Conflict, DomainError, Missing, NotPermitted
from matchmaker.events.models import EventRole, RegistrationTag
from matchmaker.events.rules import EventDuty
from matchmaker.publicity import queries as publicity
from matchmaker.publicity import rules as law
from matchmaker.publicity.models import Certificate
from tests.cast import a_user
from tests.factories import events
from tests.factories.papers import a_certificate, a_guest, an_event_over

WORDS = {
    "title": "结业证书",
    "title_en": "Certificate",
    "text": "参加{活动}{日期}共{学时}学时",
    "text_en": "{event} {hours} h",
    "hours": None,
}


@pytest.fixture
def organiser(app, now):
    return a_user(Role.ORGANISER, name="主办甲")


@pytest.fixture
def approver(organiser):
    return a_user(Role.APPROVER, name="审批乙")


@pytest.fixture
def event(organiser):
    return an_event_over(owner=organiser)


def decision(event):
    return publicity.decision_of(event, kind=queries.ISSUE)


def count(model):
    return db.session.execute(sa.select(sa.func.count()).select_from(model)).scalar_one()


def printed(event, organiser, **filters):
    with transaction():
        run = printing.start(event, actor=organiser, paper=Paper.SHEET, filters=filters)
    return [person.name for person in queries.people_of_run(organiser, run)]


def test_who_was_printed_is_known(event, organiser):
    a_guest(event, "李明", "王芳")
    assert printed(event, organiser, unprinted="yes") == ["李明", "王芳"]
    late = a_guest(event, "赵六")

    assert printed(event, organiser, unprinted="yes") == ["赵六"]
    with pytest.raises(DomainError):
        printed(event, organiser, unprinted="yes")
    with transaction():
        run = printing.again(event, late.attendees[0].id, actor=organiser, paper=Paper.LABEL)
    assert queries.times_printed([late.attendees[0].id]) == {late.attendees[0].id: 2}
    assert [r.people for r in queries.runs_of(event.id)] == [1, 1, 2]
    assert run.actor_id == organiser.id


def test_filters_choose_by_tag_state_and_name(event, organiser):
    tagged = a_guest(event, "李明", attended=True)
    a_guest(event, "王芳", organisation_name="红光科技")
    with transaction() as session:
        session.add(RegistrationTag(registration_id=tagged.id, text="VIP"))

    assert printed(event, organiser, tag="VIP") == ["李明"]
    assert printed(event, organiser, state="approved") == ["王芳"]
    assert printed(event, organiser, q="红光") == ["王芳"]
    assert printed(event, organiser, group="0" if not event.audiences else str(event.audiences[0].id)) == [
        "李明",
        "王芳",
    ]


def test_a_duty_for_one_group_prints_that_group_alone(event, organiser):
    a_guest(event, "李明")
    helper = a_user(name="签到员")
    with transaction() as session:
        other = type(event.audiences[0])(event_id=event.id, name="嘉宾")
        session.add(other)
        session.flush()
        session.add(
            EventRole(
                event_id=event.id,
                user_id=helper.id,
                duty=EventDuty.CHECKIN,
                audience_id=other.id,
                granted_by_id=organiser.id,
                created=event.created,
            )
        )
    a_guest(event, "王芳", audience=other)

    assert printed(event, helper) == ["王芳"]


def test_a_card_of_another_event_is_not_printed_again(event, organiser):
    stranger = a_guest(an_event_over(owner=organiser), "李明").attendees[0]

    with pytest.raises(Missing), transaction():
        printing.again(event, stranger.id, actor=organiser, paper=Paper.SHEET)


def test_who_was_there_gets_one_certificate(event, organiser, approver):
    a_guest(event, "李明", "王芳", attended=True)
    a_guest(event, "没来的人")

    first = a_certificate(event, proposer=organiser, approver=approver)
    with transaction():
        again = certificates.issue(decision(event))

    assert (count(AttendanceCertificate), again) == (2, 0)
    assert str(law.read_certificate_number(first.certificate.number)) == first.certificate.number
    assert {row.certificate.holder for row in db.session.query(AttendanceCertificate)} == {"李明", "王芳"}


def test_who_came_late_into_the_books_gets_one_by_the_job(event, organiser, approver):
    a_guest(event, "李明", attended=True)
    a_certificate(event, proposer=organiser, approver=approver)
    a_guest(event, "王芳", attended=True)

    assert (jobs.issue(), jobs.issue()) == (1, 0)
    assert count(AttendanceCertificate) == 2


def test_a_second_certificate_for_the_same_person_is_impossible(event, organiser, approver):
    a_guest(event, "李明", attended=True)
    row = a_certificate(event, proposer=organiser, approver=approver)
    twin = {"event_id": event.id, "attendee_id": row.attendee_id, "title_en": "", "text_en": "", "created": row.created}

    with pytest.raises(sa.exc.IntegrityError), transaction() as session:
        session.add(AttendanceCertificate(certificate_id=row.certificate_id, **twin))


def test_one_person_alone_gives_out_nothing(event, organiser):
    both = a_user(Role.ORGANISER, Role.APPROVER)
    a_guest(event, "李明", attended=True)
    with transaction():
        certificates.propose(event, actor=both, reason="通知")

    with pytest.raises(DomainError), transaction():
        certificates.confirm(event, actor=both)
    with pytest.raises(NotPermitted), transaction():
        certificates.confirm(event, actor=organiser)
    assert count(Certificate) == 0


def test_nothing_is_proposed_too_early_or_for_nobody(event, organiser):
    with pytest.raises(Conflict, match="没有待制发"), transaction():
        certificates.propose(event, actor=organiser, reason="通知")
    coming = events.an_event(owner=organiser)
    with pytest.raises(Conflict, match="还没有结束"), transaction():
        certificates.propose(coming, actor=organiser, reason="通知")


def test_what_was_confirmed_is_what_is_written(event, organiser, approver):
    a_guest(event, "李明", attended=True)
    with transaction():
        certificates.word(event, actor=organiser, **{**WORDS, "hours": 6})
        certificates.propose(event, actor=organiser, reason="通知")
    with transaction():
        certificates.word(event, actor=organiser, **{**WORDS, "text": "另一句", "text_en": "x"})
    with transaction():
        certificates.confirm(event, actor=approver)

    row = db.session.query(AttendanceCertificate).one()
    assert row.certificate.title == "结业证书"
    assert row.certificate.text.endswith("共6学时")
    assert row.text_en == f"{event.title} 6 h"


def test_a_wrong_name_is_put_right_by_two_people(event, organiser, approver):
    a_guest(event, "李名", attended=True)
    row = a_certificate(event, proposer=organiser, approver=approver)
    old = row.certificate
    with transaction():
        certificates.propose_correction(row, actor=organiser, name="李明", reason="登记有误")
    with pytest.raises(DomainError), transaction():
        certificates.propose_correction(row, actor=organiser, name="李鸣", reason="登记有误")
    with transaction():
        certificates.confirm_correction(row, actor=approver)

    db.session.expire_all()
    assert (row.certificate.holder, row.attendee.name) == ("李明", "李明")
    assert row.certificate_id != old.id
    assert old.revoked_on is not None
    assert row.certificate.number in old.revoked_document
    assert count(AttendanceCertificate) == 1


def test_a_returned_correction_changes_nothing(event, organiser, approver):
    a_guest(event, "李名", attended=True)
    row = a_certificate(event, proposer=organiser, approver=approver)
    with transaction():
        certificates.propose_correction(row, actor=organiser, name="李明", reason="登记有误")
    with transaction():
        certificates.return_correction(row, actor=approver, reason="名字没有错")

    assert (row.certificate.holder, row.certificate.revoked_on) == ("李名", None)


def test_a_copied_event_has_the_look_and_the_words(event, organiser):
    with transaction():
        printing.arrange(event, actor=organiser, foot="欢迎")
        certificates.word(event, actor=organiser, **{**WORDS, "hours": 6})
    copied = events.an_event(owner=organiser)
    with transaction():
        printing.copy(event, copied, timedelta(days=7))

    assert queries.setting_of(copied.id).foot == "欢迎"
    assert queries.words_of(copied.id).words == queries.words_of(event.id).words
    assert (count(BadgeSetting), count(CertificateSetting)) == (2, 2)


def test_my_data_holds_my_certificates(event, organiser, approver):
    user = a_user(name="王芳")
    row = a_guest(event, "王芳", attended=True)
    with transaction():
        row.user_id = user.id
    certificate = a_certificate(event, proposer=organiser, approver=approver).certificate

    assert queries.personal_data(user)["attendance_certificates"][0]["number"] == certificate.number
    assert queries.personal_data(organiser)["attendance_certificates"] == []
