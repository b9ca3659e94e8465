"""Checking, printing and revoking certificates on their pages."""

from __future__ import annotations

import io

import pytest
from pypdf import PdfReader

from matchmaker.accounts.rules import Role
from tests.cast import a_user
from tests.factories.publicity import (
    a_certificate,
    a_notice,
    announced_years,
)
from tests.publicity.web import browser


@pytest.fixture
def handler(app, now):
    announced_years()
    return a_user(Role.HANDLER, name="经办甲")


@pytest.fixture
def approver(handler):
    return a_user(Role.APPROVER, name="审批乙")


def test_a_certificate_is_checked_by_its_number(app, handler, approver):
    row = a_certificate(a_notice(owner=handler), proposer=handler, approver=approver)
    client = browser(app)

    sent = client.post("/certificates/", data={"number": row.number.lower(), "code": ""})
    plain = client.get(sent.location).text
    full = client.get(f"/certificates/{row.number}?code={row.code}").text
    wrong = client.get(f"/certificates/{row.number}?code=WRONG").text

    assert ("证书有效" in plain, "王**" in plain, "王小明" in plain) == (True, True, False)
    assert "王小明" in full
    assert "王小明" not in wrong


@pytest.mark.parametrize("number", ["DS-2026-000009-X", "nonsense", "DS-2026-000001-0"])
def test_an_unknown_number_is_said_to_be_unknown(app, handler, number):
    response = browser(app).get(f"/certificates/{number}")

    assert response.status_code == 404
    assert "没有查到" in response.text


def test_a_slip_of_the_keyboard_is_said_on_the_form(app, handler):
    response = browser(app).post("/certificates/", data={"number": "DS-2026-000001-0"})

    assert response.status_code == 422
    assert "校验位不符" in response.text


def test_the_paper_is_for_who_holds_its_code_and_carries_the_check_address(app, handler, approver):
    row = a_certificate(a_notice(owner=handler), proposer=handler, approver=approver)

    refused = browser(app).get(f"/certificates/{row.number}/certificate.pdf")
    given = browser(app).get(f"/certificates/{row.number}/certificate.pdf?code={row.code}")
    staff = browser(app, handler).get(f"/certificates/{row.number}/certificate.pdf")

    text = "".join(PdfReader(io.BytesIO(given.data)).pages[0].extract_text().split())
    assert (refused.status_code, given.status_code, staff.status_code) == (404, 200, 200)
    assert row.number in text
    assert f"http://localhost/certificates/{row.number}" in text


def test_a_revoked_certificate_says_so_to_everybody(app, handler, approver):
    row = a_certificate(a_notice(owner=handler), proposer=handler, approver=approver)
    first, second = browser(app, handler), browser(app, approver)

    empty = first.post(f"/certificates/manage/{row.id}/revoke", data={"reason": "造假", "document": ""})
    first.post(f"/certificates/manage/{row.id}/revoke", data={"reason": "弄虚作假", "document": "水科〔2026〕3号"})
    standing = browser(app).get(f"/certificates/{row.number}").text
    second.post(f"/certificates/manage/{row.id}/confirm")
    page = browser(app).get(f"/certificates/{row.number}").text

    assert (empty.status_code, "证书有效" in standing) == (422, True)
    assert ("证书已撤销" in page, "弄虚作假" in page, "证书有效" in page) == (True, True, False)
    assert browser(app, handler).get(f"/certificates/{row.number}/certificate.pdf").status_code == 404
