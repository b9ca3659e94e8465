"""Importing organisations: keys, histories, held rows, shifted cells, and the real company file."""

from __future__ import annotations

import time

import pytest
import sqlalchemy as sa

from matchmaker.core.db import db, transaction
from matchmaker.core.tabular import read_table
from matchmaker.directory.models import HeldRecord, Organisation
from matchmaker.directory.rules import OrganisationState, demo_uscc
from tests.conftest import shared_data
from tests.factories.directory import an_organisation
from tests.factories.imports import a_table, imported, messages, outcomes

HEADERS = "单位名称|统一社会信用代码|证券代码|成立日期"
CODE = demo_uscc(9001)


def organisations():
    statement = sa.select(Organisation).order_by(Organisation.id)
    return list(db.session.execute(statement).unique().scalars())


def test_a_new_firm_waits_to_be_claimed(app, now):
    run = imported("organisations", a_table(HEADERS, f"新疆磨溪科技有限公司|{CODE.lower()}||2020-01-05"))

    (row,) = organisations()
    assert outcomes(run) == ["created"]
    assert (row.name, row.uscc, row.state, row.region, row.pinyin) == (
        "新疆磨溪科技有限公司",
        CODE,
        OrganisationState.UNCLAIMED,
        "650105",
        "xjmxkjyxgs",
    )


def test_a_code_may_be_missing(app, now):
    run = imported("organisations", a_table(HEADERS, "新疆磨溪科技有限公司|||"))

    assert outcomes(run) == ["created"]
    assert organisations()[0].uscc is None


def test_rows_of_one_code_become_one_firm_with_a_history(app, now):
    run = imported("organisations", a_table(HEADERS, "海尔智家股份有限公司||600690|", "青岛海尔股份有限公司||600690|"))

    (row,) = organisations()
    assert outcomes(run) == ["created", "merged"]
    assert (row.name, [former.name for former in row.names]) == ("海尔智家股份有限公司", ["青岛海尔股份有限公司"])


def test_names_without_a_common_stem_are_held_and_nothing_is_created(app, now):
    table = a_table(HEADERS, "江苏京源环保股份有限公司||688096|", "大连港股份有限公司||688096|")

    run, again = imported("organisations", table), imported("organisations", table)

    (held,) = db.session.execute(sa.select(HeldRecord)).scalars()
    assert outcomes(run) == outcomes(again) == ["held", "held"]
    assert organisations() == []
    assert [row["values"]["name"] for row in held.data["rows"]] == ["江苏京源环保股份有限公司", "大连港股份有限公司"]


def test_an_unreadable_cell_is_left_empty_and_reported_by_line(app, now):
    run = imported("organisations", a_table(HEADERS, "新疆磨溪科技有限公司|||深圳证券交易所"))

    assert outcomes(run) == ["created"]
    assert "成立日期" in messages(run)[0]
    assert organisations()[0].founded is None


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        (f"新疆磨溪科技有限公司|{CODE[:17]}0||", "校验不符"),
        ("新疆磨溪科技有限公司|123||", "应为 18 位"),
        (f"|{CODE}||", "必填"),
    ],
)
def test_a_row_without_a_name_or_with_a_wrong_code_is_refused(app, now, cells, reason):
    run = imported("organisations", a_table(HEADERS, cells))

    assert outcomes(run) == ["refused"]
    assert reason in messages(run)[0]
    assert organisations() == []


def test_a_new_name_of_a_known_code_keeps_the_old_one(app, now):
    an_organisation(name="磨溪软件有限公司", uscc=CODE)

    run = imported("organisations", a_table(HEADERS, f"新疆磨溪软件集团有限公司|{CODE}||"))

    (row,) = organisations()
    assert outcomes(run) == ["updated"]
    assert (row.name, [former.name for former in row.names]) == ("新疆磨溪软件集团有限公司", ["磨溪软件有限公司"])


def test_an_old_file_does_not_bring_an_old_name_back(app, now):
    imported("organisations", a_table(HEADERS, f"磨溪软件有限公司|{CODE}||"))
    imported("organisations", a_table(HEADERS, f"新疆磨溪软件集团有限公司|{CODE}||"))

    run = imported("organisations", a_table(HEADERS, f"磨溪软件有限公司|{CODE}||"))

    assert outcomes(run) == ["unchanged"]
    assert organisations()[0].name == "新疆磨溪软件集团有限公司"


def test_an_empty_cell_erases_nothing_and_a_missing_code_is_filled_in(app, now):
    imported("organisations", a_table(HEADERS, "磨溪软件有限公司||688999|2020-01-05"))

    run = imported("organisations", a_table(HEADERS, f"磨溪软件有限公司|{CODE}|688999|"))

    (row,) = organisations()
    assert outcomes(run) == ["updated"]
    assert (row.uscc, f"{row.founded}") == (CODE, "2020-01-05")


def test_another_regions_firm_is_not_touched(app, now):
    an_organisation(name="磨溪软件有限公司", uscc=CODE, region="650104")

    run = imported("organisations", a_table(HEADERS, f"新疆磨溪软件有限公司|{CODE}||"))

    assert outcomes(run) == ["refused"]
    assert organisations()[0].name == "磨溪软件有限公司"


def test_the_code_of_a_merged_record_leads_to_the_kept_one(app, now):
    kept, dropped = an_organisation(name="磨溪软件有限公司"), an_organisation(name="磨溪甲有限公司", uscc=CODE)
    with transaction():
        db.session.get(Organisation, dropped.id).merged_into_id = kept.id

    run = imported("organisations", a_table(HEADERS, f"磨溪软件有限公司|{CODE}||2020-01-05"))

    assert outcomes(run) == ["updated"]
    assert f"{organisations()[0].founded}" == "2020-01-05"


def test_a_dry_run_tells_the_same_and_changes_nothing(app, now):
    table = a_table(HEADERS, "海尔智家股份有限公司||600690|", "青岛海尔股份有限公司||600690|")

    run = imported("organisations", table, dry=True)

    assert outcomes(run) == ["created", "merged"]
    assert organisations() == []


@pytest.mark.parametrize("rows", [1, 3])
def test_the_number_of_queries_does_not_grow_with_the_rows(app, now, count_queries, rows):
    table = a_table(HEADERS, *(f"磨溪{chr(0x4E00 + n)}软件有限公司||60000{n}|" for n in range(rows)))
    imported("organisations", table)
    count_queries.clear()

    imported("organisations", table)

    assert len(count_queries) == 6


@pytest.mark.skipif(
    not (shared_data() / "listed_companies.csv.gz").exists(), reason="no shared data beside the checkout"
)
def test_the_real_company_file_adds_up_and_a_second_import_changes_nothing(app, now):
    path = shared_data() / "listed_companies.csv.gz"
    started = time.monotonic()

    first = imported("organisations", read_table(path, path.name))
    elapsed = time.monotonic() - started
    second = imported("organisations", read_table(path, path.name))

    assert len(first.table) == sum(first.counts.values()) == 4654
    assert first.counts | {"created": 4569, "merged": 36, "held": 49, "refused": 0} == first.counts
    assert len(first.warnings) == 87
    assert second.counts | {"unchanged": 4605, "held": 49, "created": 0, "updated": 0} == second.counts
    assert len(organisations()) == 4569
    assert elapsed < 60
