"""Where a judge or an entry stands on the board of progress."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from matchmaker.core.labels import Labelled


class Pace(Labelled):
    """What the organiser has to look after."""

    DONE = "done", "已完成", "good"
    BEGUN = "begun", "进行中", "wait"
    SILENT = "silent", "还没有动静", "warn"
    LATE = "late", "已逾期", "bad"
    NONE = "none", "没有任务"


@dataclass(frozen=True)
class Progress:
    """How many ballots there are, how many are submitted, and when something happened last."""

    ballots: int = 0
    done: int = 0
    last: datetime | None = None

    @property
    def left(self) -> int:
        return self.ballots - self.done

    def pace(self, *, until: datetime, now: datetime) -> Pace:
        """Late once the time is over, silent as long as nothing was saved."""
        if not self.ballots:
            return Pace.NONE
        if not self.left:
            return Pace.DONE
        if now > until:
            return Pace.LATE
        return Pace.BEGUN if self.last is not None else Pace.SILENT
