"""Exports say in every format what the list shows, and no cell becomes a formula."""

import io
import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from python_calamine import CalamineWorkbook

from matchmaker.core.errors import DomainError
from matchmaker.core.labels import Labelled
from matchmaker.core.spreadsheets import Export, ExportColumn, render, write_csv, write_json, write_xlsx
from matchmaker.core.tabular import read_table


class State(Labelled):
    OPEN = "open", "报名中"


COLUMNS = [
    ExportColumn("name", "单位名称"),
    ExportColumn("people", "人数", "integer"),
    ExportColumn("fee", "金额（元）", "money"),
    ExportColumn("share", "占比", "percent"),
    ExportColumn("day", "日期", "date"),
    ExportColumn("moment", "时间", "moment"),
    ExportColumn("state", "状态"),
]
ROW = [
    "甲公司",
    -3,
    Decimal("1234.5"),
    Decimal("0.125"),
    date(2026, 3, 1),
    datetime(2026, 3, 1, 18, 5, tzinfo=UTC),
    State.OPEN,
]
READ_BACK = ["甲公司", "-3", "1234.50", "12.5%", "2026-03-01", "2026-03-02 02:05", "报名中"]


@pytest.mark.parametrize("start", ["=1+1", "+86 991", "-x", "@cmd", "\tx", "\rx", "＝1", "＠x"])
def test_csv_defuses_formulas_and_gives_them_back(start):
    content = write_csv([ExportColumn("a", "名称"), ExportColumn("b", "代码")], [[start, "x"]])

    assert content.decode("utf-8-sig").split("\r\n", 1)[1].lstrip('"').startswith(f"'{start[0]}")
    (row,) = read_table(io.BytesIO(content), "a.csv")
    assert row.values["名称"] == start


def test_csv_keeps_numbers_and_shows_days_in_local_time():
    content = write_csv(COLUMNS, [ROW, [None] * 7])

    assert content.startswith(b"\xef\xbb\xbf")
    assert content.decode("utf-8-sig").split("\r\n")[1:3] == [",".join(READ_BACK), ",,,,,,"]


def test_csv_defuses_a_formula_in_a_number_column():
    content = write_csv([ExportColumn("n", "人数", "integer")], [["=1+1"], [-1]])

    assert content.decode("utf-8-sig") == "人数\r\n'=1+1\r\n-1\r\n"


def test_xlsx_has_typed_cells_and_reads_back():
    content = write_xlsx(COLUMNS, [ROW], title="名单:[2026]/*")

    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    assert book.sheet_names == ["名单  2026"]
    assert book.get_sheet_by_index(0).to_python()[1] == [
        "甲公司", -3.0, 1234.5, 0.125, date(2026, 3, 1), datetime(2026, 3, 2, 2, 5), "报名中"
    ]  # fmt: skip
    (row,) = read_table(io.BytesIO(content), "a.xlsx")
    assert list(row.values.values()) == ["甲公司", "-3", "1234.5", "0.125", "2026-03-01", "2026-03-02 02:05", "报名中"]


def test_xlsx_text_is_never_a_formula_or_a_link():
    texts = ["=1+1", "https://example.cn/", "{=1}", "\x00\x01坏", "长" * 40_000]
    content = write_xlsx([ExportColumn("a", "名称"), ExportColumn("b", "=2+2")], [[text, "x"] for text in texts])

    read = list(read_table(io.BytesIO(content), "a.xlsx"))
    assert [row.values["名称"] for row in read] == [*texts[:3], "坏", "长" * 32_767]
    assert list(read[0].values) == ["名称", "=2+2"]


def test_json_has_keys_and_numbers():
    (record,) = json.loads(write_json(COLUMNS, [ROW]))

    assert record == {
        "name": "甲公司",
        "people": -3,
        "fee": 1234.5,
        "share": 0.125,
        "day": "2026-03-01",
        "moment": "2026-03-01T18:05:00Z",
        "state": "报名中",
    }


@pytest.mark.parametrize(
    ("file_format", "mime", "start"),
    [
        ("csv", "text/csv; charset=utf-8", b"\xef\xbb\xbf"),
        ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", b"PK"),
        ("json", "application/json", b"["),
        ("pdf", "application/pdf", b"%PDF"),
        ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", b"PK"),
    ],
)
def test_render_gives_content_type_and_extension(file_format, mime, start):
    content, mimetype, extension = render(Export(COLUMNS, iter([ROW]), "名单", "2026 年"), file_format)

    assert (content[: len(start)], mimetype, extension) == (start, mime, file_format)


def test_render_refuses_an_unknown_format():
    with pytest.raises(DomainError, match="不能导出为这种格式"):
        render(Export(COLUMNS, [], "名单"), "exe")
