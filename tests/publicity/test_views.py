"""Pages of publicity: what everybody sees, and what staff does."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa
from pypdf import PdfReader

from matchmaker.accounts.rules import Role
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.files import queries as files
from matchmaker.publicity.models import Certificate, Notice, Objection
from matchmaker.publicity.rules import DecisionState, NoticeState, ObjectionState
from matchmaker.publicity.services import certificates, notices, objections
from tests.cast import OTHER_REGION, a_token, a_user, sign_in
from tests.factories.publicity import (
    a_certificate,
    a_decision,
    a_draft,
    a_notice,
    an_objection,
    announced_years,
)
from tests.publicity.web import browser, objection_form, post

TYPED = {
    "title": "关于拟聘任导师的公示",
    "body": "拟聘任下列人员。",
    "items": "测试甲有限公司，，装备制造\n测试乙有限公司",
    "working_days": "5",
    "starts": "",
    "contact_name": "科技管理科",
    "contact_phone": "0991-0000001",
    "contact_email": "",
}


@pytest.fixture
def handler(app, now):
    announced_years()
    return a_user(Role.HANDLER, name="经办甲")


@pytest.fixture
def approver(handler):
    return a_user(Role.APPROVER, name="审批乙")


def test_index_shows_what_runs_and_what_ran(app, handler):
    runs = a_notice(owner=handler, title="正在进行的公示")
    a_notice(owner=handler, title="以前的公示")
    with transaction() as session:
        past = {"starts": date(2026, 1, 5), "ends": date(2026, 1, 9)}
        session.execute(sa.update(Notice).where(Notice.title == "以前的公示").values(**past))
    a_draft(owner=handler, title="还没发布的草稿")

    page = browser(app).get("/notices/").text

    assert (page.count("正在进行的公示"), page.count("以前的公示")) == (2, 1)
    assert "还没发布的草稿" not in page
    assert "还剩 5 个工作日" in page
    assert f"/notices/{runs.id}" in page


def test_lists_run_as_many_queries_for_three_rows_as_for_one(app, handler, approver, count_queries):
    client = browser(app, a_user(Role.HANDLER, Role.APPROVER))

    def asked(path):
        count_queries.clear()
        assert client.get(path).status_code == 200
        return len(count_queries)

    def one_more(serial):
        notice = a_notice(owner=handler)
        an_objection(notice, phone=f"1390000000{serial}")
        a_decision(notice, proposer=handler)
        a_certificate(notice, proposer=handler, approver=approver)

    paths = ("/notices/", "/notices/manage/", "/objections/", "/decisions/", "/certificates/manage/")
    one_more(1)
    before = [asked(path) for path in paths]
    one_more(2), one_more(3)

    assert [asked(path) for path in paths] == before


def test_a_notice_shows_its_lines_dates_and_the_way_to_object(app, handler):
    notice = a_notice(owner=handler)

    page = browser(app).get(f"/notices/{notice.id}").text

    for shown in (
        "测试科技有限公司",
        "公示〔2026〕1 号",
        "3月6日",
        "个工作日",
        "科技管理科",
        f"/notices/{notice.id}/object",
    ):
        assert shown in page


def test_a_draft_is_not_public(app, handler):
    notice = a_draft(owner=handler)

    assert [browser(app).get(f"/notices/{notice.id}{tail}").status_code for tail in ("", "/notice.pdf", "/object")] == [
        404
    ] * 3


def test_a_notice_is_downloaded_as_pdf_and_docx(app, handler):
    notice = a_notice(owner=handler)

    pdf = browser(app).get(f"/notices/{notice.id}/notice.pdf")
    docx = browser(app).get(f"/notices/{notice.id}/notice.docx")

    text = "".join("".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf.data)).pages).split())
    assert "2026年3月2日至2026年3月6日（5个工作日）" in text
    assert "测试科技有限公司" in text
    assert "测试科技有限公司" in zipfile.ZipFile(io.BytesIO(docx.data)).read("word/document.xml").decode()
    assert all(r.headers["Content-Disposition"].startswith("attachment") for r in (pdf, docx))


def test_anybody_with_a_name_can_object(app, handler):
    notice = a_notice(owner=handler)

    response = post(browser(app), f"/notices/{notice.id}/object", data=objection_form())

    row = db.session.query(Objection).one()
    assert (row.signer, row.user_id, row.state) == ("异议甲", None, ObjectionState.RECEIVED)
    assert len(row.source) == 64
    assert "异议回执" in response.text
    assert [file.name for file in files.of(row)] == ["异议书.pdf"]


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"signer": ""}, "匿名异议不予受理，请签署真实姓名或加盖单位公章"),
        ({"signed_page": None}, "请上传签字或盖章的异议书扫描件"),
        ({"signed_page": (io.BytesIO(b"<svg/>"), "a.svg")}, "不能上传这种文件"),
        ({"phone": "12"}, "请填写能联系到的电话"),
        ({"item": "没有这一项"}, "Not a valid choice"),
    ],
)
def test_a_wrong_objection_comes_back_with_one_sentence(app, handler, values, sentence):
    notice = a_notice(owner=handler)

    response = browser(app).post(f"/notices/{notice.id}/object", data=objection_form(**values))

    assert response.status_code == 422
    assert sentence in response.text or sentence == "Not a valid choice"
    assert db.session.query(Objection).count() == 0


def test_a_late_objection_is_refused_when_it_is_sent(app, handler):
    notice = a_notice(owner=handler)

    with clock.frozen(datetime(2026, 3, 6, 16, 0, tzinfo=UTC)):
        response = browser(app).post(f"/notices/{notice.id}/object", data=objection_form())

    assert response.status_code == 422
    assert "不再受理异议" in response.text
    assert db.session.query(Objection).count() == 0


def test_the_receipt_shows_state_and_answer_and_lets_withdraw(app, handler):
    row = an_objection(a_notice(owner=handler))
    client = browser(app)

    before = client.get(f"/objections/receipts/{row.receipt}").text
    client.post(f"/objections/receipts/{row.receipt}/withdraw")

    assert "待受理" in before
    assert "异议甲" not in before
    assert db.session.query(Objection).one().state is ObjectionState.WITHDRAWN
    assert client.get("/objections/receipts/guess").status_code == 404


def test_a_notice_is_drafted_edited_published_and_brought_to_its_end(app, handler):
    client = browser(app, handler)

    assert client.post("/notices/manage/new", data=TYPED).status_code == 303
    notice = db.session.query(Notice).one()
    assert notice.items[0] == {"name": "测试甲有限公司", "uscc": "", "detail": "装备制造"}
    assert "测试甲有限公司，，装备制造" in client.get(f"/notices/manage/{notice.id}/edit").text
    client.post(f"/notices/manage/{notice.id}/edit", data=TYPED | {"title": "改过的标题"})
    client.post(f"/notices/manage/{notice.id}/publish")
    client.post(f"/notices/manage/{notice.id}/effective")
    early = db.session.query(Notice).one().state
    with clock.frozen(datetime(2026, 3, 9, 2, tzinfo=UTC)):
        assert "确认生效" in sign_in(client, handler).get(f"/notices/manage/{notice.id}").text
        client.post(f"/notices/manage/{notice.id}/effective")

    assert (notice.title, early, notice.state) == ("改过的标题", NoticeState.PUBLISHED, NoticeState.EFFECTIVE)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"items": "甲有限公司，123"}, "第 1 行的统一社会信用代码不对"),
        ({"items": "甲有限公司\n甲有限公司"}, "第 2 行与前面重复"),
        ({"items": "甲"}, "2 至 100 个字"),
        ({"working_days": "0"}, "1 至 60 个工作日"),
        ({"contact_phone": ""}, "请填写这一项"),
    ],
)
def test_a_wrong_notice_comes_back_with_one_sentence(app, handler, values, sentence):
    response = browser(app, handler).post("/notices/manage/new", data=TYPED | values)

    assert response.status_code == 422
    assert sentence in response.text
    assert db.session.query(Notice).count() == 0


def test_publishing_into_an_unannounced_year_says_what_to_do(app, handler):
    with clock.frozen(datetime(2026, 12, 28, 2, tzinfo=UTC)):
        notice = a_draft(owner=handler)
        client = browser(app, handler)

        shown = client.get(f"/notices/manage/{notice.id}").text
        response = post(client, f"/notices/manage/{notice.id}/publish")

    assert "预计（待国务院公布安排）" in shown
    assert "请先由管理员补录该年工作日表" in response.text
    assert db.session.query(Notice).one().state is NoticeState.DRAFT


def test_the_administrator_announces_a_year(app, handler):
    client = browser(app, a_user(Role.ADMINISTRATOR))
    typed = {
        "year": "2027",
        "source": "国办发明电",
        "days_off": "2027-01-01 至 2027-01-08",
        "days_worked": "2027-01-09",
    }

    wrong = client.post("/notices/workdays", data=typed | {"days_off": "2027-13-01"})
    page = post(client, "/notices/workdays", data=typed).text

    assert (wrong.status_code, "没有“2027-13-01”这一天" in wrong.text) == (422, True)
    assert "已录入 9 天" in page


def test_an_objection_is_handled_by_two_people_on_its_page(app, handler, approver):
    row = an_objection(a_notice(owner=handler))
    first, second = browser(app, handler), browser(app, approver)

    first.post(f"/objections/{row.id}/accept")
    first.post(f"/objections/{row.id}", data={"outcome": "dismissed", "answer": "经核实，登记无误"})
    assert "须由另一位同事复核" in first.get(f"/objections/{row.id}").text
    assert first.post(f"/objections/{row.id}/confirm").status_code == 403
    assert "复核通过" in second.get(f"/objections/{row.id}").text
    second.post(f"/objections/{row.id}/confirm")

    assert db.session.query(Objection).one().state is ObjectionState.DISMISSED
    assert "经核实，登记无误" in browser(app).get(f"/objections/receipts/{row.receipt}").text


def test_the_proposer_cannot_confirm_even_as_an_approver(app, handler):
    row = an_objection(a_notice(owner=handler))
    client = browser(app, a_user(Role.HANDLER, Role.APPROVER))
    client.post(f"/objections/{row.id}/accept")
    client.post(f"/objections/{row.id}", data={"outcome": "dismissed", "answer": "无误"})

    page = post(client, f"/objections/{row.id}/confirm").text

    assert "不能复核自己提出的决定" in page
    assert db.session.query(Objection).one().state is ObjectionState.INVESTIGATING


def test_the_queue_leads_to_the_record(app, handler, approver):
    row = an_objection(a_notice(owner=handler))
    with transaction():
        objections.propose_outcome(row, actor=handler, outcome=ObjectionState.REFUSED, answer="无证据")
    client = browser(app, approver)

    listed = client.get("/decisions/").text
    page = client.get("/decisions/1").text

    assert "异议处理：关于拟获奖名单的公示" in listed
    assert f'href="/objections/{row.id}"' in page
    assert "去办理" in page
    assert DecisionState.PROPOSED.label in page


def test_desks_name_what_waits(app, handler, approver):
    row = an_objection(a_notice(owner=handler))
    with transaction():
        objections.propose_outcome(row, actor=handler, outcome=ObjectionState.REFUSED, answer="无证据")

    assert "有异议待办理" in browser(app, handler).get("/desk").text
    assert "待复核：异议处理" in browser(app, approver).get("/desk").text


def test_notices_for_programs_need_a_token(app, handler):
    a_notice(owner=handler)
    a_draft(owner=handler)
    stranger = a_user(Role.HANDLER, region=OTHER_REGION)
    scope = "publicity:notice:manage"

    def ask(user):
        return (
            app.test_client().get("/api/v1/notices", headers={"Authorization": f"Bearer {a_token(user, scope)}"}).json
        )

    assert app.test_client().get("/api/v1/notices").status_code == 401
    assert [item["number"] for item in ask(handler)["items"]] == ["公示〔2026〕1 号", None]
    assert ask(stranger)["items"] == []


def test_pages_read_in_english(app, handler, approver):
    notice = a_notice(owner=handler)
    row = an_objection(notice)
    certificate = a_certificate(notice, proposer=handler, approver=approver)
    client = browser(app, a_user(Role.HANDLER, Role.APPROVER, Role.ADMINISTRATOR))

    expected = {
        f"/notices/{notice.id}": "File an objection",
        f"/notices/manage/{notice.id}": "Public page",
        f"/objections/{row.id}": "Propose an outcome",
        f"/certificates/{certificate.number}": "Check another certificate",
        "/notices/workdays": "Announced years",
        f"/notices/{notice.id}/object": "Real name or name of the organisation",
    }

    for path, words in expected.items():
        assert words in client.get(f"{path}?lang=en").text, path
    assert db.session.query(Certificate).count() == 1
    assert notices is not certificates
