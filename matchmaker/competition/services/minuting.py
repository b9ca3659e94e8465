"""The minutes of a deliberation (合议记录): by entry, who was on the panel, what was said, who signs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matchmaker.activity import services as activity
from matchmaker.competition.models import Ballot, ContestStage, DeliberationNote, Entry, JudgeSeat
from matchmaker.competition.queries import judging
from matchmaker.competition.services import deliberating
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict


@dataclass(frozen=True)
class Discussed:
    """One entry: its panel as it counts, who leads, the notes, and who wrote but has to stay away by now."""

    entry: Entry
    panel: Sequence[JudgeSeat]
    lead_id: int | None
    notes: Sequence[DeliberationNote]

    @property
    def away(self) -> list[JudgeSeat]:
        """Who wrote a note and does not count any more: they sign nothing."""
        counting = {seat.id for seat in self.panel}
        return list({note.seat_id: note.seat for note in self.notes if note.seat_id not in counting}.values())


def of(stage: ContestStage, *, actor: Any) -> list[Discussed]:
    """Every entry that was discussed, for organisers without a part in the contest, once the scores are locked."""
    by_entry: dict[int, list[DeliberationNote]] = {}
    for note in deliberating.minutes(stage, actor=actor):
        by_entry.setdefault(note.entry_id, []).append(note)
    panels: dict[int, list[JudgeSeat]] = {}
    counting = judging.ballots_of(stage.id).where(Ballot.entry_id.in_(list(by_entry)))
    for ballot in db.session.execute(counting).unique().scalars():
        panels.setdefault(ballot.entry_id, []).append(ballot.seat)
    leads = deliberating.lead_seats(stage)
    return [
        Discussed(notes[0].entry, panels.get(entry_id, []), leads.get(entry_id), notes)
        for entry_id, notes in by_entry.items()
    ]


def taken_out(stage: ContestStage, *, actor: Any) -> list[Discussed]:
    """The same to be printed; that it left the platform stands in the log."""
    found = of(stage, actor=actor)
    if not found:
        raise Conflict("本阶段没有合议意见，不用打印合议记录")
    activity.record("competition.exported", subject=stage.contest, actor=actor, what=f"deliberation {stage.code.value}")
    return found
