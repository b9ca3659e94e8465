"""Keeping what was counted: one tally a lock with its package and standings, and opening a stage again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal

import sqlalchemy as sa

from matchmaker.competition.models import ContestStage, Standing, Tally
from matchmaker.competition.queries import standings
from matchmaker.competition.services import counting, judgefile, packages, pseudonyms, stages
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict
from matchmaker.publicity.models import Decision


def keep(stage: ContestStage, *, decision: Decision) -> Tally:
    """Count a stage that has just been locked, and keep the result under the next version."""
    stages.give_codes(stage, counting.competing(stage))
    for ballot in counting.signed(stage):
        pseudonyms.give(ballot.seat)
    db.session.flush()
    counted = counting.count(stage)
    earlier = of_stage(stage)
    version = len(earlier) + 1
    text = packages.canonical(packages.document_of(stage, counted, version=version, earlier=earlier))
    tally = Tally(
        contest_id=stage.contest_id,
        stage_id=stage.id,
        stage=stage,
        version=version,
        rule=stage.aggregation,
        rules_hash=stage.contest.rules_hash,
        document=text,
        sha256=packages.fingerprint(text),
        counted=clock.now(),
        decision_id=decision.id,
    )
    db.session.add(tally)
    db.session.flush()
    for group in counted:
        for line in group.lines:
            db.session.add(_standing(tally, group, line))
    judgefile.keep(tally, counted)
    db.session.flush()
    return tally


def of_stage(stage: ContestStage) -> Sequence[Tally]:
    """Every tally of a stage, the first first."""
    statement = sa.select(Tally).where(Tally.stage_id == stage.id).order_by(Tally.version)
    return db.session.execute(statement).unique().scalars().all()


def in_force(stage: ContestStage) -> Tally:
    """The tally of a locked stage."""
    tally = db.session.execute(standings.tally_of(stage.id)).unique().scalar_one_or_none()
    if tally is None:
        raise Conflict("成绩锁定以后才能查看；锁定前任何人都看不到分数")
    return tally


def differs(stage: ContestStage) -> bool:
    """Does a recount from the raw points give anything else than what was kept, or was the package touched?"""
    tally = in_force(stage)
    if packages.fingerprint(tally.document) != tally.sha256:
        return True
    rows = db.session.execute(standings.of_stage(stage.id)).unique().scalars().all()
    try:
        again = packages.document_of(
            stage,
            counting.count(stage, entries=[row.entry for row in rows]),
            version=tally.version,
            earlier=[other for other in of_stage(stage) if other.version < tally.version],
        )
    except Conflict:
        return True
    kept = json.loads(tally.document)
    of_rows = {row.code: (row.rank, row.score) for row in rows}
    announced = {
        line["entry"]: (line["rank"], Decimal(line["score"])) for group in kept["groups"] for line in group["ranking"]
    }
    return json.loads(packages.canonical(again)) != kept or of_rows != announced


def _standing(tally: Tally, group: counting.GroupCount, line: counting.Line) -> Standing:
    return Standing(
        tally_id=tally.id,
        contest_id=tally.contest_id,
        stage_id=tally.stage_id,
        group_id=group.group.id,
        entry_id=line.entry.id,
        code=line.code,
        rank=line.place.rank,
        place=line.place.rank,
        score=line.place.result.score,
        error=line.error,
        tied=line.place.tied,
        advances=line.place.advances,
        prize=line.prize,
        marks=[f"{mark.normalize():f}" for mark in line.marks],
    )


def one(stage: ContestStage, version: int) -> Tally:
    """One of a stage's tallies, in force or not."""
    found = next((tally for tally in of_stage(stage) if tally.version == version), None)
    if found is None:
        raise Conflict("没有这一次锁定的成绩，请刷新页面")
    return found
