"""Leading a live final: prepare, sign in, draw, call, show."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from matchmaker.activity import services as activity
from matchmaker.competition.models import Ballot, ContestGroup, ContestStage, StageEntry, Standing
from matchmaker.competition.queries import judging
from matchmaker.competition.rules.aggregation import entry_score
from matchmaker.competition.rules.ballots import BallotState
from matchmaker.competition.rules.stages import StageMode, StageState
from matchmaker.competition.services import ballots, counting, entries
from matchmaker.competition.services.guards import check_manages, check_unconflicted
from matchmaker.core import clock
from matchmaker.core.db import claim, db
from matchmaker.core.errors import Conflict, DomainError
from matchmaker.finals import queries, rules
from matchmaker.finals.models import Appearance, Final
from matchmaker.finals.rules import Phase

if TYPE_CHECKING:
    from matchmaker.competition.engine.order import Slope

MINUTE = 60


def prepare(stage: ContestStage, *, actor: Any, venue: str = "", by_group: bool = False) -> Final:
    """Make the final of a live stage that is open: its secret is kept, its fingerprint is public from now on.

    `by_group`: one group of the contest after the other, the order drawn within each.
    """
    _check_leads(stage, actor)
    if stage.mode is not StageMode.LIVE:
        raise Conflict("本阶段不是现场答辩，请先在阶段规则里改为现场答辩")
    if stage.state is not StageState.JUDGING:
        raise Conflict("本阶段评审还没有开始或已经结束，请先分配评委并开始评审")
    if queries.of_stage(stage.id) is not None:
        raise Conflict("本阶段的现场决赛已经建立，请刷新页面")
    secret = secrets.token_hex(32)
    final = Final(
        stage=stage,
        venue=venue.strip()[:200],
        by_group=by_group,
        secret=secret,
        commitment=rules.commitment(secret),
        token=secrets.token_urlsafe(24),
        created=clock.now(),
    )
    db.session.add(final)
    entered = db.session.execute(sa.select(StageEntry).where(StageEntry.stage_id == stage.id)).unique().scalars()
    standing = {entry.id for entry in counting.competing(stage)}
    for row in entered:
        if row.entry_id in standing:
            final.appearances.append(Appearance(entry=row.entry, code=row.code, phase=Phase.WAITING))
    db.session.flush()
    activity.record(
        "finals.prepared", subject=stage.contest, actor=actor, stage=stage.code.value, commitment=final.commitment
    )
    return final


def sign_in(appearance: Appearance, *, actor: Any, speaker: str, word: str = "") -> None:
    """Note who speaks (and answers) for an entry and their word for the draw; until the order is drawn."""
    _check_leads(appearance.final.stage, actor)
    if appearance.final.drawn is not None and word.strip() != appearance.word:
        raise Conflict("顺序已经抽定，抽签口令不能再改")
    if not speaker.strip():
        raise DomainError("请填写答辩人姓名，陈述和答辩须是同一人", field="speaker")
    appearance.speaker, appearance.word = speaker.strip()[:60], rules.check_word(word)
    appearance.signed_in = appearance.signed_in or clock.now()
    activity.record("finals.signed_in", subject=appearance.entry, actor=actor)
    db.session.flush()


def draw(final: Final, *, actor: Any) -> list[Appearance]:
    """Draw the order once; the secret is public from now on."""
    _check_leads(final.stage, actor)
    once = sa.update(Final).where(Final.id == final.id, Final.drawn.is_(None))
    if not claim(once.values(drawn=clock.now(), version=Final.version + 1)):
        raise Conflict("顺序已经抽定，不能重抽")
    db.session.refresh(final)
    by_code = {row.code: row for row in final.appearances if row.phase is not Phase.WITHDRAWN}
    groups = {code: row.entry.group_id for code, row in by_code.items()} if final.by_group else None
    order = rules.drawn(final.secret, {code: row.word for code, row in by_code.items()}, groups)
    for position, code in enumerate(order, start=1):
        by_code[code].position = position
    activity.record("finals.drawn", subject=final.stage.contest, actor=actor, order=order, commitment=final.commitment)
    db.session.flush()
    return [by_code[code] for code in order]


def step(appearance: Appearance, target: Phase, *, actor: Any) -> None:
    """Lead an appearance to its next phase; one entry is on stage at a time."""
    final = appearance.final
    _check_leads(final.stage, actor)
    if final.drawn is None:
        raise Conflict("请先抽签确定顺序")
    rules.check_phase(appearance.phase, target)
    if target is Phase.SHOWN:
        show(appearance, actor=actor)
        return
    if target is Phase.WITHDRAWN:
        raise DomainError("请写明弃赛声明的编号和签字人", field="reason")
    busy = next((row for row in final.appearances if row is not appearance and row.phase in rules.ON_STAGE), None)
    if target in rules.ON_STAGE and busy is not None:
        raise Conflict("“{title}”还在台上，请先结束它的陈述和提问", title=busy.entry.title)
    _move(appearance, target)
    activity.record("finals.stepped", subject=appearance.entry, actor=actor, phase=target.value)
    db.session.flush()


def postpone(appearance: Appearance, *, actor: Any, reason: str) -> None:
    """Move an entry that is not there to the end (of its group); the lot it drew stays beside its name."""
    final = appearance.final
    _check_leads(final.stage, actor)
    if final.drawn is None or appearance.phase not in rules.TO_COME:
        raise Conflict("只有抽签以后还没有上台的项目可以移到最后")
    appearance.note = rules.check_reason(reason, "请写明移到最后的原因")
    appearance.late = clock.now()
    _move(appearance, Phase.WAITING)
    activity.record("finals.postponed", subject=appearance.entry, actor=actor, reason=appearance.note)
    db.session.flush()


def withdraw(appearance: Appearance, *, actor: Any, reason: str) -> None:
    """An entry leaves on the day, by a signed statement or because it never came: it is not ranked."""
    _check_leads(appearance.final.stage, actor)
    rules.check_phase(appearance.phase, Phase.WITHDRAWN)
    note = rules.check_reason(reason, "请写明弃赛声明的编号和签字人")
    entries.withdraw_for(appearance.entry, actor=actor, reason=note)
    appearance.note = note
    _move(appearance, Phase.WITHDRAWN)
    activity.record("finals.withdrawn", subject=appearance.entry, actor=actor, reason=note)
    db.session.flush()


def pause(appearance: Appearance, *, actor: Any) -> None:
    """Stop the clock: a microphone fails, a slide does not open."""
    _check_timed(appearance, actor)
    if appearance.paused is not None:
        raise Conflict("计时已经暂停")
    appearance.paused = clock.now()
    _clock_changed(appearance, actor, "pause")


def resume(appearance: Appearance, *, actor: Any) -> None:
    """Let the clock go on from where it stood."""
    _check_timed(appearance, actor)
    if appearance.paused is None:
        raise Conflict("计时没有暂停")
    appearance.extra_seconds += round((clock.now() - appearance.paused).total_seconds())
    appearance.paused = None
    _clock_changed(appearance, actor, "resume")


def extend(appearance: Appearance, *, actor: Any) -> None:
    """One minute more."""
    _check_timed(appearance, actor)
    appearance.extra_seconds += MINUTE
    _clock_changed(appearance, actor, "extend")


def show(appearance: Appearance, *, actor: Any) -> Decimal:
    """Release the score of one entry to everybody: all its ballots are in. From now on they are fixed."""
    final, stage = appearance.final, appearance.final.stage
    _check_leads(stage, actor)
    rules.check_phase(appearance.phase, Phase.SHOWN)
    panel, signed = queries.panel_of(appearance)
    rules.check_showable(stage.aggregation, panel=panel, signed=signed)
    if signed < stage.minimum_panel:
        raise Conflict(
            "只有 {n} 位评委评分，少于规定的 {minimum} 位，请补足评委后再亮分", n=signed, minimum=stage.minimum_panel
        )
    score = _score(appearance)
    once = sa.update(Appearance).where(Appearance.id == appearance.id, Appearance.shown.is_(None))
    if not claim(once.values(score=score, shown=clock.now(), phase=Phase.SHOWN)):
        raise Conflict("这个项目已经亮分")
    fixed = sa.update(StageEntry).where(StageEntry.stage_id == stage.id, StageEntry.entry_id == appearance.entry_id)
    db.session.execute(fixed.values(shown=clock.now()))
    final.version += 1
    activity.record("finals.shown", subject=appearance.entry, actor=actor, score=f"{score:.2f}")
    db.session.flush()
    db.session.refresh(appearance)
    return score


def show_ready(final: Final, *, actor: Any) -> int:
    """Show what is complete, where it was announced that scores appear by themselves; returns how many."""
    _check_leads(final.stage, actor)
    if not final.stage.auto_release:
        return 0
    panels, count = queries.panels(final), 0
    for row in final.appearances:
        panel, signed = panels.get(row.entry_id, (0, 0))
        if row.phase is Phase.SCORING and panel == signed >= final.stage.minimum_panel:
            show(row, actor=actor)
            count += 1
    return count


def type_in(
    ballot: Ballot, *, actor: Any, version: int, points: Mapping[str, Decimal], comment: str, note: str
) -> None:
    """Type in a ballot that its judge filled and signed on paper; the chain names who typed it and from what."""
    _check_leads(ballot.stage, actor)
    if not note.strip():
        raise DomainError("请写明纸质评分表的编号和存放处", field="note")
    ballots.type_in(ballot, actor=actor, version=version, points=points, comment=comment, note=note)


def order_effects(stage: ContestStage, standings: Sequence[Standing]) -> list[tuple[ContestGroup, Slope]]:
    """(group, slope) of locked scores on the order on stage: did those who came later get more? Nobody's judgement."""
    from matchmaker.competition.engine.order import order_of_entries  # loads scipy

    turns = queries.positions(stage.id)
    found = []
    for group in stage.contest.groups:
        scores = {row.entry_id: float(row.score) for row in standings if row.group_id == group.id}
        slope = order_of_entries(scores, turns)
        if slope is not None:
            found.append((group, slope))
    return found


def forget(user: Any) -> None:
    """Who spoke for a person's entries, and why one came late or left, is not kept when they leave."""
    rows = db.session.execute(sa.select(Appearance).where(Appearance.entry.has(user_id=user.id))).unique().scalars()
    for row in rows:
        row.speaker = row.note = ""
    db.session.flush()


def _score(appearance: Appearance) -> Decimal:
    statement = judging.ballots_of(appearance.final.stage_id).where(
        Ballot.entry_id == appearance.entry_id, Ballot.state == BallotState.SUBMITTED
    )
    marks = [counting.total_of(ballot) for ballot in db.session.execute(statement).unique().scalars()]
    return entry_score(marks, rule=appearance.final.stage.aggregation, entry=appearance.entry.title)


def _move(appearance: Appearance, target: Phase) -> None:
    final, now = appearance.final, clock.now()
    back = rules.BACK.get(appearance.phase) is target
    appearance.phase, appearance.phase_started = target, now
    appearance.paused, appearance.extra_seconds = None, 0
    if target is Phase.PITCHING:
        final.current_id = appearance.id
        appearance.called = appearance.called if back else now
    elif target in (Phase.WAITING, Phase.ABSENT, Phase.WITHDRAWN):
        appearance.called = None
        final.current_id = None if final.current_id == appearance.id else final.current_id
    elif back:
        final.current_id = appearance.id
    final.version += 1


def _check_timed(appearance: Appearance, actor: Any) -> None:
    _check_leads(appearance.final.stage, actor)
    if appearance.phase not in rules.ON_STAGE:
        raise Conflict("这个环节不计时")


def _clock_changed(appearance: Appearance, actor: Any, what: str) -> None:
    appearance.final.version += 1
    activity.record("finals.clock", subject=appearance.entry, actor=actor, what=what)
    db.session.flush()


def _check_leads(stage: ContestStage, actor: Any) -> None:
    check_manages(actor, stage.contest)
    check_unconflicted(actor, stage.contest)
