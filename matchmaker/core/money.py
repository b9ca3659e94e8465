"""Money is a whole number of fen; only this module turns yuan, 千元 and 万元 into fen and back.

Floats are refused: 0.1 + 0.2 yuan must be 30 fen.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation

from matchmaker.core.errors import DomainError
from matchmaker.core.labels import Labelled


class Unit(Labelled):
    """What a typed amount counts."""

    YUAN = "yuan", "元"
    QIAN = "qian", "千元"
    WAN = "wan", "万元"


FEN_PER_YUAN = 100
FEN_PER_QIAN = 1000 * FEN_PER_YUAN
FEN_PER_WAN = 10_000 * FEN_PER_YUAN
MOST_FEN = 10**17  # a thousand trillion yuan; well inside a 64-bit column

_WIDE = Context(prec=60)
_NUMBER = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)?(\.\d+)?")

Amount = Decimal | int | str


def fen_from_yuan(amount: Amount, *, field: str | None = None) -> int:
    """Fen from yuan as typed: '1,234.5', '￥1234.50', '１２元'."""
    return _fen(amount, unit=Unit.YUAN, per_unit=FEN_PER_YUAN, field=field)


def fen_from_qian(amount: Amount, *, field: str | None = None) -> int:
    """Fen from 千元, the unit of the Torch statistics."""
    return _fen(amount, unit=Unit.QIAN, per_unit=FEN_PER_QIAN, field=field)


def fen_from_wan(amount: Amount, *, field: str | None = None) -> int:
    """Fen from 万元, the unit of policy texts."""
    return _fen(amount, unit=Unit.WAN, per_unit=FEN_PER_WAN, field=field)


def yuan(fen: int) -> Decimal:
    """Exact yuan with two places."""
    return _whole(fen).scaleb(-2)


def qian(fen: int) -> Decimal:
    """Exact 千元."""
    return _whole(fen).scaleb(-5)


def wan(fen: int) -> Decimal:
    """Exact 万元."""
    return _whole(fen).scaleb(-6)


def format_yuan(fen: int) -> str:
    """'¥1,234.50'; a debt is '-¥0.01'."""
    sign = "-" if fen < 0 else ""
    return f"{sign}¥{abs(yuan(fen)):,.2f}"


def format_wan(fen: int, *, places: int = 2) -> str:
    """'12.5 万元': rounded half up, without trailing zeros."""
    return f"{_trimmed(round_half_up(wan(fen), places))} 万元"


def format_qian(fen: int, *, places: int = 2) -> str:
    """'125 千元': rounded half up, without trailing zeros."""
    return f"{_trimmed(round_half_up(qian(fen), places))} 千元"


def round_half_up(value: Decimal | int, places: int = 0) -> Decimal:
    """Round as Chinese scores and accounts do: 2.345 → 2.35, -2.345 → -2.35."""
    _refuse_float(value)
    return Decimal(value).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP, context=_WIDE)


def _fen(amount: Amount, *, unit: Unit, per_unit: int, field: str | None) -> int:
    number = _number(amount, unit=unit, field=field)
    if not number.is_finite() or abs(number) > MOST_FEN:
        raise DomainError("金额“{typed}”超出范围", field=field, typed=str(amount)[:20])
    fen = _WIDE.multiply(number, Decimal(per_unit))
    if abs(fen) > MOST_FEN:
        raise DomainError("金额“{typed}”超出范围", field=field, typed=str(amount)[:20])
    if fen != fen.to_integral_value():
        raise DomainError("金额“{typed}”比一分钱还细，请核对小数位和单位", field=field, typed=str(amount)[:20])
    return int(fen)


def _number(amount: Amount, *, unit: Unit, field: str | None) -> Decimal:
    _refuse_float(amount)
    if not isinstance(amount, str):
        return Decimal(amount)
    typed = re.sub(r"\s", "", unicodedata.normalize("NFKC", amount)).removeprefix("¥").removesuffix(unit.label)
    if not typed or len(typed) > 40 or not _NUMBER.fullmatch(typed):
        raise DomainError("金额“{typed}”不是数字，请以{unit}为单位填写", field=field, typed=amount[:20], unit=unit)
    try:
        return Decimal(typed.replace(",", ""))
    except InvalidOperation:
        raise DomainError(
            "金额“{typed}”不是数字，请以{unit}为单位填写", field=field, typed=amount[:20], unit=unit
        ) from None


def _whole(fen: int) -> Decimal:
    if isinstance(fen, bool) or not isinstance(fen, int):
        raise TypeError(f"fen must be an int, not {type(fen).__name__}")
    return Decimal(fen)


def _refuse_float(value: object) -> None:
    if isinstance(value, bool | float):
        raise TypeError(f"money and scores are int, str or Decimal, not {type(value).__name__}")


def _trimmed(number: Decimal) -> str:
    text = f"{number or abs(number):,f}"  # never "-0"
    return text.rstrip("0").rstrip(".") if "." in text else text
