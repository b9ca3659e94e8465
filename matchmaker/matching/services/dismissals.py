""" "Not for me", from either side, with a coded reason; kept for learning, and undone in one press."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from matchmaker.activity import services as activity
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.errors import DomainError, NotPermitted
from matchmaker.directory.models import Person
from matchmaker.matching import access, queries, rules
from matchmaker.matching.models import Dismissal, Need
from matchmaker.matching.rules import DismissReason, Side
from matchmaker.matching.services import impressions, suggesting


def dismiss(need: Need, person: Person, *, actor: Any, side: Side, reason: DismissReason, note: str = "") -> Dismissal:
    """Show this need to this helper no more, or this helper for this need."""
    _check(need, person, actor=actor, side=side)
    rules.check_dismissal(reason, note=note)
    pairs = suggesting.explain_pairs(need, [person.id])
    if person.id not in pairs:
        raise DomainError("没有找到这位服务者，请刷新页面后再试")
    explanation, _barrier = pairs[person.id]
    row = db.session.execute(queries.dismissal(need.id, person.id, side)).scalar_one_or_none()
    if row is None:
        row = Dismissal(need_id=need.id, person_id=person.id, side=side)
        db.session.add(row)
    row.reason, row.note, row.by_id = reason, note.strip(), actor.id
    row.created, row.undone = clock.now(), None
    row.score, row.explanation = Decimal(str(round(explanation["raw"], 6))), explanation
    row.engine = impressions.engine_name()
    db.session.flush()
    activity.record("matching.dismissed", subject=need, actor=actor, reason=reason.value, side=side.value)
    return row


def undo(need: Need, person: Person, *, actor: Any, side: Side) -> None:
    """Show it again; that it was once dismissed stays known."""
    _check(need, person, actor=actor, side=side)
    row = db.session.execute(queries.dismissal(need.id, person.id, side)).scalar_one_or_none()
    if row is None or row.undone is not None:
        raise DomainError("这一条没有被隐藏，不用恢复")
    row.undone = clock.now()
    activity.record("matching.dismissal_undone", subject=need, actor=actor, side=side.value)
    db.session.flush()


def _check(need: Need, person: Person, *, actor: Any, side: Side) -> None:
    allowed = person.user_id == actor.id if side is Side.HELPER else access.may_act_for(actor, need)
    if not allowed:
        raise NotPermitted("只能为自己隐藏推荐")
