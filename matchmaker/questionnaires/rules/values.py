"""One answer: reading what was typed, keeping it as JSON, showing it as text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from matchmaker.accounts.rules import check_mail
from matchmaker.core import calendar, folding, money
from matchmaker.core.errors import DomainError
from matchmaker.directory.rules import check_uscc
from matchmaker.questionnaires.rules.definition import RATINGS, Field, FieldKind

Tables = Mapping[str, Mapping[str, str]]  # "industry" and "region": names by code
NO_TABLES: Tables = {}

K = FieldKind
LARGEST_PARTY = 50
LONGEST_URL = 500
NUMBER = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)?(\.\d+)?")
PHONE = re.compile(r"1[3-9]\d{9}|0\d{9,11}|400\d{7}")
ABROAD = re.compile(r"\+\d{6,15}")
LINE = re.compile(r"(?P<name>[^\d,，、;；\t]+?)[\s,，;；、:：]*(?P<phone>[\d+＋\-－\s()（）]*)")


@dataclass(frozen=True)
class Upload:
    """What came in for a file field: a file that is kept (its id and name), or why it was refused."""

    id: int = 0
    name: str = ""
    error: DomainError | None = None


def parse(field: Field, raw: object, *, tables: Tables = NO_TABLES) -> Any:
    """The answer as it is kept (JSON), None when nothing was answered. Raises DomainError on the field's id."""
    typed = raw if isinstance(raw, list | tuple | Upload) else _text(raw)
    if not typed:
        return None
    return _READERS.get(field.kind, _short)(field, typed, tables)


def _text(raw: object) -> str:
    """What one control sent; a program may send numbers, too."""
    if raw is None or raw is False:
        return ""
    return folding.clean_text("yes" if raw is True else str(raw))


def _one(typed: Any) -> str:
    """The one text of an answer that may have come as a list."""
    return _text(typed[0] if isinstance(typed, list | tuple) and typed else typed)


def _wide(typed: Any) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", _one(typed)))


def _short(field: Field, typed: Any, tables: Tables) -> str | None:
    text = " ".join(_one(typed).split())
    return _fitting(field, text)


def _long(field: Field, typed: Any, tables: Tables) -> str | None:
    return _fitting(field, _one(typed))


def _fitting(field: Field, text: str) -> str | None:
    if len(text) > field.longest:
        raise DomainError("最多 {most} 个字，现有 {n} 个", field=field.id, most=field.longest, n=len(text))
    return text or None


def _number(field: Field, typed: Any, tables: Tables) -> str | None:
    text = _wide(typed)
    if field.unit:
        text = text.removesuffix(_wide(field.unit))
    if len(text) > 30 or not NUMBER.fullmatch(text) or not text.strip("+-"):
        raise DomainError("“{typed}”不是数字，请只填数字", field=field.id, typed=_one(typed)[:20])
    number = Decimal(text.replace(",", "")).normalize() + 0
    exponent = number.as_tuple().exponent
    if isinstance(exponent, int) and -exponent > field.places:
        raise DomainError("最多 {places} 位小数", field=field.id, places=field.places)
    if field.minimum is not None and number < field.minimum:
        raise DomainError("不能小于 {least}", field=field.id, least=f"{field.minimum:f}")
    if field.maximum is not None and number > field.maximum:
        raise DomainError("不能大于 {most}", field=field.id, most=f"{field.maximum:f}")
    return f"{number:f}"


def _money(field: Field, typed: Any, tables: Tables) -> int:
    fen = money.fen_from_wan(_one(typed), field=field.id)
    if fen < 0:
        raise DomainError("不能小于 {least}", field=field.id, least="0")
    return fen


def _choice(field: Field, typed: Any, tables: Tables) -> str:
    option = field.option(_one(typed))
    if option is None:
        raise DomainError("这个选项已不在表中，请重新选择", field=field.id)
    return option.id


def _choices(field: Field, typed: Any, tables: Tables) -> list[str] | None:
    many = [_text(each) for each in (typed if isinstance(typed, list | tuple) else [typed])]
    unknown = [each for each in many if each and field.option(each) is None]
    if unknown:
        raise DomainError("这个选项已不在表中，请重新选择", field=field.id)
    ids = [option.id for option in field.options if option.id in many]
    if field.most is not None and len(ids) > field.most:
        raise DomainError("最多选 {most} 项，现选了 {n} 项", field=field.id, most=field.most, n=len(ids))
    return ids or None


def _rating(field: Field, typed: Any, tables: Tables) -> int:
    text = _wide(typed)
    if text not in RATINGS:
        raise DomainError("请在 1 到 5 中选一个", field=field.id)
    return int(text)


def _date(field: Field, typed: Any, tables: Tables) -> str:
    return calendar.parse_day(_one(typed), field=field.id).isoformat()


def _phone(field: Field, typed: Any, tables: Tables) -> str:
    text = _wide(typed)
    if text.startswith("+") and not text.startswith("+86"):
        number = "+" + folding.digits(text)
        if ABROAD.fullmatch(number):
            return number
    else:
        number = folding.digits(text.removeprefix("+86").removeprefix("0086"))
        if PHONE.fullmatch(number) and len(folding.digits(text)) >= len(text) - 6:
            return number
    raise DomainError("电话不对：手机号为 11 位，座机请带区号，境外号码以 + 开头", field=field.id)


def _email(field: Field, typed: Any, tables: Tables) -> str:
    text = _wide(typed)
    if len(text) > 200:
        raise DomainError("最多 {most} 个字，现有 {n} 个", field=field.id, most=200, n=len(text))
    return check_mail(text, field=field.id)


def _url(field: Field, typed: Any, tables: Tables) -> str:
    text = _one(typed)
    if len(text) > LONGEST_URL:
        raise DomainError("最多 {most} 个字，现有 {n} 个", field=field.id, most=LONGEST_URL, n=len(text))
    if "://" not in text:
        text = f"https://{text}"
    try:
        parts = urlsplit(text)
        fine = parts.scheme in {"http", "https"} and "." in (parts.hostname or "") and not re.search(r"[\s<>\"]", text)
    except ValueError:
        fine = False
    if not fine:
        raise DomainError("网址看不明白，请写成 https://www.example.cn 的样子", field=field.id)
    return text


def _uscc(field: Field, typed: Any, tables: Tables) -> str:
    return check_uscc(_one(typed), field=field.id)


def _code(field: Field, typed: Any, tables: Tables) -> str:
    """A code of a reference table; without the table at hand its shape is all that can be told."""
    code = _wide(typed).upper()
    table = tables.get(field.kind.value)
    shape = r"[A-T]\d{0,4}" if field.kind is K.INDUSTRY else r"[1-9]\d{5}"
    if (code not in table) if table else not re.fullmatch(shape, code):
        raise DomainError("请从列表中选择", field=field.id)
    return code


def _consent(field: Field, typed: Any, tables: Tables) -> bool | None:
    return True if _one(typed).lower() in {"yes", "y", "true", "on", "1"} else None


def _companions(field: Field, typed: Any, tables: Tables) -> list[dict[str, str]] | None:
    text = "\n".join(map(_line, typed)) if isinstance(typed, list | tuple) else typed
    lines = [(number, line) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]
    most = field.most or LARGEST_PARTY
    if len(lines) > most:
        raise DomainError("一次最多报 {most} 人，现有 {n} 人", field=field.id, most=most, n=len(lines))
    people = [_companion(field, line, number) for number, line in lines]
    doubled = next((person for person in people if people.count(person) > 1), None)
    if doubled:
        raise DomainError("“{name}”填了两次，请删去一行", field=field.id, name=doubled["name"])
    return people or None


def _line(person: object) -> str:
    """Somebody as a line; a program sends name and phone apart."""
    if isinstance(person, Mapping):
        return _text(f"{_text(person.get('name'))}，{_text(person.get('phone'))}".strip("，"))
    return _text(person)


def _companion(field: Field, line: str, number: int) -> dict[str, str]:
    read = LINE.fullmatch(line.strip()) if len(line) <= 200 else None
    if read is None or len(read["name"].strip()) > 60:
        raise DomainError("第 {n} 行看不明白，请写成“姓名，手机号”，每行一位", field=field.id, n=number)
    phone = folding.digits(read["phone"])
    if phone and not PHONE.fullmatch(phone):
        raise DomainError("第 {n} 行的电话不对，应为 11 位手机号，或留空", field=field.id, n=number)
    return {"name": read["name"].strip(), "phone": phone}


def _upload(field: Field, typed: Any, tables: Tables) -> dict[str, Any]:
    if not isinstance(typed, Upload):
        raise DomainError("文件没有收到，请重新选择", field=field.id)
    if typed.error is not None:
        raise DomainError(typed.error.message, field=field.id, **typed.error.values)
    return {"file": typed.id, "name": typed.name}


_READERS: dict[FieldKind, Callable[[Field, Any, Tables], Any]] = {
    K.LONG_TEXT: _long,
    K.NUMBER: _number,
    K.MONEY: _money,
    K.CHOICE: _choice,
    K.CHOICES: _choices,
    K.RATING: _rating,
    K.DATE: _date,
    K.PHONE: _phone,
    K.EMAIL: _email,
    K.URL: _url,
    K.USCC: _uscc,
    K.INDUSTRY: _code,
    K.REGION: _code,
    K.COMPANIONS: _companions,
    K.FILE: _upload,
    K.PICTURE: _upload,
    K.CONSENT: _consent,
}


def parse_text(field: Field, text: str, *, tables: Tables = NO_TABLES) -> Any:
    """An answer written in words, as in a spreadsheet: options and codes by their names. Raises DomainError."""
    if field.kind in (K.CHOICE, K.CHOICES):
        whole = _option_named(field, text)
        parts = [text] if whole != text or field.kind is K.CHOICE else re.split(r"[;；、,，\n]", text)
        named = [_option_named(field, part) for part in parts if part.strip()]
        return parse(field, named if field.kind is K.CHOICES else "".join(named), tables=tables)
    if field.kind in (K.INDUSTRY, K.REGION):
        names = tables.get(field.kind.value, {})
        wanted = folding.fold(text)
        text = next((code for code, name in names.items() if folding.fold(name) == wanted), text)
    if field.kind is K.CONSENT and text.strip() == "是":
        text = "yes"
    if field.kind is K.COMPANIONS:
        text = re.sub(r"[;；]", "\n", text)
    return parse(field, text, tables=tables)


def _option_named(field: Field, text: str) -> str:
    """The id of the option with this name, else the text itself."""
    wanted = folding.fold(text)
    for option in field.options:
        if wanted in (folding.fold(option.label), folding.fold(option.label_en) or None):
            return option.id
    return text.strip()


def typed_of(field: Field, value: Any) -> Any:
    """An answer as somebody would type it again: what the controls of a form are filled with."""
    if value is None:
        return [] if field.kind is K.CHOICES else ""
    if field.kind is K.COMPANIONS:
        return "\n".join(f"{each['name']}，{each['phone']}".rstrip("，") for each in value)
    if field.kind is K.MONEY:
        return f"{money.wan(value).normalize():f}"
    if field.kind is K.CONSENT:
        return "yes" if value else ""
    return value if isinstance(value, list | dict) else str(value)


def plain_answer(field: Field, value: Any, *, language: str = "zh", tables: Tables = NO_TABLES) -> str:
    """An answer as one text for lists and exports: options by their label, codes by their name, people by name."""
    if value is None or value == [] or value == "":
        return ""
    if field.kind in (K.CHOICE, K.CHOICES):
        many = value if isinstance(value, list) else [value]
        options = ((field.option(str(each)), each) for each in many)
        names = [option.label_in(language) if option else str(each) for option, each in options]
        return ("; " if language == "en" else "；").join(names)
    if field.kind is K.COMPANIONS:
        people = (" ".join(filter(None, (each["name"], each["phone"]))) for each in value)
        return ("; " if language == "en" else "；").join(people)
    if field.kind in (K.FILE, K.PICTURE):
        return str(value.get("name", ""))
    if field.kind is K.CONSENT:
        return ("Yes" if language == "en" else "是") if value else ""
    if field.kind is K.MONEY:
        return f"{money.wan(value).normalize():f}"
    return str(tables.get(field.kind.value, {}).get(str(value), value))


def day_of(value: Any) -> date | None:
    """The day that a date field was answered with."""
    return date.fromisoformat(value) if value else None
