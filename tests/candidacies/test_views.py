"""Pages of candidacies: who sees what, what comes back with what was typed."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from matchmaker.accounts.rules import Role
from matchmaker.candidacies import queries
from matchmaker.candidacies.models import Candidacy
from matchmaker.candidacies.services import applying
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.rosters.rules import AppointmentKind, AppointmentState
from tests.cast import OTHER_REGION, a_user, sign_in
from tests.factories import publicity
from tests.factories.candidacies import WORDS, a_candidacy, an_agreement
from tests.factories.directory import a_person, an_organisation

PHONE = "13912345678"


@pytest.fixture
def handler(app, now):
    publicity.announced_years()
    return a_user(Role.HANDLER, name="经办甲")


def one() -> Candidacy:
    return db.session.execute(db.select(Candidacy)).unique().scalar_one()


def test_apply_review_publish_and_appoint_through_the_pages(app, now, client, handler):
    user, approver = a_user(name="秦朗"), a_user(Role.APPROVER)
    sign_in(client, user)
    form = {"kind": "mentor", "statement": WORDS, "capacity": "2", "phone": PHONE, "unit": "测试研究所"}
    assert client.post("/candidacies/apply", data=form).status_code == 303
    row = one()
    assert "秦朗" in client.get(f"/candidacies/{row.id}").text

    sign_in(client, handler)
    assert "秦朗" in client.get("/candidacies/").text
    assert client.post(f"/candidacies/{row.id}/accept").status_code == 303
    notice = {
        "ids": str(row.id), "title": "拟聘任导师公示", "working_days": "5",
        "contact_name": "科技科", "contact_phone": "0991-0000001",
    }  # fmt: skip
    answer = client.post("/candidacies/publish/mentor", data=notice)
    assert answer.status_code == 303
    assert "秦朗" in client.get(answer.location).text

    with clock.frozen(clock.now() + timedelta(days=7)):
        sign_in(client, handler)
        terms = {"document": "水科聘 7 号", "starts": "2026-03-09", "ends": "2029-03-08", "reason": "无异议"}
        assert client.post(f"/candidacies/{row.id}/propose", data=terms).status_code == 303
        sign_in(client, approver)
        assert client.post(f"/candidacies/{row.id}/confirm").status_code == 303
        assert one().state is AppointmentState.APPOINTED

        sign_in(client, user)
        page = client.get("/candidacies/own").text
        link = re.search(r'href="(/certificates/[^"]+certificate\.pdf\?code=[^"]+)"', page)[1]
        paper = client.get(link)

        assert paper.data.startswith(b"%PDF-")
        assert "attachment" in paper.headers["Content-Disposition"]
        client.get("/accounts/sign-out")
        public = app.test_client().get(link.replace("/certificate.pdf", "").split("?")[0]).text
        assert "秦*" in public
        assert "秦朗" not in public


def test_a_civil_servant_comes_back_with_what_was_typed(app, now, client):
    an_organisation(name="新疆测试研究院")
    sign_in(client, a_user())
    form = {
        "kind": "envoy", "statement": WORDS, "capacity": "2", "sending_unit": "新疆测试研究院", "civil_servant": "yes",
    }  # fmt: skip

    answer = client.post("/candidacies/apply", data=form)

    assert answer.status_code == 422
    assert "公务员和参照公务员管理人员不能担任科技特派员" in answer.text
    assert WORDS in answer.text
    assert db.session.execute(db.select(Candidacy)).first() is None


def test_strangers_and_other_regions_do_not_find_it(app, now, client, handler):
    row = a_candidacy(a_user(), region=OTHER_REGION)
    sign_in(client, a_user())
    assert client.get(f"/candidacies/{row.id}").status_code == 404
    sign_in(client, handler)
    assert client.get(f"/candidacies/{row.id}").status_code == 404
    assert client.post(f"/candidacies/{row.id}/accept").status_code == 404


def test_firms_choose_without_seeing_a_telephone_number(app, now, client, handler):
    unit = an_organisation(name="新疆测试研究院")
    user = a_user(name="沈一航")
    row = a_candidacy(user, kind=AppointmentKind.ENVOY, sending_unit="新疆测试研究院", phone=PHONE)
    colleague = a_user(organisation=unit)
    with transaction():
        applying.recommend(row, actor=colleague, recommendation="业务骨干，同意派出")
    firm = an_organisation(name="水磨沟测试机械有限公司")
    sign_in(client, a_user(organisation=firm))

    page = client.get("/candidacies/envoys").text
    assert "沈一航" in page
    assert PHONE not in page
    client.post(f"/candidacies/{row.id}/choose", data={"organisation_id": firm.id})
    sign_in(client, user)
    client.post(f"/candidacies/{row.id}/host", data={"host": "水磨沟测试机械有限公司"})

    assert one().state is AppointmentState.MATCHED
    sign_in(client, a_user(organisation=firm))
    shown = client.get(f"/candidacies/{row.id}").text
    assert PHONE not in shown
    assert "139****5678" in shown


def test_an_agreement_is_read_and_signed_by_its_parties_only(app, now, client, handler):
    host = an_organisation()
    row = an_agreement(a_person(name="沈一航"), signed=False, host=host)
    sign_in(client, a_user())
    assert client.get(f"/candidacies/agreements/{row.id}").status_code == 404
    sign_in(client, a_user(organisation=host))

    assert "代表这一方签署" in client.get(f"/candidacies/agreements/{row.id}").text
    client.post(f"/candidacies/agreements/{row.id}/sign", data={"party": "host"})

    assert queries.db.session.get(type(row), row.id).host_signed is not None


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_runs_the_same_queries_for_any_number_of_rows(client, handler, count_queries, rows):
    names = [a_candidacy(a_user(name=f"申报人{n}号")).person.name for n in range(rows)]
    sign_in(client, handler)
    client.get("/candidacies/")
    count_queries.clear()

    page = client.get("/candidacies/").text

    assert all(name in page for name in names)
    assert len(count_queries) == 5


def test_the_desk_names_what_waits_and_the_own_page_offers_a_way_in(app, now, client, handler):
    assert a_candidacy(a_user(name="秦朗")).state is AppointmentState.APPLIED
    sign_in(client, handler)
    assert "秦朗" in client.get("/desk", follow_redirects=True).text
    sign_in(client, a_user())
    assert "现在申报" in client.get("/candidacies/own").text
