"""One text in many spellings; masks that never show too much."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchmaker.core import folding

TEXTS = st.text()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ＡＢＣ科技", "abc科技"),
        ("新疆天业（集团）", "新疆天业(集团)"),
        ("国办发〔2016〕32号", "国办发[2016]３２号"),
        ("阿不都·热合曼", "阿不都•热合曼"),
        ("阿不都‧热合曼", "阿不都・热合曼"),
        ("阿不都･热合曼", "阿不都 · 热合曼"),
        ("水磨\u200b沟\ufeff 区", "水磨沟区"),
        ("STRASSE", "straße"),
        ("2017—2020", "2017-2020"),
    ],
)
def test_spellings_of_one_text_fold_alike(one, other):
    assert folding.fold(one) == folding.fold(other)


@given(TEXTS)
def test_folding_twice_changes_nothing(text):
    for fold in (folding.fold, folding.fold_company, folding.fold_uscc, folding.clean_text, folding.digits):
        assert fold(fold(text)) == fold(text)


@given(TEXTS)
def test_fold_ignores_spaces_and_width(text):
    assert folding.fold(f" {text}\u3000\u200b") == folding.fold(text)


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("新疆维吾尔自治区乌鲁木齐市水磨沟区云图科技有限责任公司", "云图科技"),
        ("深圳市鸿富瀚科技股份有限公司", "鸿富瀚科技"),
        ("青岛海尔股份有限公司", "海尔"),
        ("海尔智家股份有限公司", "海尔智家"),
        ("中国嘉陵工业股份有限公司(集团)", "嘉陵工业"),
        ("创业黑马(北京)科技股份有限公司", "创业黑马科技"),
        ("上海康达化工新材料集团股份有限公司", "康达化工新材料"),
        ("北京市", "北京市"),
        ("城市之光有限公司", "城市之光"),
        ("公司", "公司"),
        ("", ""),
    ],
)
def test_stem_drops_place_and_legal_form(name, stem):
    assert folding.company_stem(name) == stem


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("恒林家居股份有限公司", "浙江恒林椅业股份有限公司"),
        ("海尔智家股份有限公司", "青岛海尔股份有限公司"),
        ("厚普清洁能源股份有限公司", "成都华气厚普机电设备股份有限公司"),
        ("江苏奥赛康药业股份有限公司", "江苏奥赛康药业有限公司"),
        ("福建省爱迪尔珠宝实业股份有限公司", "深圳市爱迪尔珠宝股份有限公司"),
        ("中粮生物科技股份有限公司", "中粮生物化学（安徽）股份有限公司"),
    ],
)
def test_old_and_new_name_share_a_stem(one, other):
    assert folding.share_stem(one, other)
    assert folding.share_stem(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("江苏京源环保股份有限公司", "大连港股份有限公司"),
        ("贤丰控股股份有限公司", "广东蓉胜超微线材股份有限公司"),
        ("珠海市博元投资股份有限公司", "东莞市方达再生资源产业股份有限公司"),
        ("中粮资本控股股份有限公司", "中原特钢股份有限公司"),
        ("凯迪生态环境科技股份有限公司", "中国石油化工股份有限公司"),
        ("中国建设银行股份有限公司", "中国银行股份有限公司"),
        ("安徽建工集团股份有限公司", "安徽水利开发股份有限公司"),
    ],
)
def test_different_firms_share_no_stem(one, other):
    assert not folding.share_stem(one, other)


def test_pinyin_serves_search_by_initials_and_reading():
    assert folding.pinyin_initials("水磨沟区 ABC 科技") == "smgqabckj"
    assert folding.pinyin_full("水磨沟") == "shuimogou"


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("云计算", ("云计", "计算")),
        ("云", ("云",)),
        ("AI 芯片", ("ai", "i芯", "芯片")),
        ("（甲）乙", ("甲", "乙")),
        ("", ()),
    ],
)
def test_bigrams_follow_the_text(text, pairs):
    assert folding.bigrams(text) == pairs


def test_digits_are_read_in_any_width():
    assert folding.digits(" ０９９１－１２３ 45-６ ") == "0991123456"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  第一行\r\n第二行\u0000\u200b ", "第一行\n第二行"),
        ("\ufeff（甲）Ａ", "（甲）Ａ"),
        ("\u202eevil", "evil"),
        ("\ud800x", "x"),
    ],
)
def test_cleaning_keeps_what_was_typed(typed, kept):
    assert folding.clean_text(typed) == kept


def test_masks_show_only_what_is_needed():
    assert folding.mask_phone("138 0000 1234") == "138****1234"
    assert folding.mask_phone("4601234") == "*****34"
    assert folding.mask_id("65010519900101123x") == "*" * 14 + "123X"
    assert folding.mask_bank("6222 0200 1234 5678") == "*" * 12 + "5678"
    assert folding.mask_email("zhang@example.com") == "z***@example.com"
    assert folding.mask_email("z@example.com") == "***@example.com"
    assert folding.mask_email("not an address") == "***"


@given(st.text("0123456789", max_size=25))
def test_masks_never_show_more_than_seven_digits_nor_more_than_two_thirds(number):
    for mask in (folding.mask_phone, folding.mask_id, folding.mask_bank):
        shown = re.sub(r"\*", "", mask(number))
        assert len(shown) <= min(7, len(number) * 2 / 3)


@given(TEXTS)
def test_masked_address_shows_one_sign_before_the_at(text):
    assert len(folding.mask_email(text).rpartition("@")[0]) <= 4
