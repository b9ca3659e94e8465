"""Reading who comes: one person a line."""

from __future__ import annotations

import re
from dataclasses import dataclass

from matchmaker.core import folding
from matchmaker.core.errors import DomainError

LATIN_ENDS = "\u0250"


@dataclass(frozen=True)
class AttendeeLine:
    """One person who comes."""

    name: str
    phone: str


LARGEST_PARTY = 50
PHONE = re.compile(r"1[3-9]\d{9}|0\d{9,11}")
LINE = re.compile(r"(?P<name>[^\d,，、;；\t]+?)[\s,，;；、:：]*(?P<phone>[\d+＋\-－\s()（）]*)")


def attendees_of(text: str, *, most: int = LARGEST_PARTY) -> list[AttendeeLine]:
    """Read "one person a line: name, phone"; the phone may be missing. Raises DomainError naming the line."""
    people = [_attendee(line, number) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]
    if not people:
        raise DomainError("请至少填写一位参会人，每行一位", field="attendees")
    if len(people) > most:
        raise DomainError("一次最多报 {most} 人，现有 {n} 人", field="attendees", most=most, n=len(people))
    names = [(p.name, p.phone) for p in people]
    doubled = next((name for name in names if names.count(name) > 1), None)
    if doubled:
        raise DomainError("“{name}”填了两次，请删去一行", field="attendees", name=doubled[0])
    return people


def _attendee(line: str, number: int) -> AttendeeLine:
    read = LINE.fullmatch(folding.clean_text(line))
    if read is None or len(read["name"]) > 60:
        raise DomainError("第 {n} 行看不明白，请写成“姓名，手机号”，每行一位", field="attendees", n=number)
    phone = "".join(char for char in folding.digits(read["phone"]) if char.isdigit())
    if phone and not PHONE.fullmatch(phone):
        raise DomainError("第 {n} 行的电话不对，应为 11 位手机号，或留空", field="attendees", n=number)
    return AttendeeLine(read["name"].strip(), phone)


def reads_english(name: str) -> bool:
    """Is a guest's name in Latin letters alone? Nothing else tells the language of somebody without an account."""
    letters = [char for char in name if char.isalpha()]
    return bool(letters) and all(char < LATIN_ENDS for char in letters)
