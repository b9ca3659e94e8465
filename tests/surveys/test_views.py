"""The pages of surveys: set up, answer once, read the results."""

from __future__ import annotations

import io

import pytest
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from matchmaker.accounts.rules import Role
from matchmaker.core.db import db, transaction
from matchmaker.surveys import jobs, queries
from matchmaker.surveys.models import AnonymousAnswer
from matchmaker.surveys.services import answering, inviting
from tests.cast import a_user, sign_in
from tests.factories.papers import a_guest, an_event_over
from tests.factories.surveys import a_survey, answers_for, invitations


@pytest.fixture
def organiser(app, now):
    return a_user(Role.ORGANISER, name="主办甲")


@pytest.fixture
def event(organiser):
    event = an_event_over(owner=organiser, title="人工智能培训")
    for name in ("李明", "王芳", "赵六", "钱七", "孙八", "周九"):
        a_guest(event, name, attended=True)
    return event


@pytest.fixture
def office(app, organiser):
    return sign_in(app.test_client(), organiser)


def link(event, at=0):
    return f"/surveys/answer/{inviting.link_of(invitations(event)[at])}"


def all_answer(event, rating=5):
    for each in invitations(event):
        with transaction():
            version = each.survey.questionnaire.current
            answering.answer(each, version=version, raw=answers_for(version, rating))


def test_a_survey_is_set_up_and_started(office, event):
    assert "还没有满意度调查" in office.get(f"/surveys/of/{event.id}").text
    wrong = office.post(
        f"/surveys/of/{event.id}/settings", data={"mode": "anonymous", "opens_hours": "-1", "days": "7"}
    )
    made = office.post(f"/surveys/of/{event.id}/settings", data={"mode": "anonymous", "opens_hours": "0", "days": "7"})
    office.post(f"/surveys/of/{event.id}/start")

    survey = queries.of_event(event.id)
    assert (wrong.status_code, made.status_code) == (422, 303)
    assert (survey.anonymous, survey.opens, survey.closes) == (True, 0, 7 * 24 * 60)
    assert "填写中" in office.get(f"/surveys/of/{event.id}").text
    assert office.get(f"/questionnaires/{survey.questionnaire_id}").status_code == 200
    office.post(f"/surveys/of/{event.id}/stop")
    assert "已结束" in office.get(f"/surveys/of/{event.id}").text


def test_a_guest_answers_by_the_link_once(client, event, organiser):
    a_survey(event, actor=organiser)
    jobs.send()
    version = queries.of_event(event.id).questionnaire.current
    address = link(event)

    asked = client.get(address)
    empty = client.post(address, data={"answers_version": str(version.id)})
    sent = client.post(address, data=answers_for(version))
    again = client.post(address, data=answers_for(version))

    assert "匿名填写" in asked.text
    assert (asked.status_code, empty.status_code, sent.status_code) == (200, 422, 303)
    assert "谢谢您的回答" in client.get(sent.location).text
    assert "您已经回答过了" in again.text
    assert db.session.query(AnonymousAnswer).count() == 1


@pytest.mark.parametrize("token", ["x", "WzEsIngiXQ.AAAA", "é"])
def test_a_made_up_link_leads_nowhere(client, event, organiser, token):
    a_survey(event, actor=organiser)

    assert client.get(f"/surveys/answer/{token}").status_code == 404


def test_the_poster_leads_to_ones_own_survey_by_the_number_on_the_badge(client, event, organiser):
    survey = a_survey(event, actor=organiser)
    person = event_people(event)[0]

    wrong = client.post(f"/surveys/{survey.key}", data={"code": "ABCDEFGHJKLM"})
    right = client.post(f"/surveys/{survey.key}", data={"code": f"{person.code[:4].lower()} {person.code[4:]}"})

    assert wrong.status_code == 422
    assert "没有找到这个编号" in wrong.text
    assert client.get(right.location).status_code == 200
    assert client.get("/surveys/unknown-key").status_code == 404


def event_people(event):
    from matchmaker.events.models import Attendee, Registration

    rows = db.session.query(Attendee).join(Registration).filter(Registration.event_id == event.id)
    return rows.order_by(Attendee.id).all()


def test_results_stand_beside_attendance(office, event, organiser):
    a_survey(event, actor=organiser)
    jobs.send()
    all_answer(event)

    text = office.get(f"/surveys/of/{event.id}").text

    assert "100.0%" in text
    assert "5.00" in text
    assert "6 人回答，6 人到场" in text


def test_four_anonymous_answers_are_counted_and_not_shown(office, event, organiser):
    a_survey(event, actor=organiser)
    jobs.send()
    for each in invitations(event)[:4]:
        with transaction():
            version = each.survey.questionnaire.current
            answering.answer(each, version=version, raw=answers_for(version))

    text = office.get(f"/surveys/of/{event.id}").text
    rows = sheet(office.get(f"/surveys/of/{event.id}/results.xlsx?what=answers"))

    assert "回答太少" in text
    assert "5.00" not in text
    assert len(rows) == 1


def sheet(answer):
    return CalamineWorkbook.from_filelike(io.BytesIO(answer.data)).get_sheet_by_index(0).to_python()


def test_results_are_exported(office, event, organiser):
    a_survey(event, actor=organiser, anonymous=False)
    jobs.send()
    all_answer(event, rating=4)

    figures = sheet(office.get(f"/surveys/of/{event.id}/results.xlsx"))
    answers = sheet(office.get(f"/surveys/of/{event.id}/results.xlsx?what=answers"))
    lines = office.get(f"/surveys/of/{event.id}/results.csv").data.decode("utf-8-sig").splitlines()

    assert any(row[4] == 4 for row in figures[1:])
    assert [row[0] for row in answers[1:]] == ["李明", "王芳", "赵六", "钱七", "孙八", "周九"]
    assert len(lines) == len(figures)


def test_the_poster_is_a_page_with_embedded_fonts(office, event, organiser):
    survey = a_survey(event, actor=organiser)

    body = office.get(f"/surveys/of/{event.id}/poster.pdf").data

    pages = PdfReader(io.BytesIO(body)).pages
    assert len(pages) == 1
    assert survey.key in "".join(pages[0].extract_text().split())
    for font in pages[0]["/Resources"]["/Font"].values():
        descriptor = font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"]
        assert {"/FontFile", "/FontFile2", "/FontFile3"} & set(descriptor)


def test_the_poster_has_english_lines_when_the_event_has_english(office, event, organiser):
    a_survey(event, actor=organiser)

    def words():
        body = office.get(f"/surveys/of/{event.id}/poster.pdf").data
        return " ".join(PdfReader(io.BytesIO(body)).pages[0].extract_text().split())

    assert "How was it?" not in words()
    with transaction():
        event.title_en = "Training in AI"

    assert "Training in AI" in words() and "How was it?" in words()


def test_participants_find_the_survey_beside_their_registration(app, event, organiser):
    survey = a_survey(event, actor=organiser)
    user, person = a_user(name="李明"), event_people(event)[0]
    with transaction():
        person.registration.user_id = user.id

    own = sign_in(app.test_client(), user).get(f"/events/registrations/{person.registration.id}").text
    staff = sign_in(app.test_client(), organiser).get(f"/events/registrations/{person.registration.id}").text

    assert f"/surveys/{survey.key}?code={person.code}" in own
    assert survey.key not in staff
