"""What happens to counted results: the pending list, due diligence, feedback, and opening a stage again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matchmaker.competition.rules.editions import Prize, prize_at
from matchmaker.competition.rules.states import EntryState
from matchmaker.core.errors import Conflict, DomainError
from matchmaker.core.labels import Labelled

LONGEST_REASON = 500
MOST_ITEMS = 12


class CheckResult(Labelled):
    """The result of one item of due diligence."""

    PASSED = "passed", "符合要求", "good"
    FAILED = "failed", "不符合要求", "bad"
    NOTED = "noted", "有说明", "wait"


class Feedback(Labelled):
    """What entrants learn beyond score and place, once the stage is released."""

    NEVER = "never", "不反馈"
    MEANS = "means", "各评分项的平均分"


class Sharing(Labelled):
    """Who may read the result package once the stage is released."""

    SUPERVISOR = "supervisor", "只供监督人员下载"
    PUBLIC = "public", "公开下载"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is announced about an entry after removals: place and whether others share it, prize, whether it goes on."""

    place: int | None
    prize: str | None
    advances: bool
    tied: bool = False


def outcomes(
    ranks: Mapping[int, int], *, removed: Iterable[int], places: int, prizes: Sequence[Prize] | None
) -> dict[int, Outcome]:
    """The pending list of a cell: who stays moves up by the places of those who were taken out.

    `ranks` are as counted by entry; equal ranks stay equal. With `prizes` the cell is decided by them.
    """
    gone = set(removed)
    staying = sorted(rank for entry, rank in ranks.items() if entry not in gone)
    found: dict[int, Outcome] = {}
    for entry, rank in ranks.items():
        if entry in gone:
            found[entry] = Outcome(None, None, False)
            continue
        place = staying.index(rank) + 1
        prize = prize_at(place, prizes) if prizes is not None else None
        found[entry] = Outcome(place, prize.title if prize else None, place <= places, staying.count(rank) > 1)
    return found


def items_of(text: str) -> list[dict[str, str]]:
    """Read the checklist of due diligence, one item a line."""
    labels = [line.strip() for line in text.splitlines() if line.strip()]
    if len(labels) > MOST_ITEMS:
        raise DomainError("尽职调查最多 {n} 项，请合并", field="diligence", n=MOST_ITEMS)
    if len(set(labels)) < len(labels):
        raise DomainError("尽职调查的项目有重复，请删去一行", field="diligence")
    if any(len(label) > 40 for label in labels):
        raise DomainError("尽职调查的每一项最多 40 字，请精简", field="diligence")
    return [{"key": label, "label": label} for label in labels]


def check_result(result: CheckResult, *, note: str) -> None:
    """Anything but a plain pass says why."""
    if result is not CheckResult.PASSED and not note.strip():
        raise DomainError("“不符合要求”和“有说明”请写明情况", field="note")
    if len(note) > LONGEST_REASON:
        raise DomainError("说明最多 {n} 字，请精简", field="note", n=LONGEST_REASON)


def check_diligence(items: Sequence[Mapping[str, Any]], results: Mapping[str, CheckResult], *, entry: str) -> None:
    """A prospective winner is announced when every item is settled and none has failed."""
    open_items = [item["label"] for item in items if item["key"] not in results]
    if open_items:
        raise DomainError(
            "项目“{entry}”的尽职调查还有 {n} 项没有结论：{item}", field="diligence", entry=entry, n=len(open_items),
            item=open_items[0],
        )  # fmt: skip
    failed = [item["label"] for item in items if results[item["key"]] is CheckResult.FAILED]
    if failed:
        raise DomainError(
            "项目“{entry}”的尽职调查“{item}”不符合要求，请先提请递补", field="diligence", entry=entry, item=failed[0]
        )


def check_reason(reason: str) -> None:
    """What others are told about a step."""
    if not reason.strip():
        raise DomainError("请写明理由", field="reason")
    if len(reason.strip()) > LONGEST_REASON:
        raise DomainError("理由最多 {n} 字，请精简", field="reason", n=LONGEST_REASON)


def check_reopen(*, locked: bool, archived: bool, following_opened: bool) -> None:
    """A stage is opened again while nothing has been built on its results."""
    if not locked:
        raise Conflict("本阶段成绩没有锁定，不用重新打开")
    if archived:
        raise Conflict("大赛已归档，不能重新打开成绩；需要更正请撤销证书")
    if following_opened:
        raise Conflict("下一阶段评审已经开始，本阶段成绩不能重新打开")


def back_to(state: EntryState, stage: EntryState) -> EntryState:
    """Where an entry stands again when its stage is opened again; who gave up or was disqualified stays out."""
    if state in (EntryState.WITHDRAWN, EntryState.DISQUALIFIED, EntryState.REJECTED):
        return state
    return stage
