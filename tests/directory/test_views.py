"""Pages of the directory: who gets in, what they see, what they can do."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from matchmaker.accounts.rules import Role
from matchmaker.core.db import db, transaction
from matchmaker.directory.models import HeldRecord, Organisation, PersonDocument
from matchmaker.directory.rules import DocumentKind, OrganisationState, demo_uscc
from tests.cast import a_user, sign_in
from tests.factories.directory import a_person, an_organisation
from tests.factories.imports import a_table, imported

CODE = demo_uscc(9003)


@pytest.fixture
def staff(client, now):
    return sign_in(client, a_user(Role.HANDLER))


def test_nobody_is_asked_to_sign_in_and_a_firm_may_not_read_the_register(client, now):
    assert client.get("/directory/organisations/").status_code == 303

    sign_in(client, a_user(organisation=an_organisation()))

    assert client.get("/directory/organisations/").status_code == 403


def test_the_other_regions_organisation_is_not_found(staff):
    stranger = an_organisation(region="650104")

    for path in ("", "/edit", "/rename", "/merge", "/move/active"):
        assert staff.get(f"/directory/organisations/{stranger.id}{path}").status_code == 404


def test_the_list_searches_old_names_and_pinyin_and_exports_what_is_shown(staff):
    imported(
        "organisations", a_table("单位名称|证券代码", "海尔智家股份有限公司|600690", "青岛海尔股份有限公司|600690")
    )
    an_organisation(name="磨溪软件有限公司")

    for words in ("青岛海尔", "hezj", "600690"):
        page = staff.get("/directory/organisations/", query_string={"q": words}).text
        assert "海尔智家股份有限公司" in page
        assert "磨溪软件" not in page
    table = staff.get("/directory/organisations/?q=hezj&format=csv").text
    assert "海尔智家股份有限公司" in table
    assert "磨溪软件" not in table


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("kind=university", False),
        ("state=active", True),
        ("industry=smart_security", True),
        ("industry=tourism", False),
        ("field=1", True),
        ("field=2", False),
        ("year=2020", True),
        ("year=2019", False),
        ("nocode=1", False),
    ],
)
def test_filters_narrow_the_list(staff, query, shown):
    from datetime import date

    an_organisation(name="磨溪软件有限公司", key_industries=["smart_security"], fields=["1"], founded=date(2020, 5, 1))

    assert ("磨溪软件有限公司" in staff.get(f"/directory/organisations/?{query}").text) is shown


@pytest.mark.parametrize("rows", [1, 3])
def test_lists_run_a_fixed_number_of_queries(staff, count_queries, rows):
    for _n in range(rows):
        unit = an_organisation()
        a_person(organisation_id=unit.id)
        imported(
            "organisations",
            a_table("单位名称|证券代码", f"江苏京源{_n}有限公司|68809{_n}", f"大连港务有限公司{_n}|68809{_n}"),
        )
    counted = []
    for path in ("organisations", "people", "held"):
        count_queries.clear()
        assert staff.get(f"/directory/{path}/").status_code == 200
        counted.append(len(count_queries))

    assert counted == QUERIES


QUERIES = [5, 5, 5]


def test_a_handler_enters_edits_renames_and_confirms(staff):
    wrong = staff.post(
        "/directory/organisations/new",
        data={"name": "磨溪软件有限公司", "region": "650105", "kind": "enterprise", "uscc": "123"},
    )
    assert wrong.status_code == 422
    assert "应为 18 位，现有 3 位" in wrong.text
    entered = staff.post(
        "/directory/organisations/new",
        data={
            "name": "磨溪软件有限公司",
            "region": "650105",
            "kind": "enterprise",
            "uscc": CODE,
            "revenue": "1,234.5",
            "fields": ["1", "4"],
            "key_industries": ["smart_security"],
            "industry_code": "I65",
        },
    )
    row = db.session.execute(sa.select(Organisation)).scalar_one()
    assert entered.location == f"/directory/organisations/{row.id}"
    assert (row.revenue_fen, row.fields, row.key_industries) == (1_234_500_000, ["1", "4"], ["smart_security"])

    form = {
        "version": row.version,
        "kind": "enterprise",
        "uscc": CODE,
        "staff_count": "12",
        "key_industries": ["smart_security"],
    }
    assert staff.post(f"/directory/organisations/{row.id}/edit", data=form).status_code == 303
    again = staff.post(f"/directory/organisations/{row.id}/edit", data={**form, "staff_count": "13"})
    assert again.status_code == 422
    assert "刚刚被别人改过" in again.text
    renamed = {"name": "青石软件有限公司", "since": "2026-01-05"}
    assert staff.post(f"/directory/organisations/{row.id}/rename", data=renamed).status_code == 303
    assert staff.post(f"/directory/organisations/{row.id}/move/active", data={}).status_code == 303

    page = staff.get(f"/directory/organisations/{row.id}").text
    assert [w for w in ("青石软件有限公司", "磨溪软件有限公司", "智慧安防", CODE, "有效") if w not in page] == []
    assert (row.state, row.staff_count) == (OrganisationState.ACTIVE, 12)


def test_merging_by_hand_leads_from_the_old_address_to_the_kept_record(staff):
    kept, dropped = an_organisation(name="磨溪软件有限公司", uscc=None), an_organisation(name="磨溪软件二有限公司")
    path = f"/directory/organisations/{kept.id}/merge"
    assert "磨溪软件二有限公司" in staff.get(path, query_string={"q": "软件二"}).text
    assert "磨溪软件二有限公司" in staff.get(path, query_string={"other": dropped.id}).text

    staff.post(path, data={"other": dropped.id, "reason": "同一家"})

    moved = staff.get(f"/directory/organisations/{dropped.id}")
    assert (moved.status_code, moved.location) == (303, f"/directory/organisations/{kept.id}")


def test_an_owner_sees_and_edits_their_own_and_no_other(client, now):
    mine, other = an_organisation(name="我的有限公司"), an_organisation(name="别家有限公司")
    sign_in(client, a_user(organisation=mine))

    assert "我的有限公司" in client.get("/directory/own").text
    assert client.get(f"/directory/organisations/{other.id}").status_code == 404
    assert client.get(f"/directory/own/{other.id}/edit").status_code == 404
    saved = client.post(f"/directory/own/{mine.id}/edit", data={"version": mine.version, "working_address": "新址"})

    assert saved.status_code == 303
    assert db.session.get(Organisation, mine.id).working_address == "新址"


def test_an_auditor_reads_and_changes_nothing(client, now):
    row = an_organisation(name="磨溪软件有限公司")
    sign_in(client, a_user(Role.AUDITOR))

    page = client.get(f"/directory/organisations/{row.id}")

    assert page.status_code == 200
    assert "合并重复" not in page.text
    assert client.get(f"/directory/organisations/{row.id}/edit").status_code == 403


def test_a_sample_person_says_that_it_is_no_person(staff):
    person = a_person(name="数学 · 样例研究者 01", sample=True)
    with transaction() as session:
        session.add(
            PersonDocument(
                person_id=person.id, kind=DocumentKind.PAPER, title="题目", text="<b>摘要</b>", source_key="P1"
            )
        )

    page = staff.get(f"/directory/people/{person.id}").text

    assert "不是真实的人" in page
    assert "&lt;b&gt;摘要" in page
    assert "数学 · 样例研究者 01" in staff.get("/directory/people/?q=样例").text


def test_a_held_record_is_decided_on_its_page(staff):
    imported(
        "organisations", a_table("单位名称|证券代码", "江苏京源环保股份有限公司|688096", "大连港股份有限公司|688096")
    )
    held = db.session.execute(sa.select(HeldRecord)).scalar_one()
    assert "大连港股份有限公司" in staff.get("/directory/held/").text
    assert "大连港股份有限公司" in staff.get(f"/directory/held/{held.id}").text
    assert staff.post(f"/directory/held/{held.id}", data={}).status_code == 422

    decided = staff.post(f"/directory/held/{held.id}", data={"decision": "one", "row": "0"})

    assert decided.status_code == 303
    assert db.session.execute(sa.select(Organisation.name)).scalars().all() == ["江苏京源环保股份有限公司"]
