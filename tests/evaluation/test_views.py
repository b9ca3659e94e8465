"""The ledger's pages."""

from datetime import date

import pytest

from matchmaker.accounts.rules import Role
from matchmaker.core.db import db
from matchmaker.evaluation.models import Title
from matchmaker.evaluation.rules import TitleKind
from tests.cast import a_user, sign_in
from tests.factories.directory import an_organisation
from tests.factories.evaluation import a_title

FORM = {
    "kind": "hnte",
    "number": "GR202565000001",
    "subkind": "",
    "holder": "新疆示例科技有限公司",
    "valid_from": "2025-11-28",
    "valid_to": "2028-11-27",
}


@pytest.fixture
def handler(client, now):
    return sign_in(client, a_user(Role.HANDLER))


def test_a_handler_records_a_title(handler):
    response = handler.post("/titles/new", data=FORM)

    title = db.session.query(Title).one()
    assert (response.status_code, response.location) == (303, f"/titles/{title.id}")
    assert (title.kind, title.number, title.valid_to) == (TitleKind.HNTE, "GR202565000001", date(2028, 11, 27))
    assert "GR202565000001" in handler.get(response.location).text


def test_a_number_taken_comes_back_on_its_field(handler):
    a_title(TitleKind.HNTE, number=FORM["number"])

    response = handler.post("/titles/new", data=FORM)

    assert response.status_code == 422
    assert "已经登记过" in response.text


def test_a_title_is_corrected_and_ended(handler):
    title = a_title()

    response = handler.post(
        f"/titles/{title.id}/correct",
        data={**FORM, "number": title.number, "holder": title.holder, "document": "水科函 3 号"},
    )
    assert response.status_code == 303
    assert handler.post(f"/titles/{title.id}/end", data={"ended": "2026-02-01", "reason": ""}).status_code == 422
    assert handler.post(f"/titles/{title.id}/end", data={"ended": "2026-02-01", "reason": "迁出"}).status_code == 303

    db.session.refresh(title)
    assert (title.document, title.ended, title.end_reason) == ("水科函 3 号", date(2026, 2, 1), "迁出")
    assert "已终止" in handler.get(f"/titles/{title.id}").text


def test_other_regions_and_other_people_see_nothing(client, now):
    title = a_title()

    assert client.get("/titles/").status_code == 303
    stranger = sign_in(client, a_user(Role.HANDLER, region="650104"))
    assert title.number not in stranger.get("/titles/").text
    for path in ("", "/correct", "/end"):
        assert stranger.get(f"/titles/{title.id}{path}").status_code == 404
    assert sign_in(client, a_user()).get("/titles/").status_code == 403


def test_a_firm_sees_its_own_titles_without_the_log(client, now):
    firm = an_organisation()
    own, other = a_title(holder=firm.uscc), a_title()
    member = sign_in(client, a_user(organisation=firm))

    assert own.number in member.get(f"/titles/{own.id}").text
    assert member.get(f"/titles/{other.id}").status_code == 404
    panel = member.get(f"/titles/of-organisation/{firm.id}", headers={"HX-Request": "true"}).text
    assert own.number in panel and other.number not in panel


def test_the_list_narrows_by_kind_day_and_words(handler):
    valid = a_title(number="AA-1", valid_to=date(2026, 3, 31))
    over = a_title(number="AA-2", valid_to=date(2026, 3, 1))
    patent = a_title(TitleKind.GRANTED_PATENT, number="AA-3", name="雪菊提取方法", valid_to=None)

    def shown(query):
        page = handler.get(f"/titles/?{query}").text
        return [title.number for title in (valid, over, patent) if f">{title.number}<" in page]

    assert shown("kind=tech_sme") == ["AA-1", "AA-2"]
    assert shown("on=2026-03-02") == ["AA-1", "AA-3"]
    assert shown("q=雪菊") == ["AA-3"]
    assert shown("q=aa-2") == ["AA-2"]
    assert shown("year=2024") == []


def test_the_export_holds_what_is_shown(handler):
    a_title(number="AA-1"), a_title(TitleKind.HNTE, number="AA-2")

    text = handler.get("/titles/?kind=hnte&format=csv").get_data().decode("utf-8-sig")

    assert "AA-2" in text and "AA-1" not in text


def test_the_list_needs_no_more_queries_for_three_rows_than_for_one(handler, count_queries):
    needed = []
    for rows in (1, 2):
        for _ in range(rows):
            a_title(holder=an_organisation().uscc)
        handler.get("/titles/")
        count_queries.clear()
        handler.get("/titles/")
        needed.append(len(count_queries))

    assert needed[0] == needed[1] <= 8
