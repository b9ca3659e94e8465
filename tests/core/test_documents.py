"""Documents carry their data as text, in fonts that show Chinese, and tables that office programs can edit."""

import io
import xml.etree.ElementTree as ET
from datetime import date

import pytest
from docx import Document
from docx.oxml.ns import qn
from pypdf import PdfReader

from matchmaker.core import documents
from matchmaker.core.errors import DomainError, Missing
from matchmaker.core.spreadsheets import Export, ExportColumn

EVIL = '#read("/etc/passwd") *粗* $x$ #image("a.png") \\ <b>'
COLUMNS = [ExportColumn("name", "单位名称"), ExportColumn("fee", "金额", "money")]
NOTICE = {
    "mark": "示例区科学技术局文件",
    "number": "示科发〔2026〕1 号",
    "title": "关于拟入库名单的公示",
    "addressee": "各有关单位",
    "paragraphs": ["现予公示。", {"heading": "一、异议"}, EVIL],
    "table": {"caption": "名单", "columns": [{"title": "序号"}, {"title": "单位", "weight": 4}], "rows": [["1", "甲"]]},
    "contacts": [{"label": "联系人", "value": "科技管理科"}],
    "attachments": ["名单", "申请表"],
    "issuer": "示例区科学技术局",
    "date": "2026年3月1日",
}


def text(content: bytes) -> str:
    """All text of a PDF without white space, since lines break where they must."""
    return "".join("".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(content)).pages)


def bare(value: str) -> str:
    return "".join(value.split())


def export(rows, title="名单"):
    return Export(COLUMNS, rows, title, "共 2 家", notes=["注：样例"])


def test_list_prints_code_literally():
    printed = text(documents.pdf_list(export([[EVIL, 1]], title=EVIL), day=date(2026, 3, 1)))

    assert printed.count(bare(EVIL)) == 3  # title, cell, footer
    assert "root:" not in printed
    assert "2026年3月1日" in printed


def test_list_repeats_its_head_on_each_page():
    content = documents.pdf_list(export([[f"第{i}家", i] for i in range(100)]))

    pages = PdfReader(io.BytesIO(content)).pages
    assert len(pages) == 3
    assert all("单位名称" in page.extract_text() for page in pages)


def test_list_too_long_for_paper_is_refused():
    with pytest.raises(DomainError) as caught:
        documents.pdf_list(export([["甲", 1]] * 5_001))

    assert str(caught.value) == "超过 5000 行，不便打印；请缩小范围，或导出为 Excel"


def test_list_without_rows_is_still_a_document():
    assert "单位名称" in text(documents.pdf_list(export([])))
    assert len(Document(io.BytesIO(documents.docx_list(export([])))).tables[0].rows) == 1


def test_every_font_of_a_document_is_embedded():
    content = documents.pdf("notice", NOTICE)

    for page in PdfReader(io.BytesIO(content)).pages:
        for font in page["/Resources"]["/Font"].values():
            descriptor = font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"]
            assert {"/FontFile", "/FontFile2", "/FontFile3"} & set(descriptor)


def test_documents_need_no_font_but_the_one_installed_with_us(monkeypatch):
    carried = documents.font_dirs()[0]
    monkeypatch.setattr(documents, "font_dirs", lambda: (carried,))

    assert "noto_cjk" in carried
    assert bare(NOTICE["title"]) in text(documents.pdf("notice", NOTICE))


def test_notice_says_everything_it_was_given():
    printed = text(documents.pdf("notice", NOTICE))

    for part in ("mark", "number", "title", "addressee", "issuer", "date"):
        assert bare(NOTICE[part]) in printed
    for part in ("现予公示。", "一、异议", EVIL, "名单", "联系人：科技管理科", "附件：1.名单2.申请表", "—1—"):
        assert bare(part) in printed


def test_certificate_says_everything_and_carries_its_code():
    address = "https://example.gov.cn/certificates/check/A-1"
    data = {
        "title": "获奖证书",
        "holder": EVIL,
        "text": "荣获",
        "award": "一等奖",
        "number": "A-1",
        "issuer": "示例区科学技术局",
        "date": "2026年3月1日",
        "check_url": address,
        "qr": documents.qr_svg(address),
    }

    content = documents.pdf("certificate", data)

    assert len(PdfReader(io.BytesIO(content)).pages) == 1
    for part in ("获奖证书", EVIL, "一等奖", "A-1", "示例区科学技术局", address, "查验真伪"):
        assert bare(part) in text(content)


def test_score_sheet_has_criteria_and_total():
    criteria = [{"title": "创新性", "weight": "60%", "score": "50"}, {"title": "市场", "weight": "40%"}]

    printed = text(documents.pdf("score_sheet", {"title": "评分表", "criteria": criteria, "total": "50"}))

    for part in ("评分表", "创新性", "60%", "总分", "评委签名"):
        assert part in printed


@pytest.mark.parametrize("template", ["list", "notice", "certificate", "score_sheet"])
def test_every_template_stands_without_data(template):
    assert documents.pdf(template, {}).startswith(b"%PDF")


@pytest.mark.parametrize("template", ["../documents/list", "none", "/etc/passwd", ""])
def test_unknown_template_is_missing(template):
    with pytest.raises(Missing):
        documents.pdf(template, {})


def test_qr_is_svg_without_scripts():
    root = ET.fromstring(documents.qr_svg("https://example.gov.cn/x?a=1&b=2"))

    assert {element.tag.rpartition("}")[2] for element in root.iter()} == {"svg", "path"}


def test_docx_list_is_a_real_table_with_a_repeating_head():
    document = Document(io.BytesIO(documents.docx_list(export([["甲\x00", 1.5], [EVIL, 2]]))))

    (table,) = document.tables
    assert [[cell.text for cell in row.cells] for row in table.rows] == [
        ["单位名称", "金额"],
        ["甲", "1.50"],
        [EVIL, "2.00"],
    ]
    heads = [row._tr.trPr.find(qn("w:tblHeader")) is not None for row in table.rows]
    assert heads == [True, False, False]


def test_docx_notice_names_chinese_fonts_for_every_run():
    document = Document(io.BytesIO(documents.docx_notice(NOTICE)))

    texts = [line.text for line in document.paragraphs]
    assert [part for part in texts if part][:4] == [NOTICE["mark"], NOTICE["number"], NOTICE["title"], "各有关单位："]
    assert EVIL in texts
    assert texts[-2:] == [NOTICE["issuer"], NOTICE["date"]]
    fonts = {run.element.rPr.rFonts.get(qn("w:eastAsia")) for line in document.paragraphs for run in line.runs}
    assert fonts == {"仿宋", "宋体", "黑体"}
    assert document.styles["Normal"].element.rPr.rFonts.get(qn("w:eastAsia")) == "仿宋"


def test_chinese_day_has_no_leading_zeros():
    assert documents.chinese_day(date(2026, 3, 1)) == "2026年3月1日"
