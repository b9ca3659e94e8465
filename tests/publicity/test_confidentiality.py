"""Who objected is known to those who handle the objection and to nobody else."""

from __future__ import annotations

import io
import zipfile

import pytest
from pypdf import PdfReader

from matchmaker.accounts.rules import Role
from matchmaker.core.db import transaction
from matchmaker.files import queries as files
from matchmaker.publicity import queries
from matchmaker.publicity.rules import ObjectionState
from matchmaker.publicity.services import objections
from tests.cast import OTHER_REGION, a_user
from tests.factories.publicity import (
    a_certificate,
    a_decision,
    a_notice,
    an_objection,
    announced_years,
    decided,
)
from tests.publicity.web import browser

CANARY = "金丝雀"


@pytest.fixture
def handler(app, now):
    announced_years()
    return a_user(Role.HANDLER, name="经办甲")


@pytest.fixture
def approver(handler):
    return a_user(Role.APPROVER, name="审批乙")


def test_the_objector_appears_nowhere_but_on_the_page_of_who_handles_it(app, handler, approver):
    objector = a_user(name=CANARY + "账号", email="canary@example.cn")
    notice = a_notice(owner=handler)
    row = an_objection(notice, actor=objector, signer=CANARY, phone="13912345678", email="canary@example.cn")
    decided(row, handler=handler, approver=approver)
    evidence = files.of(row)[0].id
    people = [None, a_user(), a_user(Role.ORGANISER), a_user(Role.AUDITOR), a_user(Role.ADMINISTRATOR), handler]
    paths = ["/notices/", f"/notices/{notice.id}", f"/notices/manage/{notice.id}", "/objections/", "/decisions/"]
    paths += [
        f"{p}?format={f}"
        for p in ("/notices/", "/notices/manage/", "/objections/", "/decisions/")
        for f in ("csv", "json")
    ]
    paths += [f"/objections/receipts/{row.receipt}", "/desk"]

    leaks = []
    for person in people:
        client = browser(app, person)
        for path in paths:
            text = client.get(path).text
            leaks += [(person and person.roles, path) for word in (CANARY, "13912345678", "canary@") if word in text]
    seen = browser(app, handler).get(f"/objections/{row.id}").text
    statuses = [browser(app, person).get(f"/objections/{row.id}").status_code for person in people[1:5]]

    assert leaks == []
    assert CANARY in seen
    assert "13912345678" in seen
    assert statuses == [403] * 4
    assert [browser(app, p).get(f"/files/{evidence}").status_code for p in people] == [404] * 5 + [200]
    assert browser(app, objector).get(f"/files/{evidence}").status_code == 200


def test_pdf_and_word_do_not_name_the_objector(app, handler):
    notice = a_notice(owner=handler)
    an_objection(notice, signer=CANARY)

    pdf = browser(app, handler).get(f"/notices/{notice.id}/notice.pdf").data
    docx = browser(app, handler).get(f"/notices/{notice.id}/notice.docx").data

    assert not any(CANARY in page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
    assert CANARY not in zipfile.ZipFile(io.BytesIO(docx)).read("word/document.xml").decode()


def test_another_region_sees_no_staff_page(app, handler, approver):
    notice = a_notice(owner=handler)
    row, decision = an_objection(notice), a_decision(notice, proposer=handler)
    certificate = a_certificate(notice, proposer=handler, approver=approver)
    client = browser(app, a_user(Role.HANDLER, Role.APPROVER, region=OTHER_REGION))

    paths = [
        f"/notices/manage/{notice.id}",
        f"/notices/manage/{notice.id}/edit",
        f"/notices/manage/{notice.id}/withdraw",
        f"/objections/{row.id}",
        f"/decisions/{decision.id}",
        f"/certificates/manage/{certificate.id}",
    ]

    assert [client.get(path).status_code for path in paths] == [404] * len(paths)


def test_staff_pages_ask_for_the_permission(app, handler):
    paths = ["/notices/manage/", "/objections/", "/decisions/", "/certificates/manage/", "/notices/workdays"]

    assert [browser(app, a_user()).get(path).status_code for path in paths] == [403] * 5
    assert [browser(app).get(path).status_code for path in paths] == [303] * 5


def test_a_person_who_leaves_is_taken_out_of_their_objections(handler):
    objector = a_user(name=CANARY)
    row = an_objection(a_notice(owner=handler), actor=objector, signer=CANARY)
    told = queries.personal_data(objector)

    with transaction():
        objections.forget(objector)

    assert told["objections"][0]["signer"] == CANARY
    assert (row.signer, row.phone, row.user_id, row.state) == ("已注销", "", None, ObjectionState.WITHDRAWN)
    assert files.of(row) == []
    assert queries.personal_data(objector) == {"objections": []}
