"""The stages of a contest: set while it is drafted, opened one after another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import Any

import sqlalchemy as sa

from matchmaker.activity import services as activity
from matchmaker.competition.models import Contest, ContestStage, CriterionRow, Entry, StageEntry
from matchmaker.competition.queries import entries as entry_queries
from matchmaker.competition.queries import judging
from matchmaker.competition.rules.aggregation import Aggregation
from matchmaker.competition.rules.stages import StageMode, TieBreak, check_extremes, check_judges, check_order
from matchmaker.competition.rules.states import (
    ContestState,
    EntryState,
    Stage,
    check_entry_transition,
    check_transition,
)
from matchmaker.competition.services import rechecking
from matchmaker.competition.services.blinding import check_blind_ready
from matchmaker.competition.services.guards import check_manages, check_unconflicted
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict

UNDECIDED = (EntryState.SUBMITTED, EntryState.SCREENING, EntryState.RETURNED)
ORDER = (Stage.PRELIMINARY, Stage.SEMIFINAL, Stage.FINAL)
OPTIONAL = (
    "mode", "blind", "comment_below", "comment_above", "range_limit", "pitch_minutes", "question_minutes",
    "auto_release",
)  # fmt: skip


def set_stages(contest: Contest, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep, add and drop the stages of a contest that is not announced, in the order of the field."""
    ordered = sorted(rows, key=lambda row: ORDER.index(Stage(row["code"])))
    codes = [Stage(row["code"]) for row in ordered]
    check_order(codes, [row["judging_until"] for row in ordered], deadline=contest.deadline)
    for gone in [s for s in contest.stages if s.code not in codes]:
        contest.stages.remove(gone)
    for position, row in enumerate(ordered, start=1):
        stage = contest.stage_of(Stage(row["code"]))
        if stage is None:
            stage = ContestStage(
                code=Stage(row["code"]), mode=StageMode.ONLINE, scores_version=0, places=[], ties=_usual_ties(position)
            )
            contest.stages.append(stage)
        stage.position = position
        set_values(stage, row)
    contest.stages.sort(key=lambda stage: stage.position)


def set_values(stage: ContestStage, row: Mapping[str, Any]) -> None:
    """Write what a stage is judged by; refuses what cannot be judged so."""
    stage.judging_until = row["judging_until"]
    stage.aggregation, stage.per_entry = Aggregation(row["aggregation"]), row["per_entry"]
    stage.minimum_panel = row.get("minimum_panel") or stage.per_entry
    for key in OPTIONAL:
        if key in row:
            setattr(stage, key, StageMode(row[key]) if key == "mode" else row[key])
    if "places" in row:
        stage.places = [dict(cell) for cell in row["places"]]
    if "ties" in row:
        stage.ties = [TieBreak(value).value for value in row["ties"]]
    check_judges(per_entry=stage.per_entry, trimmed=stage.aggregation is Aggregation.TRIMMED)
    check_extremes(stage.comment_below, stage.comment_above)


def check_dates(contest: Contest) -> None:
    """The stages end one after another, the first after entries close."""
    ordered = contest.stages
    check_order([s.code for s in ordered], [s.judging_until for s in ordered], deadline=contest.deadline)


def _usual_ties(position: int) -> list[str]:
    return [TieBreak.PREVIOUS.value] if position > 1 else []


def document_of(stage: ContestStage) -> dict[str, Any]:
    """Everything about a stage that decides about results, as plain values."""
    return {
        "code": stage.code.value,
        "judging_until": stage.judging_until.astimezone(UTC).isoformat(),
        "mode": stage.mode.value,
        "blind": stage.blind,
        "aggregation": stage.aggregation.value,
        "per_entry": stage.per_entry,
        "minimum_panel": stage.minimum_panel,
        "ties": stage.ties,
        "places": stage.places,
        "comment_below": plain(stage.comment_below),
        "comment_above": plain(stage.comment_above),
        "range_limit": plain(stage.range_limit),
        "pitch_minutes": stage.pitch_minutes,
        "question_minutes": stage.question_minutes,
        "auto_release": stage.auto_release,
        "criteria": [{"group": row.group.code.value, **criterion_document(row)} for row in stage.own_criteria],
    }


def criterion_document(row: CriterionRow) -> dict[str, Any]:
    """A line of a rubric as plain values."""
    return {
        "key": row.key,
        "label": row.label,
        "weight": plain(row.weight),
        "maximum": plain(row.maximum),
        "step": plain(row.step),
        "levels": row.levels,
    }


def plain(number: Any) -> str | None:
    """A decimal as the shortest text, for a document that others read."""
    return None if number is None else f"{number.normalize():f}"


def open_stage(stage: ContestStage, *, actor: Any) -> int:
    """Open the ballots: every entry is decided on and has its full panel. Returns how many entries compete."""
    contest = stage.contest
    check_manages(actor, contest)
    check_unconflicted(actor, contest)
    if stage is not contest.current or stage.opened is not None:
        raise Conflict("这个阶段现在不能开始：前一阶段还没有公布，或本阶段已经开始")
    if contest.state is not ContestState.JUDGING:
        check_transition(contest.state, ContestState.JUDGING)
    if _rows(entry_queries.in_contest(contest.id, *UNDECIDED)):
        n = len(_rows(entry_queries.in_contest(contest.id, *UNDECIDED)))
        raise Conflict("还有 {n} 个项目没有审查完，请先办结再开始评审", n=n)
    rechecking.check_decided(contest)
    competing = competing_in(stage)
    if not competing:
        raise Conflict("没有通过审查的项目，不能开始评审")
    check_blind_ready(stage)
    panels: dict[int, int] = {}
    for entry_id, _seat_id, _state in db.session.execute(judging.progress(stage.id)):
        panels[entry_id] = panels.get(entry_id, 0) + 1
    short = [entry for entry in competing if panels.get(entry.id, 0) < stage.per_entry]
    if short:
        raise Conflict("还有 {n} 个项目的评委没有配齐，请先分配评委", n=len(short))
    for entry in competing:
        target = EntryState(stage.code.value)
        if entry.state is not target:
            check_entry_transition(entry.state, target)
            entry.state = target
    give_codes(stage, competing)
    contest.state, stage.opened = ContestState.JUDGING, clock.now()
    activity.record(
        "competition.judging_started", subject=contest, actor=actor, stage=stage.code.value, entries=len(competing)
    )
    db.session.flush()
    return len(competing)


def competing_in(stage: ContestStage) -> list[Entry]:
    """The entries that are, or are about to be, judged in this stage."""
    ready = {EntryState(stage.code.value)} | ({EntryState.GROUPED} if stage is stage.contest.stages[0] else set())
    return _rows(entry_queries.in_contest(stage.contest_id, *ready))


def give_codes(stage: ContestStage, competing: Sequence[Entry]) -> None:
    """Every entry gets a code that says nothing about it: numbered in an order drawn by the system's generator."""
    import secrets

    known = set(db.session.execute(sa.select(StageEntry.entry_id).where(StageEntry.stage_id == stage.id)).scalars())
    new = [entry for entry in competing if entry.id not in known]
    secrets.SystemRandom().shuffle(new)
    for number, entry in enumerate(new, start=len(known) + 1):
        db.session.add(StageEntry(stage_id=stage.id, entry_id=entry.id, code=f"E{number:03d}"))


def _rows(statement: sa.Select[Entry]) -> list[Entry]:
    return list(db.session.execute(statement).unique().scalars())
