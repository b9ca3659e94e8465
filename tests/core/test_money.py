"""Fen in, fen out; nothing is lost and no float gets in."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchmaker.core import money
from matchmaker.core.errors import DomainError

FEN = st.integers(-(10**15), 10**15)


@pytest.mark.parametrize(
    ("typed", "fen"),
    [
        ("1234.5", 123450),
        ("1,234.50", 123450),
        ("￥1234.50", 123450),
        ("¥ 1234.50元", 123450),
        ("１２３４．５", 123450),
        ("-0.01", -1),
        (".5", 50),
        ("1.500", 150),
        (Decimal("200000000.00"), 20_000_000_000),
        (3, 300),
    ],
)
def test_yuan_is_read_as_people_type_it(typed, fen):
    assert money.fen_from_yuan(typed) == fen


def test_policy_and_statistics_units_are_converted_exactly():
    assert money.fen_from_wan("12.5万元") == 12_500_000
    assert money.fen_from_qian("125") == 12_500_000
    assert money.wan(12_500_000) == Decimal("12.5")
    assert money.qian(12_500_000) == Decimal(125)


@pytest.mark.parametrize(
    "typed", ["", "abc", "1.2.3", "1,23", "12万", "1e5", "NaN", "=1+1", "0.001", "9" * 30, "9" * 99, "-"]
)
def test_amount_that_is_no_money_blames_its_field(typed):
    with pytest.raises(DomainError) as refusal:
        money.fen_from_yuan(typed, field="revenue")

    assert refusal.value.field == "revenue"


@pytest.mark.parametrize("amount", [Decimal("NaN"), Decimal("Infinity"), Decimal("1e999999")])
def test_decimal_that_is_no_amount_is_refused(amount):
    with pytest.raises(DomainError):
        money.fen_from_wan(amount)


@pytest.mark.parametrize("reader", [money.fen_from_yuan, money.fen_from_qian, money.fen_from_wan, money.round_half_up])
@pytest.mark.parametrize("value", [0.1, 1.0, float("nan"), True])
def test_float_is_a_bug(reader, value):
    with pytest.raises(TypeError):
        reader(value)


def test_fen_must_be_whole():
    with pytest.raises(TypeError):
        money.yuan(Decimal(1))


@pytest.mark.parametrize(
    ("fen", "shown", "in_wan"),
    [
        (0, "¥0.00", "0 万元"),
        (123450, "¥1,234.50", "0.12 万元"),
        (-1, "-¥0.01", "0 万元"),
        (12_500_000, "¥125,000.00", "12.5 万元"),
        (123_456_789_000_000, "¥1,234,567,890,000.00", "123,456,789 万元"),
    ],
)
def test_amounts_are_shown_for_reading(fen, shown, in_wan):
    assert money.format_yuan(fen) == shown
    assert money.format_wan(fen) == in_wan


@given(FEN)
def test_fen_survive_every_unit(fen):
    assert money.fen_from_yuan(money.yuan(fen)) == fen
    assert money.fen_from_wan(money.wan(fen)) == fen
    assert money.fen_from_qian(money.qian(fen)) == fen
    assert money.fen_from_yuan(f"{money.yuan(fen):,}") == fen


@pytest.mark.parametrize(
    ("value", "places", "rounded"),
    [
        ("2.345", 2, "2.35"),
        ("-2.345", 2, "-2.35"),
        ("2.5", 0, "3"),
        ("0.5", 0, "1"),
        ("1" * 40 + ".5", 0, "1" * 39 + "2"),
    ],
)
def test_half_is_rounded_up(value, places, rounded):
    assert money.round_half_up(Decimal(value), places) == Decimal(rounded)


@given(
    st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=6), st.integers(0, 4)
)
def test_rounding_twice_changes_nothing(value, places):
    once = money.round_half_up(value, places)

    assert money.round_half_up(once, places) == once
    assert abs(once - value) <= Decimal(5).scaleb(-places - 1)
