"""The words of badges and attendance certificates, and what may be printed."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from matchmaker.core.errors import Conflict, DomainError
from matchmaker.core.labels import Labelled

MOST_AT_ONCE = 2_000
MOST_BLANKS = 500
MOST_HOURS = Decimal(999)
SERIES = "PX"  # the letters of the numbers of attendance certificates
AT_ONCE = 200  # certificates made in one transaction
TITLE = "参会证明"
TITLE_EN = "Certificate of Attendance"
TEXT = "参加“{活动}”（{日期}），特此证明。"
TEXT_EN = "attended “{event}” on {day}."
PLACEHOLDERS = {"活动": "event", "日期": "day", "学时": "hours", "单位": "organisation"}
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
UNPRINTABLE = {"Cc", "Cs", "Co", "Cn"}
FIRST_PICTOGRAM = 0x1F000  # emoji and their like: no font for paper has them


class Paper(Labelled):
    """What is printed on."""

    SHEET = "sheet", "胸卡：A4 纸，每张 10 个（90×54 毫米，带裁切线）"
    LABEL = "label", "胸卡：标签机，每页 1 个（86×54 毫米）"
    TABLE = "table", "桌牌：A4 纸对折，两面有名字"


def printable(text: str) -> str:
    """Text as a card shows it: one line, without signs that no printing font has; nothing is read as code."""
    shown = "".join(" " if c.isspace() else c for c in text if c.isspace() or _has_shape(c))
    return " ".join(shown.split())


def _has_shape(char: str) -> bool:
    return (
        unicodedata.category(char) not in UNPRINTABLE
        and ord(char) < FIRST_PICTOGRAM | (0x20000 if unicodedata.category(char) == "Lo" else 0)
        and char not in "\ufe0e\ufe0f\u200b\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    )


def check_print(*, people: int, blanks: int) -> None:
    """Refuse a printing of nothing, or of more than a printer takes at once."""
    if not 0 <= blanks <= MOST_BLANKS:
        raise DomainError("空白卡最多 {most} 张", field="blanks", most=MOST_BLANKS)
    if people > MOST_AT_ONCE:
        raise DomainError("一次最多打印 {most} 人，现有 {n} 人；请按人群分批", most=MOST_AT_ONCE, n=people)
    if people + blanks < 1:
        raise DomainError("没有符合条件的人，请放宽筛选，或填写空白卡的张数")


def check_words(words: Mapping[str, str]) -> None:
    """Refuse a text with a placeholder that would stay as it is."""
    known = {*PLACEHOLDERS, *PLACEHOLDERS.values()}
    for field in ("text", "text_en"):
        for piece in words[field].split("{")[1:]:
            name = piece.split("}")[0]
            if "}" not in piece or name not in known:
                raise DomainError("不认识的占位符“{name}”，请从提示里选", field=field, name=name[:20])
        if not words["hours"] and any("{" + name + "}" in words[field] for name in ("学时", "hours")):
            raise DomainError("正文用到了学时，请填写学时", field="hours")


def filled(text: str, *, event: str, day: str, hours: str, organisation: str) -> str:
    """The text of one certificate. What is put in is never looked at again for placeholders."""
    values = {"event": event, "day": day, "hours": hours, "organisation": organisation}
    pieces = text.split("{")
    done = pieces[0]
    for piece in pieces[1:]:
        name, closed, rest = piece.partition("}")
        value = values.get(PLACEHOLDERS.get(name, name))
        done += value + rest if closed and value is not None else "{" + piece
    return done


def english_day(day: date) -> str:
    """1 March 2026, whatever language the machine speaks."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def check_over(*, over: bool) -> None:
    """A certificate says that somebody was there: not before the event is over."""
    if not over:
        raise Conflict("活动还没有结束，结束后再制发证书")


def check_somebody(count: int) -> None:
    """Refuse to propose certificates for nobody."""
    if count < 1:
        raise Conflict("没有待制发证书的到场人员")


def check_correction(*, before: str, after: str) -> str:
    """A corrected name is a name, and another one."""
    name = printable(after)
    if not name or len(name) > 60:
        raise DomainError("请填写更正后的姓名，不超过 60 个字", field="name")
    if name == before:
        raise DomainError("更正后的姓名与证书上的相同", field="name")
    return name
