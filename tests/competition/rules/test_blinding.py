"""Nothing that is known of an entrant survives the black pen, however it is typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchmaker.competition.rules.blinding import BLACK, Giveaway, Secret, find, firm_secrets, pieces, redact
from matchmaker.core.folding import fold

NAMES = st.text(alphabet="王李张刘陈杨赵黄周吴华疆智能", min_size=2, max_size=6)
SECRETS = st.lists(NAMES.map(lambda text: Secret(Giveaway.PERSON, text)), max_size=5)
TEXTS = st.text(alphabet="王李张刘陈杨赵黄周吴华疆智能，。 \n\u200b\u3000ａ1３9-@.█", max_size=120)


def dressed(text, between):
    return between.join(text)


@given(TEXTS, SECRETS)
def test_no_secret_is_left_and_nothing_more_to_do(text, secrets):
    redacted = redact(text, secrets)

    assert not [s for s in secrets if fold(s.text) in fold(redacted)]
    assert redact(redacted, secrets) == redacted
    assert find(redacted, secrets) == []


@given(TEXTS, SECRETS)
def test_pieces_put_together_are_the_text(text, secrets):
    assert "".join(part for part, _kind in pieces(text, find(text, secrets))) == text


@given(st.text(alphabet="的是在了不和有人这中大为上个国", max_size=80))
def test_text_without_secrets_stays_as_it_is(text):
    assert redact(text, [Secret(Giveaway.PERSON, "张三丰")]) == text


@given(NAMES, st.sampled_from(["", " ", "\u3000", "\u200b", "\n"]))
def test_spaces_and_hidden_signs_hide_no_name(name, between):
    text = f"由{dressed(name, between)}负责"

    assert redact(text, [Secret(Giveaway.PERSON, name)]).count(BLACK) >= 1
    assert fold(name) not in fold(redact(text, [Secret(Giveaway.PERSON, name)]))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("13900000001", Giveaway.PHONE),
        ("１３９ 0000 0001", Giveaway.PHONE),
        ("+86-139-0000-0001", Giveaway.PHONE),
        ("0991-1234567", Giveaway.PHONE),
        ("(0991)1234567", Giveaway.PHONE),
        ("Zhang.San@Example.com.cn", Giveaway.MAIL),
        ("https://www.example.cn/a?b=1", Giveaway.SITE),
        ("www.example.cn", Giveaway.SITE),
        ("91650105MA77777777", Giveaway.CODE),
        ("11010519491231002X", Giveaway.CODE),
    ],
)
def test_numbers_and_addresses_are_found_by_their_shape(text, kind):
    assert {hit.kind for hit in find(f"联系我们：{text}。", [])} >= {kind}
    assert redact(f"联系我们：{text}。", []) == f"联系我们：{BLACK}。"


def test_numbers_of_two_lines_are_two_numbers():
    assert redact("13900000001\n0991-1234567\n2026", []) == f"{BLACK}\n{BLACK}\n2026"


@pytest.mark.parametrize("text", ["2026 年 1 月", "营收 13900000 元", "精度 0.139", "型号 A-2000", "第 12 页共 345 页"])
def test_plain_figures_stay(text):
    assert redact(text, []) == text


def test_firm_is_found_by_what_tells_it_from_others():
    secrets = firm_secrets(["乌鲁木齐华疆智能科技有限公司", "AI 科技有限公司"])

    assert redact("华疆的产品，华疆智能科技已量产", secrets) == f"{BLACK}的产品，{BLACK}已量产"
    assert redact("AI 识别算法，智能科技", secrets) == "AI 识别算法，智能科技"


def test_a_page_of_html_is_only_text():
    text = "<script>alert('张三')</script>" * 50

    assert "张三" not in redact(text, [Secret(Giveaway.PERSON, "张三")])
