"""Learning the ranking from answers, and switching what was learnt on and back."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.dialects import postgresql, sqlite

from matchmaker.activity import services as activity
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.matching import access, queries
from matchmaker.matching.models import LearntWeights, WeightSwitch
from matchmaker.matching.rules import learning as rules
from matchmaker.matching.rules.learning import NO, YES, Lesson
from matchmaker.matching.services import suggesting

if TYPE_CHECKING:
    from matchmaker.matching.engine.learning import Answer, Learnt

VERSION = 1  # of the way of learning: another way may teach something else from the same answers
RACED = "刚刚有人切换过权重，请刷新页面核对后再试"
KNOWN = "从上次学习到现在没有新的答复，不用再学"


@dataclass(frozen=True)
class Material:
    """What there is to learn from: `answers` in the order in which they came, and why the others do not count."""

    engine: str
    answers: Sequence[Answer]
    counts: Mapping[Lesson, int]
    until: datetime | None

    @property
    def accepted(self) -> int:
        """How many of the answers were a yes."""
        return sum(self.counts.get(lesson, 0) for lesson in YES)

    @property
    def refused(self) -> int:
        """How many said that the pair did not fit."""
        return sum(self.counts.get(lesson, 0) for lesson in NO)


@dataclass(frozen=True)
class _Said:
    """One answer: about whom, when, what it teaches, and what was known of the pair when it was suggested."""

    need: int
    person: int
    order: tuple[int, datetime, int]  # an answer to a request counts before a hidden row, however late that was hidden
    lesson: Lesson
    basis: Mapping[str, Any]
    demo: bool


def material() -> Material:
    """All answers, each need and person once. Reads only what was kept at the time; nothing is compared anew."""
    with suggesting.fresh_index() as index:
        engine = index.engine
    said = sorted([*_requests(), *_dismissals()], key=lambda each: each.order, reverse=True)
    seen: set[tuple[int, int]] = set()
    counts: Counter[Lesson] = Counter()
    kept: list[_Said] = []
    for each in said:
        lesson = _counted(each, seen, engine)
        counts[lesson] += 1
        if lesson in YES | NO:
            seen.add((each.need, each.person))
            kept.append(each)
    kept.sort(key=lambda each: (each.order[1], each.order[0], each.order[2]))
    return Material(engine, [_answer(each) for each in kept], counts, kept[-1].order[1] if kept else None)


def _requests() -> list[_Said]:
    found = []
    for row in queries.answered_requests():
        lesson = rules.lesson_of_request(row.state, answered=row.answered is not None, reason=row.reason)
        if lesson is not None:
            order = (1, row.answered or row.asked, row.id)
            found.append(_Said(row.need_id, row.person_id, order, lesson, row.basis or {}, bool(row.demo)))
    return found


def _dismissals() -> list[_Said]:
    return [
        _Said(
            row.need_id,
            row.person_id,
            (0, row.created, row.id),
            rules.lesson_of_dismissal(row.reason),
            row.basis or {},
            bool(row.demo),
        )
        for row in queries.dismissals()
    ]


def _counted(said: _Said, seen: set[tuple[int, int]], engine: str) -> Lesson:
    if said.demo:
        return Lesson.DEMO
    if said.lesson not in YES | NO:
        return said.lesson
    if (said.need, said.person) in seen:
        return Lesson.REPEATED
    if "text" not in said.basis.get("parts", {}):
        return Lesson.UNRECORDED
    return said.lesson if said.basis.get("engine", "") == engine else Lesson.OTHER_ENGINE


def _answer(said: _Said) -> Answer:
    from matchmaker.matching.engine.features import Feature
    from matchmaker.matching.engine.learning import Answer

    parts = said.basis["parts"]
    features = {feature: float(parts[feature.value]) for feature in Feature if feature.value in parts}
    return Answer(float(parts["text"]), features, said.lesson in YES)


def learn(found: Material) -> Learnt:
    """What the answers teach; long work, done before a transaction. Raises DomainError where they are too few."""
    from matchmaker.matching.engine import learning

    return learning.learn(found.answers)


def lacking(found: Material) -> DomainError | None:
    """What is still missing before anything can be learnt, in words; None: nothing is."""
    from matchmaker.matching.engine import learning

    try:
        learning.check(len(found.answers), found.accepted)
    except DomainError as error:
        return error
    return None


def hindrance(row: LearntWeights, *, engine: str) -> DomainError | None:
    """Why these weights may not rank, in words; None: they may."""
    try:
        rules.check_useful(is_better=row.is_better, words=float(row.weights["text"]), same_engine=row.engine == engine)
    except DomainError as error:
        return error
    return None


def keep(found: Material, learnt: Learnt, *, actor: Any) -> LearntWeights:
    """Write down what was learnt; it changes no suggestion before somebody switches to it."""
    from matchmaker.matching.engine.ranking import FEATURE_WEIGHTS, TEXT_WEIGHT

    region = _home()
    if not access.may_learn(actor, region):
        raise NotPermitted("只有本平台所在地区的经办和审批人员可以学习权重")
    key = _insert(
        LearntWeights,
        region=region,
        digest=digest_of(found),
        learnt=clock.now(),
        learnt_by_id=actor.id,
        until=found.until or clock.now(),
        engine=found.engine[:60],
        answers=learnt.answers,
        accepted=learnt.accepted,
        intercept=_exact(learnt.intercept),
        weights=_texts(learnt.weights),
        typical=_texts(learnt.typical),
        by_hand=_texts({"text": TEXT_WEIGHT} | {str(part): weight for part, weight in FEATURE_WEIGHTS.items()}),
        loss=_exact(learnt.loss),
        loss_by_hand=_exact(learnt.by_hand),
        loss_by_share=_exact(learnt.by_share),
        bins=[[each.answers, str(_exact(each.forecast)), str(_exact(each.accepted))] for each in learnt.bins],
    )
    if key is None:
        raise Conflict(KNOWN)
    row = db.session.get_one(LearntWeights, key)
    activity.record("matching.weights_learnt", subject=row, actor=actor, answers=row.answers, accepted=row.accepted)
    db.session.flush()
    return row


def digest_of(found: Material) -> str:
    """The name of some answers, learnt from in this way."""
    answers = [
        [answer.text, {feature.value: value for feature, value in answer.features.items()}, answer.accepted]
        for answer in found.answers
    ]
    return hashlib.sha256(json.dumps([VERSION, found.engine, answers], sort_keys=True).encode()).hexdigest()


def use(row: LearntWeights, *, actor: Any, seen: int, reason: str) -> WeightSwitch:
    """Rank by these weights from the next suggestion on. `seen`: the number of the switch that the actor looked at."""
    _check_decides(actor)
    with suggesting.fresh_index() as index:
        same = index.engine == row.engine
    rules.check_useful(is_better=row.is_better, words=float(row.weights["text"]), same_engine=same)
    standing = queries.in_force()
    if standing is not None and standing.weights_id == row.id:
        raise Conflict("这组权重已经在用")
    return _switch(row, actor=actor, seen=seen, reason=reason)


def restore(*, actor: Any, seen: int, reason: str) -> WeightSwitch:
    """Rank by the weights set by hand again; scores are what they were before."""
    _check_decides(actor)
    standing = queries.in_force()
    if standing is None or standing.weights_id is None:
        raise Conflict("现在用的就是设定的权重")
    return _switch(None, actor=actor, seen=seen, reason=reason)


def _switch(row: LearntWeights | None, *, actor: Any, seen: int, reason: str) -> WeightSwitch:
    rules.check_reason(reason)
    before = queries.in_force()
    if seen != (before.number if before else 0):
        raise Conflict(RACED)
    key = _insert(
        WeightSwitch,
        region=_home(),
        number=seen + 1,
        weights_id=row.id if row else None,
        since=clock.now(),
        by_id=actor.id,
        reason=reason.strip(),
    )
    if key is None:
        raise Conflict(RACED)
    standing = db.session.get_one(WeightSwitch, key)
    activity.record(
        "matching.weights_used" if row else "matching.weights_restored",
        subject=standing,
        actor=actor,
        reason=standing.reason,
        weights=standing.weights_id,
    )
    db.session.flush()
    return standing


def _insert(table: Any, **values: Any) -> int | None:
    """One statement; None where the unique number or digest is taken: the second of two does nothing."""
    insert: Any = postgresql.insert if db.engine.dialect.name == "postgresql" else sqlite.insert
    statement: sa.Insert = insert(table).values(**values).on_conflict_do_nothing()
    key: int | None = db.session.execute(statement.returning(table.id)).scalar_one_or_none()
    return key


def _check_decides(actor: Any) -> None:
    if not access.may_decide_ranking(actor, _home()):
        raise NotPermitted("只有本平台所在地区的审批人员可以切换权重")


def _home() -> str:
    return str(current_app.config["SETTINGS"].region)


def _exact(value: float) -> Decimal:
    return Decimal(str(round(value, 6)))


def _texts(values: Mapping[str, float]) -> dict[str, str]:
    return {part: str(_exact(value)) for part, value in values.items()}
