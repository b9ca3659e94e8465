"""The people of an entry as they are typed: one a line, name and perhaps phone and mail."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from matchmaker.core.errors import DomainError
from matchmaker.core.folding import clean_text, digits, fold

MOST_MEMBERS = 20
SEPARATORS = re.compile(r"[,，、;；\t]|\s+(?=[\d０-９+])|\s+(?=\S+@)")
GAPS = re.compile(r"(?<=\d)[\s-]+(?=\d)")  # within a number, as people write it
SHAPES = {
    "phone": re.compile(r"\d{7,15}"),
    "email": re.compile(r"[^@\s]{1,64}@[^@\s]{1,180}\.[^@\s.]{2,}"),
}


def members_of(text: str) -> list[dict[str, str]]:
    """Read "姓名，手机号，邮箱" a line; raises DomainError naming the line."""
    members = [_member(line, number) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]
    if len(members) > MOST_MEMBERS:
        raise DomainError("核心成员最多 {most} 人，请只写核心成员", field="members", most=MOST_MEMBERS)
    names = [member["name"] for member in members]
    if len(set(names)) < len(names):
        raise DomainError("核心成员有重复的姓名，请删去一行", field="members")
    return members


def lines_of(members: Iterable[Mapping[str, Any]]) -> str:
    """The same people as they are typed again."""
    return "\n".join("，".join(part for part in (m["name"], m["phone"], m["email"]) if part) for m in members)


def _member(line: str, number: int) -> dict[str, str]:
    joined = GAPS.sub("", line.strip())
    parts = [clean_text(part) for part in SEPARATORS.split(joined) if clean_text(part)]
    refused = DomainError("第 {n} 行看不明白，请写成“姓名，手机号，邮箱”", field="members", n=number)
    if not parts or len(parts) > 3:
        raise refused
    member = {"name": parts[0], "phone": "", "email": ""}
    for part in parts[1:]:
        key = "email" if "@" in part else "phone"
        if member[key]:
            raise refused
        member[key] = fold(part) if key == "email" else digits(part)
        if not part or not SHAPES[key].fullmatch(member[key]):
            raise refused
    if len(member["name"]) > 60 or "@" in member["name"] or any(sign.isdigit() for sign in member["name"]):
        raise refused
    return member
