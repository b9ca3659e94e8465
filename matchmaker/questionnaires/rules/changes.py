"""What changed between two versions of a form."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from matchmaker.core.labels import Labelled
from matchmaker.questionnaires.rules.definition import Condition, Definition, Field, Section


class ChangeKind(Labelled):
    """What became of a part of a form."""

    ADDED = "added", "新增", "good"
    REMOVED = "removed", "删去", "bad"
    CHANGED = "changed", "有改动", "warn"
    MOVED = "moved", "移动", "neutral"


class Aspect(Labelled):
    """What of a part changed."""

    LABEL = "label", "名称"
    HELP = "help", "填写说明"
    REQUIRED = "required", "是否必填"
    STAFF_ONLY = "staff_only", "仅主办方可见"
    PERSONAL = "personal", "含个人信息"
    SHOW_IF = "show_if", "显示条件"
    OPTIONS = "options", "选项"
    LIMITS = "limits", "单位与范围"
    KIND = "kind", "类型"


ASPECTS = {
    "label_en": Aspect.LABEL,
    "help_en": Aspect.HELP,
    "unit": Aspect.LIMITS,
    "minimum": Aspect.LIMITS,
    "maximum": Aspect.LIMITS,
    "places": Aspect.LIMITS,
    "most": Aspect.LIMITS,
    "counts": Aspect.LIMITS,
}


@dataclass(frozen=True)
class Change:
    """One part that is not as it was; `aspects` says what of it, `before` and `after` its names when they differ."""

    kind: ChangeKind
    label: str
    aspects: tuple[Aspect, ...] = ()
    before: str = ""


def differences(old: Definition, new: Definition, *, language: str = "zh") -> list[Change]:
    """Every section and field that was added, removed, changed or moved, in the order of the new form."""
    before, after = _parts(old), _parts(new)
    found: list[Change] = []
    stayed = [key for key in after if key in before]
    moved = _moved([key for key in before if key in after], stayed)
    for key, part in after.items():
        if key not in before:
            found.append(Change(ChangeKind.ADDED, _name(part, language)))
            continue
        aspects = _aspects(before[key], part)
        if aspects:
            was, label = _name(before[key], language), _name(part, language)
            found.append(Change(ChangeKind.CHANGED, label, aspects, was if was != label else ""))
        elif key in moved:
            found.append(Change(ChangeKind.MOVED, _name(part, language)))
    found += [Change(ChangeKind.REMOVED, _name(part, language)) for key, part in before.items() if key not in after]
    return found


def _parts(definition: Definition) -> dict[str, Section | Field]:
    parts: dict[str, Section | Field] = {}
    for section in definition.sections:
        parts[section.id] = section
        parts.update((field.id, field) for field in section.fields)
    return parts


def _name(part: Section | Field, language: str) -> str:
    return part.label_in(language) or "—"


def _aspects(old: Section | Field, new: Section | Field) -> tuple[Aspect, ...]:
    names = [spec.name for spec in fields(new) if spec.name not in {"id", "fields"}]
    differing = [name for name in names if _told(getattr(old, name, None)) != _told(getattr(new, name, None))]
    return tuple(dict.fromkeys(ASPECTS.get(name) or Aspect(name) for name in differing))


def _told(value: Any) -> Any:
    return value.to_json() if isinstance(value, Condition) else value


def _moved(before: list[str], after: list[str]) -> set[str]:
    """The fewest parts that must be moved to come from one order to the other: those outside the longest common run."""
    places = {key: n for n, key in enumerate(before)}
    best: list[tuple[int, list[str]]] = []
    for key in after:
        runs = [run for last, run in best if last < places[key]]
        longest = max(runs, key=len, default=[])
        best.append((places[key], [*longest, key]))
    kept = max((run for _last, run in best), key=len, default=[])
    return set(after) - set(kept)
