"""Uploaded tables are read as a person meant them, and a bad file is refused in one sentence."""

import gzip
import io
import os
import time
import zipfile
from datetime import datetime
from pathlib import Path

import pytest
import xlsxwriter

from matchmaker.core.errors import DomainError
from matchmaker.core.tabular import Limits, Row, RowError, read_table

SHARED = Path(os.environ.get("MATCHMAKER_SHARED_DATA") or Path(__file__).parents[3] / "shared" / "data")
if not SHARED.is_dir():
    SHARED = Path(__file__).parents[4] / "shared" / "data"


def table(content: bytes, name="名单.csv", **limits):
    return read_table(io.BytesIO(content), name, limits=Limits(**limits))


def values(content: bytes, name="名单.csv"):
    return [row.values for row in table(content, name)]


def refusal(content: bytes, name="名单.csv", **limits) -> str:
    with pytest.raises(DomainError) as caught:
        table(content, name, **limits)
    assert caught.value.field == "file"
    return str(caught.value)


def workbook(*rows, fill=None) -> bytes:
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, {"in_memory": True, "strings_to_formulas": False})
    sheet = book.add_worksheet()
    for line, row in enumerate(rows):
        sheet.write_row(line, 0, row)
    if fill:
        fill(book, sheet)
    book.close()
    return content.getvalue()


def package(**members: bytes) -> bytes:
    """A workbook with some members replaced or added; `__` in a name stands for `/`."""
    content = io.BytesIO()
    changed = {name.replace("__", "/").replace("_dot_", "."): body for name, body in members.items()}
    with zipfile.ZipFile(io.BytesIO(workbook(["名称", "代码"], ["甲", "1"]))) as source:
        kept = {name: source.read(name) for name in source.namelist()}
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as target:
        for name, body in (kept | changed).items():
            target.writestr(name, body)
    return content.getvalue()


# --- what is read ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_in_every_encoding_and_delimiter(encoding, delimiter):
    text = f"单位名称{delimiter}联系人\r\n水磨沟科技有限公司{delimiter}张三\r\n\r\n乙公司{delimiter}李四\r\n"

    rows = list(table(text.encode(encoding)))

    assert rows == [
        Row(2, {"单位名称": "水磨沟科技有限公司", "联系人": "张三"}),
        Row(4, {"单位名称": "乙公司", "联系人": "李四"}),
    ]


def test_csv_with_heading_above_and_empty_columns_behind():
    content = "企业名单,,,\n,,,\n名称,代码,,\n甲,1,,\n".encode()

    assert values(content) == [{"名称": "甲", "代码": "1"}]


def test_csv_short_row_is_filled_and_long_row_is_reported():
    rows = list(table("名称,代码\n甲\n乙,2,错位\n".encode()))

    assert rows == [
        Row(2, {"名称": "甲", "代码": ""}),
        Row(3, {"名称": "乙", "代码": "2"}, (RowError(3, "", "本行比表头多 {n} 格，请检查是否错位", {"n": 1}),)),
    ]


def test_csv_unescapes_defused_formulas_and_quoted_numbers():
    assert values('名称,代码\n"\'=1+1","=""00123"""\n'.encode()) == [{"名称": "=1+1", "代码": "00123"}]


def test_xlsx_cells_read_as_typed():
    def fill(book, sheet):
        sheet.write_datetime(1, 5, datetime(2026, 3, 1), book.add_format({"num_format": "yyyy-mm-dd"}))
        sheet.write_datetime(1, 6, datetime(2026, 3, 1, 9, 30), book.add_format({"num_format": "yyyy-mm-dd hh:mm"}))

    content = workbook(
        ["名称", "人数", "收入", "电话", "合规", "日期", "时刻"],
        ["甲", 1.0, 0.1 + 0.2, 13800000000, True],
        fill=fill,
    )

    assert list(table(content, "a.xlsx")) == [
        Row(
            2,
            {
                "名称": "甲",
                "人数": "1",
                "收入": "0.3",
                "电话": "13800000000",
                "合规": "是",
                "日期": "2026-03-01",
                "时刻": "2026-03-01 09:30",
            },
        )
    ]


def test_xlsx_hidden_first_sheet_is_passed_over():
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, {"in_memory": True})
    hidden, shown = book.add_worksheet("字典"), book.add_worksheet("数据")
    hidden.write_row(0, 0, ["x", "=1"])
    shown.write_row(1, 0, ["名称", "代码"])
    shown.write_row(2, 0, ["甲", "1"])
    shown.activate()
    hidden.hide()
    book.close()

    assert list(table(content.getvalue(), "a.xlsx")) == [Row(3, {"名称": "甲", "代码": "1"})]


def test_json_lines_keep_lists_and_fill_missing_keys():
    content = '{"题名": "a", "关键词": ["水", "磨"], "年": 2026}\n\n{"题名": "b", "备注": null}\n'.encode()

    assert list(table(content, "a.jsonl")) == [
        Row(1, {"题名": "a", "关键词": ["水", "磨"], "年": "2026", "备注": ""}),
        Row(3, {"题名": "b", "关键词": "", "年": "", "备注": ""}),
    ]


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx", "a.jsonl"])
def test_gzip_of_each_format(name):
    content = {
        "a.csv": "名称,代码\n甲,1\n".encode(),
        "a.xlsx": workbook(["名称", "代码"], ["甲", "1"]),
        "a.jsonl": '{"名称": "甲", "代码": "1"}'.encode(),
    }[name]

    assert values(gzip.compress(content, mtime=0), f"{name}.GZ") == [{"名称": "甲", "代码": "1"}]


@pytest.mark.parametrize(
    ("number", "text"), [("1.0", "1"), ("1e3", "1000"), ("0.1", "0.1"), ("1e-7", "0.0000001"), ("1e999", "inf")]
)
def test_numbers_are_written_without_exponent(number, text):
    assert values(f'{{"数": {number}}}'.encode(), "a.jsonl") == [{"数": text}]


def test_table_may_be_gone_through_twice_and_counts_its_rows():
    read = table("名称,代码\n甲,1\n乙,2\n".encode())

    assert len(read) == 2
    assert list(read) == list(read)


# --- what is refused ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["big5", "utf-16", "shift-jis", "latin-1"])
def test_wrong_encoding_is_refused_with_what_to_do(encoding):
    text = "naïve café,coût élevé\nè,é\n" if encoding == "latin-1" else "公司名稱,業務內容\n國際電腦,資訊軟體開發\n"

    assert "另存为“CSV UTF-8”" in refusal(text.encode(encoding, "replace"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "文件是空的；请检查后重新上传"),
        ("\n,\n", "文件里没有内容；请在第一行填写表头，从第二行起填写数据"),
        ("名称,代码,名称\n", "表头“名称”出现了两次；请改名或删去其中一列"),
        ("名称,,代码\n", "第 2 列没有表头；请补上列名，或删去这一列"),
        ("名称,代码\n甲,=1+1\n", "第 2 行有公式（以 = 开头）；请复制后“选择性粘贴为数值”，再保存上传"),
        ('名称,代码\n"甲,1\n乙,2\n', "第 2 行的引号没有成对；请改正后重新上传"),
        ("名称,代码\n甲,\x00\n", "第 2 行“代码”含有无法保存的控制字符；请重新输入这一格"),
    ],
)
def test_bad_csv_is_refused_in_one_sentence(text, said):
    assert refusal(text.encode()) == said


def test_cell_of_five_megabytes_is_refused_in_each_format():
    huge = "长" * 1_700_000
    said = "第 2 行“简介”有 {n} 个字，一格最多 32767 个字；请缩短后重新上传"

    assert refusal(f"名称,简介\n甲,{'长' * 40_000}\n".encode()) == said.format(n=40_000)
    assert refusal(f"名称,简介\n甲,{huge}\n".encode()).startswith("第 2 行有一格超过 32767 个字")
    assert refusal(f'{{"简介": "{huge}"}}'.encode(), "a.jsonl").startswith("第 1 行“简介”有 1700000 个字")
    assert refusal(package(xl__worksheets__sheet1_dot_xml=inline_sheet(huge)), "a.xlsx") == said.format(n=1_700_000)


def inline_sheet(text: str) -> bytes:
    cell = '<c r="{}" t="inlineStr"><is><t>{}</t></is></c>'
    rows = [("A1", "名称"), ("B1", "简介")], [("A2", "甲"), ("B2", text)]
    body = "".join(f"<row>{''.join(cell.format(*each) for each in row)}</row>" for row in rows)
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    # spread, so that the ratio guard does not speak first
    return f'<worksheet xmlns="{space}"><sheetData>{body}</sheetData></worksheet>'.encode() + noise(60_000)


def noise(size: int) -> bytes:
    return b"<!--" + os.urandom(size // 2).hex().encode() + b"-->"


@pytest.mark.parametrize(
    "member", [{"xl__worksheets__sheet1_dot_xml": bytes(150_000_000)}, {"xl__media__a_dot_bin": bytes(2_000_000)}]
)
def test_zip_bomb_in_a_workbook_is_refused(member):
    started = time.perf_counter()

    assert "压缩炸弹" in refusal(package(**member), "a.xlsx")
    assert time.perf_counter() - started < 10


def test_workbook_expanding_beyond_the_limit_is_refused():
    content = package(xl__media__a_dot_bin=os.urandom(300_000))

    assert refusal(content, "a.xlsx", expanded_bytes=200_000) == "文件解压后超过 0 MB；请分成几个文件上传"


@pytest.mark.parametrize("name", ["../evil.xml", "/etc/evil.xml", "C:/evil.xml", "xl/../../evil.xml", "..\\evil.xml"])
def test_workbook_with_a_path_leading_out_is_refused(name):
    assert "已损坏" in refusal(package(**{name: b"x"}), "a.xlsx")


def test_workbook_with_a_doctype_is_refused():
    bomb = b'<!DOCTYPE a [<!ENTITY b "cc">]><worksheet><sheetData><row><c><v>&b;</v></c></row></sheetData></worksheet>'

    assert "已损坏" in refusal(package(xl__worksheets__sheet1_dot_xml=bomb), "a.xlsx")


def test_workbook_with_a_cell_in_the_far_corner_is_refused():
    far = b'<worksheet><sheetData><row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'

    assert refusal(package(xl__worksheets__sheet1_dot_xml=far), "a.xlsx").startswith("工作表的范围过大")


def test_formula_cells_are_refused_by_line():
    def fill(_, sheet):
        for line in (1, 3):
            sheet.write_formula(line, 1, "=1+1", None, 2)

    content = workbook(["名称", "数"], ["甲"], ["乙", 1], ["丙"], fill=fill)

    assert refusal(content, "a.xlsx") == "第 2、4 行有公式；请复制后“选择性粘贴为数值”，再保存上传"


def test_number_of_more_digits_than_a_spreadsheet_keeps_is_refused():
    content = workbook(["名称", "身份证号"], ["甲", 650105199001011234])

    assert refusal(content, "a.xlsx").startswith("第 2 行第 2 列的数字超过 15 位")


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"x", "a.pdf", "只能读取 CSV、XLSX 或 JSON Lines 文件"),
        (b"x", "a.csv.gz.gz", "只能读取 CSV、XLSX 或 JSON Lines 文件"),
        (b"PK\x03\x04 and so on", "a.csv", "文件内容是 Excel 工作簿或压缩包"),
        (b"PK\x03\x04 and so on", "a.xlsx", "Excel 文件已损坏"),
        (b"\xd0\xcf\x11\xe0 old", "a.xlsx", "文件是旧版 .xls 或加了密码"),
        (b"name,code", "a.xlsx", "文件名以 .xlsx 结尾，内容却不是"),
        (b"name,code", "a.csv.gz", "文件名以 .gz 结尾，内容却不是"),
        (gzip.compress(b"name,code", mtime=0)[:-9], "a.csv.gz", "压缩文件已损坏"),
    ],
)
def test_content_that_is_not_what_the_name_says_is_refused(content, name, said):
    assert refusal(content, name).startswith(said)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[1, 2]", "第 1 行不是 JSON 对象"),
        ('{"a": 1', "第 1 行不是完整的 JSON"),
        ("[" * 100_000, "第 1 行不是完整的 JSON"),
        ('{"a": NaN}', "第 1 行不是完整的 JSON"),
        ('{"a": 1, "a": 2}', "第 1 行的键“a”出现了两次"),
        ('{"a": {"b": 1}}', "第 1 行“a”里嵌套了对象"),
        ('{"a": "\\ud800"}', "第 1 行“a”含有无法保存的控制字符"),
        ("{}", "文件里没有内容"),
    ],
)
def test_bad_json_lines_are_refused_in_one_sentence(text, said):
    assert refusal(text.encode(), "a.jsonl").startswith(said)


def test_limits_of_size_rows_and_columns():
    content = b"a,b\n1,2\n3,4\n"

    assert refusal(content, file_bytes=5) == "文件超过 0 MB；请分成几个文件上传"
    assert refusal(gzip.compress(bytes(3_000_000), mtime=0), "a.csv.gz", expanded_bytes=2_000_000).startswith(
        "文件解压后超过 2 MB"
    )
    assert refusal(content, rows=1) == "文件超过 1 行；请分成几个文件上传"
    assert refusal(content, columns=1) == "表格有 2 列，最多 1 列；请删去不需要的列"


# --- real files -----------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not SHARED.is_dir(), reason="the folder ../shared/data is not beside this checkout")
@pytest.mark.parametrize(("name", "rows"), [("listed_companies.csv.gz", 4654), ("papers_zh.jsonl.gz", 1000)])
def test_real_files_are_read_whole(name, rows):
    started = time.perf_counter()

    read = read_table(SHARED / name, name)

    print(f"{name}: {rows} rows in {time.perf_counter() - started:.2f} s")
    assert len(read) == len(list(read)) == rows
