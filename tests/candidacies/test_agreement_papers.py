"""The agreement of three parties on paper: generated, signed, uploaded."""

from __future__ import annotations

import io
import zipfile

import pytest

from matchmaker.accounts.rules import Role
from matchmaker.candidacies import documents as papers
from matchmaker.candidacies.services import agreements
from matchmaker.core import documents
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import Conflict, NotPermitted
from matchmaker.files import queries as files
from matchmaker.rosters.rules import AppointmentKind
from matchmaker.rosters.services.documents import rules_on
from tests.cast import OTHER_REGION, a_user, sign_in
from tests.factories.candidacies import an_agreement
from tests.factories.directory import an_organisation
from tests.factories.files import an_upload
from tests.factories.rosters import a_helper

PHONE = "13812345678"


@pytest.fixture
def envoy(app, now):
    return a_user(name="沈一航")


@pytest.fixture
def agreement(envoy):
    person = a_helper(user=envoy, kind=AppointmentKind.ENVOY, name=envoy.name, phone=PHONE, title="副教授")
    host = an_organisation(name="水磨沟演示焊接设备有限公司", working_address="红光山路 6 号")
    unit = an_organisation(name="演示工业大学")
    return an_agreement(person, signed=False, host=host, sending_unit_id=unit.id)


def test_an_agreement_without_a_number_gets_the_next_of_its_year(agreement):
    second = an_agreement(a_helper(kind=AppointmentKind.ENVOY), signed=False)
    third = an_agreement(a_helper(kind=AppointmentKind.ENVOY), signed=False, number="水科协〔2026〕9 号")

    assert [row.number for row in (agreement, second, third)] == [
        "特派协议〔2026〕1号",
        "特派协议〔2026〕2号",
        "水科协〔2026〕9 号",
    ]


def test_the_paper_says_what_is_stored_and_leaves_lines_for_the_rest(agreement):
    paper = papers.agreement_paper(agreement, known=rules_on(agreement.starts), bureau="水磨沟区科学技术局")

    assert [party["name"] for party in paper["parties"]] == ["演示工业大学", "沈一航", "水磨沟演示焊接设备有限公司"]
    assert [each["role"] for each in paper["signatures"]] == [
        "派出单位",
        "科技特派员",
        "服务企业",
        "水磨沟区科学技术局",
    ]
    text = str(paper)
    assert agreement.goals in text
    assert "不少于12次，每次不少于4小时" in text
    assert agreement.number in text
    assert PHONE not in text
    assert {"label": "电话", "value": ""} in paper["parties"][1]["facts"]


def test_both_forms_are_made_with_chinese_fonts_inside(agreement):
    with transaction():
        agreement.goals = "一年内把焊接次品率降到百分之一以下。\n" * 60  # runs over the page
    paper = papers.agreement_paper(agreement, known=rules_on(agreement.starts), bureau="水磨沟区科学技术局")

    pdf, word = documents.pdf("agreement", paper), documents.docx_agreement(paper)

    assert pdf.startswith(b"%PDF")
    assert pdf.count(b"/FontFile3") >= 2  # the Chinese faces are inside
    body = zipfile.ZipFile(io.BytesIO(word)).read("word/document.xml").decode()
    assert all(text in body for text in ("沈一航", "演示工业大学", agreement.number, "签名："))


@pytest.mark.parametrize("kind", ["pdf", "docx"])
def test_every_party_downloads_it_and_strangers_do_not(client, agreement, envoy, kind):
    address = f"/candidacies/agreements/{agreement.id}/agreement.{kind}"
    for user in (envoy, a_user(organisation=agreement.host), a_user(Role.HANDLER)):
        answer = sign_in(client, user).get(address)
        assert (answer.status_code, "attachment" in answer.headers["Content-Disposition"]) == (200, True)
    for user in (a_user(), a_user(Role.HANDLER, region=OTHER_REGION)):
        assert sign_in(client, user).get(address).status_code == 404


def test_the_signed_scan_is_kept_by_a_party_and_read_by_all(client, agreement):
    member = a_user(organisation=agreement.host)
    address = f"/candidacies/agreements/{agreement.id}"
    sign_in(client, member)
    assert client.post(f"{address}/scan", data={}).status_code == 422

    answer = client.post(f"{address}/scan", data={"scan": (an_upload().stream, "协议.pdf")})

    assert answer.status_code == 303
    assert "协议.pdf" in sign_in(client, a_user(Role.HANDLER)).get(address).text
    assert len(files.of(agreement)) == 1


def test_who_only_reads_does_not_upload_and_an_ended_one_takes_nothing(agreement, envoy):
    auditor, handler = a_user(Role.AUDITOR), a_user(Role.HANDLER)
    with pytest.raises(NotPermitted), transaction():
        agreements.keep_scan(agreement, actor=auditor, file=an_upload())
    done = an_agreement(a_helper(kind=AppointmentKind.ENVOY))
    with transaction():
        agreements.terminate(done, actor=handler, reason="企业停产", day=done.starts)
    with pytest.raises(Conflict, match="已终止"), transaction():
        agreements.keep_scan(done, actor=handler, file=an_upload())
    assert db.session.is_active
