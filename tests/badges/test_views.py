"""The pages of cards and certificates: what people see, press and download."""

from __future__ import annotations

import io
from dataclasses import replace
from zipfile import ZipFile

import pytest
from pypdf import PdfReader

from matchmaker.accounts.rules import Role
from matchmaker.badges.models import AttendanceCertificate, PrintRun
from matchmaker.core.db import db, transaction
from tests.cast import a_user, sign_in
from tests.factories.papers import a_certificate, a_guest, an_event_over


@pytest.fixture
def organiser(app, now):
    return a_user(Role.ORGANISER, name="主办甲")


@pytest.fixture
def approver(organiser):
    return a_user(Role.APPROVER, name="审批乙")


@pytest.fixture
def event(organiser):
    event = an_event_over(owner=organiser, title="人工智能培训")
    a_guest(event, "李明", "王芳", attended=True)
    return event


@pytest.fixture
def office(app, organiser):
    return sign_in(app.test_client(), organiser)


def pages(answer):
    assert answer.mimetype == "application/pdf"
    return [page.extract_text() for page in PdfReader(io.BytesIO(answer.data)).pages]


def test_cards_are_filtered_printed_and_found_again(office, event):
    shown = office.get(f"/badges/{event.id}?unprinted=yes").text
    sent = office.post(f"/badges/{event.id}/print", data={"paper": "sheet", "blanks": "2", "unprinted": "yes"})
    run = db.session.query(PrintRun).one()
    after = office.get(f"/badges/{event.id}").text
    text = pages(office.get(f"/badges/runs/{run.id}/cards.pdf"))

    assert "打印 2 人" in shown
    assert sent.status_code == 303
    assert (run.people, run.blanks, len(text)) == (2, 2, 1)
    assert "李 明" in text[0] or "李明" in "".join(text[0].split())
    assert "1 次" in after
    assert office.get(f"/badges/{event.id}/preview.png?paper=table").data.startswith(b"\x89PNG")


def test_a_printing_of_nobody_is_refused_in_words(office, event):
    office.post(f"/badges/{event.id}/print", data={"paper": "sheet", "q": "没有这个人"})

    assert "没有符合条件的人" in office.get(f"/badges/{event.id}").text
    assert db.session.query(PrintRun).count() == 0


@pytest.mark.parametrize(
    "data", [{"paper": "wall"}, {"paper": "sheet", "blanks": "9999"}, {"paper": "sheet", "blanks": "x"}]
)
def test_what_no_printer_takes_is_refused(office, event, data):
    assert office.post(f"/badges/{event.id}/print", data=data).status_code == 303
    assert db.session.query(PrintRun).count() == 0


def test_one_card_is_printed_again(office, event):
    person = event_people(event)[0]

    sent = office.post(f"/badges/{event.id}/again/{person.id}?paper=label")

    assert len(pages(office.get(sent.location))) == 1
    assert office.post(f"/badges/{event.id}/again/999999").status_code == 404


def event_people(event):
    from matchmaker.events.models import Attendee, Registration

    rows = db.session.query(Attendee).join(Registration).filter(Registration.event_id == event.id)
    return rows.order_by(Attendee.id).all()


def test_the_look_of_the_cards_is_kept(office, event):
    sent = office.post(f"/badges/{event.id}/look", data={"show_code": "y", "foot": "欢迎您"})

    assert sent.status_code == 303
    assert "欢迎您" in office.get(f"/badges/{event.id}/look").text


def test_certificates_from_words_to_paper(app, office, event, approver):
    words = {
        "title": "结业证书",
        "text": "参加{活动}，共{学时}学时",
        "hours": "6",
        "title_en": "C",
        "text_en": "{event}",
    }
    assert office.post(f"/badges/{event.id}/certificates/words", data=words).status_code == 303
    asked = office.get(f"/badges/{event.id}/certificates/propose").text
    office.post(f"/badges/{event.id}/certificates/propose", data={"reason": "培训通知"})
    second = sign_in(app.test_client(), approver)
    before = second.get(f"/badges/{event.id}/certificates").text
    second.post(f"/badges/{event.id}/certificates/confirm")

    rows = db.session.query(AttendanceCertificate).all()
    assert "将为 2 人生成证书" in asked
    assert "将为 2 人生成证书" in before
    assert len(rows) == 2
    both = pages(office.get(f"/badges/{event.id}/certificates/all.pdf"))
    assert len(both) == 2
    assert "结业证书" in "".join(both[0].split())
    assert office.get(f"/badges/{event.id}/certificates/all.pdf?part=2").status_code == 404
    public = app.test_client().get(f"/certificates/{rows[0].certificate.number}?code={rows[0].certificate.code}").text
    assert "证书有效" in public


def test_wrong_words_come_back(office, event):
    words = {"title": "结业证书", "text": "参加{会议}", "title_en": "C", "text_en": "{event}"}

    answer = office.post(f"/badges/{event.id}/certificates/words", data=words)

    assert answer.status_code == 422
    assert "会议" in answer.text


def test_the_code_opens_the_paper_and_nothing_else_does(app, office, event, organiser, approver):
    row = a_certificate(event, proposer=organiser, approver=approver)
    address = f"/badges/certificates/{row.certificate.number}/zh.pdf"
    guest = app.test_client()

    assert guest.get(address).status_code == 404
    assert guest.get(f"{address}?code=WRONGWRG").status_code == 404
    assert len(pages(guest.get(f"{address}?code={row.certificate.code}"))) == 1
    english = pages(guest.get(f"{address.replace('zh', 'en')}?code={row.certificate.code}"))
    assert "Certificate of Attendance" in english[0]
    assert len(pages(office.get(address))) == 1


def test_the_english_paper_bears_the_english_name_of_the_bureau(app, office, event, organiser, approver):
    row = a_certificate(event, proposer=organiser, approver=approver)
    address = f"/badges/certificates/{row.certificate.number}/"
    known = app.config["SETTINGS"]

    without = pages(office.get(address + "en.pdf"))[0]
    app.config["SETTINGS"] = replace(known, district_name_en="Bureau of Science")

    assert known.district_name in without
    assert "Bureau of Science" in pages(office.get(address + "en.pdf"))[0]
    assert "Bureau of Science" not in pages(office.get(address + "zh.pdf"))[0]


def test_single_papers_of_those_who_were_looked_for_come_in_one_archive(app, office, event, organiser, approver):
    a_guest(event, "李/明:二", attended=True)
    a_certificate(event, proposer=organiser, approver=approver)
    address = f"/badges/{event.id}/certificates"

    shown = office.get(f"{address}?q=李").text
    sent = office.get(f"{address}/single.zip?q=李")

    assert "single.zip?part=1&amp;q=" in shown
    assert sent.headers["Content-Disposition"].startswith("attachment")
    with ZipFile(io.BytesIO(sent.data)) as kept:
        names = kept.namelist()
        texts = [PdfReader(io.BytesIO(kept.read(name))).pages[0].extract_text() for name in names]
    assert [name.partition(" ")[2] for name in names] == ["李明.pdf", "李 明 二.pdf"]
    assert all(name.partition(" ")[0] in text for name, text in zip(names, texts, strict=True))
    assert office.get(f"{address}/single.zip?q=没有").status_code == 404
    assert sign_in(app.test_client(), a_user()).get(f"{address}/single.zip").status_code == 404


def test_participants_find_their_certificate_beside_their_registration(app, event, organiser, approver):
    user = a_user(name="王芳")
    registration = event_people(event)[0].registration
    with transaction():
        registration.user_id = user.id
    row = a_certificate(event, proposer=organiser, approver=approver)
    own = sign_in(app.test_client(), user)

    text = own.get(f"/events/registrations/{registration.id}").text

    assert row.certificate.number in text
    assert f"/badges/certificates/{row.certificate.number}/en.pdf?code={row.certificate.code}" in text


def test_a_corrected_name_takes_the_old_paper_away(app, office, event, organiser, approver):
    row = a_certificate(event, proposer=organiser, approver=approver)
    old, code = row.certificate.number, row.certificate.code
    address = f"/badges/{event.id}/certificates/{row.id}"
    assert office.post(address, data={"name": "李鸣", "reason": "登记有误"}).status_code == 303
    second = sign_in(app.test_client(), approver)
    assert "李鸣" in second.get(address).text
    second.post(f"{address}/confirm")

    assert app.test_client().get(f"/badges/certificates/{old}/zh.pdf?code={code}").status_code == 404
    assert "证书已撤销" in app.test_client().get(f"/certificates/{old}?code={code}").text
    assert "李鸣" in office.get(address).text


def test_a_return_says_why(app, office, event, organiser, approver):
    office.post(f"/badges/{event.id}/certificates/propose", data={"reason": "培训通知"})
    second = sign_in(app.test_client(), approver)

    assert second.post(f"/badges/{event.id}/certificates/return", data={"reason": ""}).status_code == 422
    assert second.post(f"/badges/{event.id}/certificates/return", data={"reason": "学时不对"}).status_code == 303
    assert "学时不对" in office.get(f"/badges/{event.id}/certificates").text
