"""Vocabulary and law of rounds: states, numbers, why a need stays without anybody."""

from __future__ import annotations

from collections.abc import Mapping

from matchmaker.core.errors import Conflict, DomainError
from matchmaker.core.labels import Labelled
from matchmaker.core.transitions import check_step

MOST_NEEDS, MOST_HELPERS = 500, 500
MOST_PER_NEED, MOST_PER_HELPER = 5, 20


class RoundState(Labelled):
    """Where a round stands."""

    DRAFT = "draft", "草稿"
    RUNNING = "running", "进行中", "wait"
    CLOSED = "closed", "已结束", "good"


class Aim(Labelled):
    """What a plan is after, once as many needs as possible have somebody."""

    SUM = "sum", "总匹配度最高"
    WORST = "worst", "先保障最弱的需求"


class PairState(Labelled):
    """Where a pair stands that was not asked, or no more."""

    PROPOSED = "proposed", "待发出", "wait"
    LAPSED = "lapsed", "没有发出", "warn"
    ASKED = "asked", "已发出"


class Gap(Labelled):
    """Why a need gets nobody from the chosen helpers, or a pair was not sent."""

    BELOW_FLOOR = "below_floor", "匹配度低于下限"
    TRIED = "tried", "本轮已经邀请过"
    STANDING = "standing", "已另行邀请"
    FULL = "full", "合适的人都已排满"
    NOBODY = "nobody", "名单中没有服务者"
    SETTLED = "settled", "需求已不在征集中"
    UNREACHABLE = "unreachable", "无法联系"
    BUSY = "busy", "等待答复的邀请已经很多"


MOVES: Mapping[RoundState, frozenset[RoundState]] = {
    RoundState.DRAFT: frozenset({RoundState.RUNNING}),
    RoundState.RUNNING: frozenset({RoundState.CLOSED}),
    RoundState.CLOSED: frozenset(),
}


def check_move(state: RoundState, *, to: RoundState) -> None:
    """Raise Conflict where a round cannot take this step."""
    check_step(MOVES, state, to)


def check_open(state: RoundState) -> None:
    """Raise Conflict where a round takes no change any more."""
    if state is RoundState.CLOSED:
        raise Conflict("这一轮已经结束，请新建一轮")


def check_numbers(*, per_need: int, per_helper: int, floor: int) -> None:
    """So many helpers for a need, so many needs for a helper, and the least score."""
    if not 1 <= per_need <= MOST_PER_NEED:
        raise DomainError("每项需求推荐 1 到 {most} 人", field="per_need", most=MOST_PER_NEED)
    if not 1 <= per_helper <= MOST_PER_HELPER:
        raise DomainError("每人承担 1 到 {most} 项", field="per_helper", most=MOST_PER_HELPER)
    if not 0 <= floor <= 100:
        raise DomainError("匹配度下限应在 0 到 100 之间", field="floor")


def check_chosen(*, needs: int, helpers: int) -> None:
    """A round has somebody on both sides, and not more than a person can look through."""
    if not needs:
        raise DomainError("请至少勾选一项需求", field="needs")
    if not helpers:
        raise DomainError("请至少勾选一位服务者", field="helpers")
    if needs > MOST_NEEDS:
        raise DomainError("一轮最多 {most} 项需求，现有 {n} 项，请分批进行", field="needs", most=MOST_NEEDS, n=needs)
    if helpers > MOST_HELPERS:
        raise DomainError(
            "一轮最多 {most} 位服务者，现有 {n} 位，请分批进行", field="helpers", most=MOST_HELPERS, n=helpers
        )
