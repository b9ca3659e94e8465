"""Placeholders in texts: the known names, checking what was typed, filling in, and how long a short message gets.

A text is never evaluated: names between braces are looked up once, and what is put in is not looked at again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from matchmaker.core.calendar import CHINA
from matchmaker.core.errors import DomainError


@dataclass(frozen=True)
class Placeholder:
    """One name, what stands for it, and whether it differs between two registrations at the same address."""

    name: str
    meaning: str
    own: bool = False


PLACEHOLDERS = (
    Placeholder("姓名", "收件人的姓名"),
    Placeholder("单位", "单位名称；没有单位时是姓名"),
    Placeholder("活动", "活动名称"),
    Placeholder("时间", "开始时间"),
    Placeholder("结束时间", "结束时间"),
    Placeholder("地点", "地点和详细地址"),
    Placeholder("报名截止", "这个人群的报名截止时间"),
    Placeholder("人群", "报名的人群"),
    Placeholder("人数", "报名人数", own=True),
    Placeholder("参会人", "参会人的姓名", own=True),
    Placeholder("状态", "报名当前的状态", own=True),
    Placeholder("报名链接", "收件人自己的报名页面", own=True),
    Placeholder("签到码", "每位参会人的签到码；报名未通过时是“—”", own=True),
    Placeholder("候补位置", "候补第几位；不在候补时是“—”", own=True),
    Placeholder("联系方式", "活动的联系人与电话"),
)
NAMES = {each.name: each for each in PLACEHOLDERS}
NOTHING = "—"

_BRACES = re.compile(r"[{｛]([^{}｛｝\n]{0,40})[}｝]")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SMS_ONE, _SMS_MORE = 70, 67  # signs of one short message, and of each part of a long one


def used_in(*texts: str) -> set[str]:
    """The known names in some texts."""
    return {name for text in texts for name in map(str.strip, _BRACES.findall(text)) if name in NAMES}


def has_own(*texts: str) -> bool:
    """Does a text say something that only holds for one registration?"""
    return any(NAMES[name].own for name in used_in(*texts))


def check(text: str, *, field: str) -> str:
    """The text, if every name between braces is known; else DomainError with the name and the list of names."""
    for name in _BRACES.findall(text):
        if name.strip() not in NAMES:
            raise DomainError(
                "不认识占位符“{name}”；可用的有：{names}",
                field=field,
                name="{" + name + "}",
                names="、".join("{" + known + "}" for known in NAMES),
            )
    return text


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with what stands for each name; braces inside a value stay what they are."""

    def value(found: re.Match[str]) -> str:
        name = found.group(1).strip()
        return (values.get(name) or NOTHING) if name in NAMES else found.group()

    return _BRACES.sub(value, text)


@dataclass(frozen=True)
class ShortMessage:
    """How long a short message is and of how many parts it consists; each part is paid."""

    signs: int
    parts: int


def measure(text: str) -> ShortMessage:
    """The length of a short message in UCS-2, as it travels with Chinese signs in it."""
    signs = len(text.encode("utf-16-le")) // 2
    return ShortMessage(signs, 1 if signs <= _SMS_ONE else -(-signs // _SMS_MORE))


def moment(value: datetime, language: str) -> str:
    """A moment in Beijing time as a letter says it, with its year."""
    local = value.astimezone(CHINA)
    if language == "en":
        return f"{_DAYS[local.weekday()]} {local.day} {_MONTHS[local.month - 1]} {local.year}, {local:%H:%M}"
    return f"{local.year}年{local.month}月{local.day}日（周{'一二三四五六日'[local.weekday()]}）{local:%H:%M}"
