"""States of a batch and the steps between them."""

from __future__ import annotations

from collections.abc import Mapping

from matchmaker.core.labels import Labelled
from matchmaker.core.transitions import check_step


class BatchState(Labelled):
    """How far an import is."""

    UPLOADED = "uploaded", "已上传", "wait"
    TRIED = "tried", "已试运行", "wait"
    QUEUED = "queued", "等待执行", "wait"
    DONE = "done", "已完成", "good"
    FAILED = "failed", "失败", "bad"
    ABANDONED = "abandoned", "已放弃", "neutral"


_S = BatchState
TRANSITIONS: Mapping[BatchState, frozenset[BatchState]] = {
    _S.UPLOADED: frozenset({_S.TRIED, _S.ABANDONED}),
    _S.TRIED: frozenset({_S.TRIED, _S.UPLOADED, _S.QUEUED, _S.DONE, _S.FAILED, _S.ABANDONED}),
    _S.QUEUED: frozenset({_S.DONE, _S.FAILED}),
    _S.DONE: frozenset(),
    _S.FAILED: frozenset({_S.TRIED, _S.ABANDONED}),
    _S.ABANDONED: frozenset(),
}
OPEN = (_S.UPLOADED, _S.TRIED, _S.FAILED)
SHOWN_ROWS = 50  # outcomes shown on the page; all are in the result file
AT_ONCE = 1_000  # larger files run in the background


def check_move(state: BatchState, to: BatchState) -> None:
    """Refuse a step that is not in the table."""
    check_step(TRANSITIONS, state, to)
