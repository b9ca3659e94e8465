"""What a text gives away is found however it is written, and masked where it stands."""

from __future__ import annotations

import pytest

from matchmaker.matching.rules import masking
from matchmaker.matching.rules.masking import MarkKind

FIRM = "雪峰安防"


def found(text, **known):
    return [(mark.kind, mark.word) for mark in masking.find(text, **known)]


@pytest.mark.parametrize(
    ("text", "kind", "word"),
    [
        ("请打13800001234。", MarkKind.PHONE, "13800001234"),
        ("请打 138 0000 1234 找我", MarkKind.PHONE, "138 0000 1234"),
        ("电话１３８００００１２３４", MarkKind.PHONE, "１３８００００１２３４"),
        ("座机0991-1234567", MarkKind.PHONE, "0991-1234567"),
        ("写信 wang.li@example.cn 谢谢", MarkKind.MAIL, "wang.li@example.cn"),
        ("我们雪峰 安防的门禁", MarkKind.FIRM, "雪峰 安防"),
        ("雪\u200b峰安防", MarkKind.FIRM, "雪\u200b峰安防"),
        ("《雪亮平台》老死机", MarkKind.PRODUCT, "《雪亮平台》"),
        ("做“冰眼”的", MarkKind.PRODUCT, "“冰眼”"),
        ("SnowEye® 的识别率", MarkKind.PRODUCT, "SnowEye®"),
        ("XF-2000 的误报", MarkKind.PRODUCT, "XF-2000"),
    ],
)
def test_each_kind_is_found_as_it_stands(text, kind, word):
    assert (kind, word) in found(text, names=[FIRM])


@pytest.mark.parametrize(
    "text",
    ["订单号 201380000123456789", "按 GB/T 4754 和 GB50174 做", "RS485 接口，IP67", "TRL6 到 TRL8", "申报“专精特新”"],
)
def test_ordinary_designations_are_left_alone(text):
    assert found(text, names=[FIRM]) == []


def test_masking_replaces_marks_and_nothing_else():
    text = "我们雪峰安防的《冰眼》用了 13800001234 这个号"

    marks = masking.find(text, names=[FIRM])

    assert masking.masked(text, marks) == "我们〔本单位〕的〔产品〕用了 〔电话〕 这个号"
    assert "".join(piece for piece, _mark in masking.pieces(text, marks)) == text
    assert masking.find(masking.masked(text, marks), names=[FIRM]) == ()


def test_an_english_text_is_masked_in_english():
    text = "Call 13800001234 about our XF-2000."

    assert masking.masked(text, masking.find(text)) == "Call [phone] about our [product]."


def test_a_long_text_is_read_in_one_go():
    assert masking.find("字" * 200_000) == ()
