"""Columns find their fields by header, rows are parsed, faults are told by line and column."""

import io
from decimal import Decimal

import pytest

from matchmaker.core.errors import DomainError
from matchmaker.core.tabular import ImportField, Outcome, RowError, guess_mapping, map_rows, read_table, write_results

FIELDS = [
    ImportField("name", "单位名称", required=True, aliases=("企业名称", "full_name")),
    ImportField("code", "统一社会信用代码", aliases=("USCC",)),
    ImportField("capital", "注册资本", parse=Decimal, hint="请填写数字，单位万元"),
]


def table(text):
    return read_table(io.BytesIO(text.encode()), "a.csv")


@pytest.mark.parametrize(
    ("headers", "mapping"),
    [
        (["单位名称", "统一社会信用代码"], {"name": "单位名称", "code": "统一社会信用代码"}),
        (["＊企业 名称（必填）", "ｕｓｃｃ"], {"name": "＊企业 名称（必填）", "code": "ｕｓｃｃ"}),
        (["企业名称", "单位名称", "注册资本（万元）"], {"name": "单位名称", "capital": "注册资本（万元）"}),
        (["Full Name", "别的"], {"name": "Full Name"}),
        (["别的"], {}),
    ],
)
def test_guess_mapping_folds_headers(headers, mapping):
    assert guess_mapping(headers, FIELDS) == mapping


def test_map_rows_parses_and_reports_by_line_and_column():
    read = table("单位名称,注册资本\n 甲 ,12.5\n,3\n乙,很多\n丙,\n")

    rows = list(map_rows(read, guess_mapping(read.headers, FIELDS), FIELDS))

    assert [row.values for row in rows] == [
        {"name": "甲", "capital": Decimal("12.5")},
        {"name": None, "capital": Decimal(3)},
        {"name": "乙", "capital": None},
        {"name": "丙", "capital": None},
    ]
    assert [(error.line, error.column, str(error)) for row in rows for error in row.errors] == [
        (3, "单位名称", "必填，不能为空"),
        (4, "注册资本", "无法识别“很多”；请填写数字，单位万元"),
    ]


def test_map_rows_keeps_the_errors_of_the_reader():
    read = table("单位名称,注册资本\n甲,1,错位\n")

    (row,) = map_rows(read, guess_mapping(read.headers, FIELDS), FIELDS)

    assert row.errors == [RowError(2, "", "本行比表头多 {n} 格，请检查是否错位", {"n": 1})]


@pytest.mark.parametrize(
    ("mapping", "said"),
    [
        ({"code": "注册资本"}, "缺少必需的列：单位名称；请在文件中补上，或指定由哪一列对应"),
        ({"name": "没有"}, "文件里没有“没有”这一列；请重新选择"),
        ({"name": "名", "code": "名"}, "“名”这一列对应了两个字段；请只选一个"),
    ],
)
def test_map_rows_refuses_a_mapping_that_cannot_serve(mapping, said):
    read = table("名,注册资本\n甲,1\n")

    with pytest.raises(DomainError) as caught:
        map_rows(read, mapping, FIELDS)

    assert str(caught.value) == said


def test_result_file_names_line_outcome_and_message(tmp_path):
    outcomes = [Outcome(2, "新建"), Outcome(3, "拒绝", "=必填，不能为空")]
    buffer = io.BytesIO()

    write_results(tmp_path / "r.csv", outcomes)
    write_results(buffer, outcomes)

    assert (tmp_path / "r.csv").read_bytes() == buffer.getvalue()
    assert buffer.getvalue().decode("utf-8-sig") == "行号,结果,说明\r\n2,新建,\r\n3,拒绝,'=必填，不能为空\r\n"
