"""Tenants from a file, with the days as they were."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest
import sqlalchemy as sa

from matchmaker.core.db import db, transaction
from matchmaker.core.importing import ImportRun
from matchmaker.core.tabular import guess_mapping, read_table
from matchmaker.incubation import importers
from matchmaker.incubation.models import Tenancy
from matchmaker.incubation.rules import TenancyState
from tests.factories.directory import an_organisation
from tests.factories.incubation import a_carrier

HEAD = ["载体", "企业名称", "入驻日期", "离开日期", "状态", "毕业条件"]


@pytest.fixture
def world(app, now):
    carriers = a_carrier(name="红光山孵化器"), a_carrier(name="七坊街众创空间")
    return *carriers, an_organisation(name="云图安防科技有限公司", founded=date(2018, 5, 1))


def imported(*rows):
    text = io.StringIO()
    csv.writer(text).writerows([HEAD, *rows])
    table = read_table(io.BytesIO(text.getvalue().encode()), "名录.csv")
    with transaction():
        run = ImportRun(table, guess_mapping(table.headers, importers.FIELDS), importers.FIELDS, region="650105")
        importers.load(run)
        return {key: n for key, n in run.counts.items() if n}, run.reports


def rows():
    return db.session.execute(sa.select(Tenancy).order_by(Tenancy.entered)).unique().scalars().all()


def test_a_past_stay_is_noted_once_and_a_second_import_changes_nothing(world):
    row = ["红光山孵化器", "云图安防科技有限公司", "2019-03-01", "2022-03-01", "毕业", "revenue"]

    assert imported(row)[0] == {"created": 1}
    assert imported(row)[0] == {"unchanged": 1}
    stay = rows()[0]
    assert (stay.state, stay.left, stay.historic) == (TenancyState.GRADUATED, date(2022, 3, 1), False)


def test_a_firm_that_was_too_old_is_admitted_as_history_with_a_note(world):
    counts, reports = imported(["红光山孵化器", "云图安防科技有限公司", "2021-03-01", "", "在孵", ""])

    assert counts == {"created": 1}
    assert "历史补录" in reports[0].notes[0].message
    assert rows()[0].historic is True


def test_moving_from_carrier_to_carrier_is_understood_in_any_order(world):
    counts, _reports = imported(
        ["七坊街众创空间", world[2].uscc, "2022-03-01", "", "", ""],
        ["红光山孵化器", "云图安防科技有限公司", "2019-03-01", "2022-03-01", "", ""],
    )

    assert counts == {"created": 2}
    assert [row.state for row in rows()] == [TenancyState.LEFT, TenancyState.INCUBATING]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (["没有的载体", "云图安防科技有限公司", "2019-03-01", "", "", ""], "没有登记过这家载体"),
        (["红光山孵化器", "没有的企业", "2019-03-01", "", "", ""], "主体库中没有"),
        (["红光山孵化器", "云图安防科技有限公司", "2019-03-01", "2018-03-01", "", ""], "早于入驻日期"),
        (["红光山孵化器", "云图安防科技有限公司", "2017-03-01", "", "", ""], "早于企业成立日期"),
        (["红光山孵化器", "云图安防科技有限公司", "2027-03-01", "", "", ""], "晚于今天"),
        (["红光山孵化器", "云图安防科技有限公司", "2019-03-01", "2020-03-01", "在孵", ""], "不能还是"),
        (["红光山孵化器", "云图安防科技有限公司", "2019-03-01", "", "毕业", ""], "请补上离开日期"),
        (["红光山孵化器", "云图安防科技有限公司", "2019-03-01", "", "申请", ""], "请在线提交"),
    ],
)
def test_a_row_that_cannot_be_is_refused_with_a_sentence(world, row, words):
    counts, reports = imported(row)

    assert counts == {"refused": 1}
    assert words in reports[0].notes[0].message
    assert rows() == []


def test_overlapping_stays_in_one_file_are_refused(world):
    counts, _reports = imported(
        ["红光山孵化器", "云图安防科技有限公司", "2019-03-01", "", "", ""],
        ["七坊街众创空间", "云图安防科技有限公司", "2020-03-01", "", "", ""],
    )

    assert counts == {"created": 1, "refused": 1}


def test_a_later_file_ends_a_stay(world):
    imported(["红光山孵化器", "云图安防科技有限公司", "2019-03-01", "", "", ""])

    counts, _reports = imported(["红光山孵化器", "云图安防科技有限公司", "2019-03-01", "2021-03-01", "退出", ""])

    assert counts == {"updated": 1}
    assert (rows()[0].state, rows()[0].left) == (TenancyState.LEFT, date(2021, 3, 1))
