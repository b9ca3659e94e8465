"""What an entry still lacks before it can be handed in: shown on its page, and refused with the same words."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from matchmaker.competition.rules.uploads import FileLimit, Material
from matchmaker.core.errors import DomainError

SHORTEST_SUMMARY = 20


@dataclass(frozen=True, slots=True)
class Written:
    """What is there of an entry."""

    firm: bool
    summary: str
    revenue_fen: int | None
    files: Collection[Material] = ()


def missing(written: Written, limits: Mapping[Material, FileLimit]) -> tuple[DomainError, ...]:
    """Everything that is still missing, in the order of the form; files last."""
    found: list[DomainError] = []
    if len(written.summary.strip()) < SHORTEST_SUMMARY:
        found.append(DomainError("项目介绍至少写 20 个字再提交，方便评委了解", field="summary"))
    if written.firm and written.revenue_fen is None:
        found.append(DomainError("请填写上年度营业收入再提交，没有收入请填 0", field="revenue_wan"))
    for kind, limit in limits.items():
        if limit.required and limit.most and kind not in written.files:
            found.append(DomainError("请上传“{what}”再提交", field="file", what=kind))
    return tuple(found)


def only_files(gaps: Collection[DomainError]) -> bool:
    """Is everything written, and only a file missing?"""
    return bool(gaps) and all(gap.field == "file" for gap in gaps)
