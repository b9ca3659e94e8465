"""What an upload is, told by its content."""

from __future__ import annotations

import pytest

from matchmaker.core.errors import DomainError
from matchmaker.files import rules
from matchmaker.files.rules import DOCUMENTS, SCANS
from tests.factories.files import PDF, a_package, a_picture

WORD = ("[Content_Types].xml", "word/document.xml")


def accept(name, content, kinds=DOCUMENTS, limit=10_000_000):
    return rules.accept(name=name, content=content, kinds=kinds, limit_bytes=limit, field="file")


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.pdf", PDF, rules.PDF),
        ("照片.JPG", a_picture("JPEG"), rules.JPEG),
        ("a.png", a_picture("PNG"), rules.PNG),
        ("a.docx", a_package(*WORD), rules.DOCX),
        ("a.xlsx", a_package("[Content_Types].xml", "xl/workbook.xml"), rules.XLSX),
        ("a.pptx", a_package("[Content_Types].xml", "ppt/presentation.xml"), rules.PPTX),
        ("a.ofd", a_package("OFD.xml", "Doc_0/Document.xml"), rules.OFD),
        ("a.wps", rules.OLE + b"\0" * 600, rules.OLD_OFFICE),
    ],
)
def test_accepted_kinds_are_told_by_content(name, content, kind):
    assert accept(name, content) == kind


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.pdf", b"", "空的"),
        ("a.html", b"<!doctype html><script>alert(1)</script>", "不能上传这种文件"),
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='x'/>", "不能上传这种文件"),
        ("a.png", b"<svg/>", "不能上传这种文件"),
        ("a.exe", b"MZ" + b"\0" * 100, "不能上传这种文件"),
        ("a.zip", a_package("a.txt"), "不能上传这种文件"),
        ("a.docx", b"PK\x03\x04 broken", "不能上传这种文件"),
        ("a.docx", PDF, "扩展名不符"),
        ("a.html", PDF, "扩展名不符"),
        ("a.pdf", PDF[:-8], "不完整"),
        ("a.pdf", b"%PDF-1.4 <script>alert(1)</script> %%EOF", "混有"),
        ("a.pdf", PDF + a_package("a.txt") + b"%%EOF", "混有"),
        ("a.docx", a_package(*WORD) + b"<html>", "混有"),
        ("a.doc", rules.OLE + a_package("a.txt"), "混有"),
        ("a.docx", a_package(*WORD, "word/vbaProject.bin"), "宏"),
        ("a.docx", a_package(*WORD, body=b"0" * 3_000_000), "解压后过大"),
    ],
)
def test_refused_with_one_sentence(name, content, sentence):
    with pytest.raises(DomainError, match=sentence) as caught:
        accept(name, content)

    assert caught.value.field == "file"


def test_too_large_is_refused():
    with pytest.raises(DomainError, match="超过 1 MB"):
        accept("a.pdf", PDF + b"0" * 1024**2, limit=1024**2)


def test_a_kind_that_is_not_asked_for_is_refused():
    with pytest.raises(DomainError, match="jpeg、jpg、pdf、png"):
        accept("a.docx", a_package(*WORD), kinds=SCANS)


@pytest.mark.parametrize(
    ("typed", "clean"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\用户\\申请表.docx", "申请表.docx"),
        ('a"b\r\nX: y.pdf', "abX y.pdf"),
        ("无害\u202efdp.exe", "无害fdp.exe"),
        ("...", "附件"),
        ("", "附件"),
    ],
)
def test_names_are_cleaned(typed, clean):
    assert rules.clean_name(typed) == clean


def test_long_names_keep_their_ending():
    assert rules.clean_name("长" * 300 + ".pdf") == "长" * 116 + ".pdf"
