"""Amendments (补充通知): what differs between two versions of the announced rules, and what may no longer change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

from matchmaker.core.errors import Conflict, DomainError

# What decides about the scores of a stage; fixed from its first ballot on.
SCORING = (
    "mode", "blind", "aggregation", "per_entry", "minimum_panel", "ties", "comment_below", "comment_above",
    "range_limit", "auto_release", "criteria",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change:
    """A value of the rules that differs: its path in the document, before and after."""

    path: tuple[str, ...]
    before: Any
    after: Any


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """Every value that differs, in the order of the documents; lists of named things are compared by their name."""
    return list(_differences((), before, after))


def _differences(path: tuple[str, ...], before: Any, after: Any) -> Iterator[Change]:
    if before == after:
        return
    first, second = _named(before), _named(after)
    if first is None or second is None:
        yield Change(path, before, after)
        return
    for key in dict.fromkeys([*first, *second]):
        if key in first and key in second:
            yield from _differences((*path, key), first[key], second[key])
        else:
            yield Change((*path, key), first.get(key), second.get(key))


def _named(value: Any) -> dict[str, Any] | None:
    """A mapping, or a list whose parts have a name, as a mapping; None: compared as a whole."""
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Sequence) and not isinstance(value, str) and value:
        for name in ("code", "key"):
            if all(isinstance(part, Mapping) and name in part for part in value):
                found = {_name(part, name): part for part in value}
                return found if len(found) == len(value) else None
    return None


def _name(part: Mapping[str, Any], name: str) -> str:
    return f"{part['group']}/{part[name]}" if "group" in part else str(part[name])


def check_amendment(
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    *,
    begun: Set[str],
    closed: bool = False,
    locked: bool = False,
) -> list[Change]:
    """The changes of an amendment; refuses none at all, and any that comes too late.

    How a stage is scored is fixed once it has a ballot (`begun` are the codes of those), who may enter once entries are
    `closed`, what is told and checked about results once scores were `locked` and officers know them.
    """
    changes = differences(before, after)
    if not changes:
        raise DomainError("规则没有变化，不用发补充通知")
    stages = {stage["code"]: stage for stage in before["stages"]}
    own = {code: {row["group"] for row in stages[code]["criteria"]} for code in begun}
    for change in changes:
        part, code, field = (*change.path, "", "", "")[:3]
        if part in ("eligibility", "doc_no") and closed:
            raise Conflict("报名已截止，报名规则不能再改", field="doc_no")
        if part == "results" and locked:
            raise Conflict("已有成绩锁定，成绩规则不能再改", field="package")
        if part == "stages" and code in begun and field in (*SCORING, ""):
            raise Conflict("这一阶段已有评分表，评分细则、权重和计分方式不能再改", field=field or "stages")
        # A group's rubric holds for every stage that has none of its own.
        if part == "groups" and field in ("criteria", "") and any(code not in groups for groups in own.values()):
            raise Conflict("这一阶段已有评分表，评分细则、权重和计分方式不能再改", field="criteria")
    return changes
