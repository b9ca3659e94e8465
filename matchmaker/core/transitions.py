"""One check for every table of states: which step may follow which."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import TypeVar

from .errors import Conflict
from .labels import Labelled

State = TypeVar("State", bound=Labelled)


def check_step(steps: Mapping[State, Set[State]], current: State, target: State) -> None:
    """Raise Conflict unless `steps` lets `current` become `target`."""
    if target not in steps.get(current, frozenset()):
        raise Conflict(
            "当前状态是“{current}”，不能改为“{target}”，请刷新页面后按所列步骤操作",
            field="state",
            current=current,
            target=target,
        )


def reachable(steps: Mapping[State, Set[State]], start: State) -> set[State]:
    """Every state that can follow `start`, itself included."""
    found, waiting = {start}, [start]
    while waiting:
        for following in steps.get(waiting.pop(), frozenset()):
            if following not in found:
                found.add(following)
                waiting.append(following)
    return found
