"""The people of an entry as they are typed: one a line, name and perhaps a phone."""

from __future__ import annotations

import re

from matchmaker.core.errors import DomainError
from matchmaker.core.folding import clean_text, digits

MOST_MEMBERS = 20


def members_of(text: str) -> list[dict[str, str]]:
    """Read "姓名，手机号" a line; raises DomainError naming the line."""
    members = [_member(line, number) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]
    if len(members) > MOST_MEMBERS:
        raise DomainError("核心成员最多 {most} 人，请只写核心成员", field="members", most=MOST_MEMBERS)
    names = [member["name"] for member in members]
    if len(set(names)) < len(names):
        raise DomainError("核心成员有重复的姓名，请删去一行", field="members")
    return members


def _member(line: str, number: int) -> dict[str, str]:
    parts = [clean_text(part) for part in re.split(r"[,，、;；\t]|\s+(?=[\d０-９+])", line.strip()) if part.strip()]
    name, phone = parts[0], digits(parts[1]) if len(parts) > 1 else ""
    if len(name) > 60 or any(sign.isdigit() for sign in name) or (phone and not re.fullmatch(r"\+?\d{7,15}", phone)):
        raise DomainError("第 {n} 行看不明白，请写成“姓名，手机号”", field="members", n=number)
    return {"name": name, "phone": phone, "email": ""}
