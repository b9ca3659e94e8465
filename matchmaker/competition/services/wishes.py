"""What entrants say about whom they are bound to, and who must not judge them. They never learn whether it met."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from matchmaker.activity import services as activity
from matchmaker.competition import access
from matchmaker.competition.models import Entry, EntryTie, RecusalWish
from matchmaker.competition.queries import ties
from matchmaker.competition.rules import conflicts, detection
from matchmaker.competition.rules.conflicts import RecusalReason
from matchmaker.competition.rules.detection import TieKind
from matchmaker.competition.rules.states import EntryState
from matchmaker.core import clock
from matchmaker.core.db import claim, db
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.directory.services import years

GONE = (EntryState.WITHDRAWN, EntryState.DISQUALIFIED, EntryState.REJECTED)


def set_ties(entry: Entry, *, actor: Any, ties: Mapping[TieKind, Sequence[tuple[str, str, str]]]) -> None:
    """Write down shareholders, officers, investors and fellow authors; what stood before is replaced."""
    _check_open(entry, actor)
    db.session.execute(sa.delete(EntryTie).where(EntryTie.entry_id == entry.id))
    for kind, rows in ties.items():
        for name, unit, note in rows:
            db.session.add(EntryTie(entry_id=entry.id, kind=kind, name=name, unit=unit, note=note))
    db.session.flush()
    activity.record("competition.entry_ties_set", subject=entry, actor=actor)
    db.session.flush()


def ask(entry: Entry, *, actor: Any, name: str, unit: str, relation: RecusalReason, evidence: str) -> RecusalWish:
    """Ask that somebody, or everybody of a unit, does not judge this entry. The answer is the same whoever sits."""
    _check_open(entry, actor)
    detection.check_wish(name=name, unit=unit, evidence=evidence)
    if relation not in conflicts.DECLARABLE:
        raise DomainError("请选择关系", field="relation")
    standing = db.session.execute(ties.wishes_of(entry.id)).unique().scalars().all()
    if len(standing) >= detection.MOST_WISHES:
        raise DomainError("最多申请 {most} 条，请合并或撤回不需要的", field="name", most=detection.MOST_WISHES)
    wish = RecusalWish(
        entry=entry,
        name=name.strip()[:60],
        unit=unit.strip()[:200],
        relation=relation,
        evidence=evidence.strip()[:500],
        asked_by_id=actor.id,
        created=clock.now(),
    )
    db.session.add(wish)
    db.session.flush()
    activity.record("competition.entry_recusal_asked", subject=entry, actor=actor)
    db.session.flush()
    return wish


def take_back(wish: RecusalWish, *, actor: Any) -> None:
    """The entrant does not ask for it any more; what an organiser has settled stays settled."""
    _check_open(wish.entry, actor)
    standing = sa.update(RecusalWish).where(RecusalWish.id == wish.id, RecusalWish.withdrawn.is_(None))
    if not claim(standing.values(withdrawn=clock.now())):
        raise Conflict("这条申请已经撤回")
    db.session.refresh(wish)
    activity.record("competition.entry_recusal_taken_back", subject=wish.entry, actor=actor)
    db.session.flush()


def _check_open(entry: Entry, actor: Any) -> None:
    if not access.owns(actor, entry):
        raise NotPermitted("只有报名人和同单位的同事可以办理")
    years.require_open_year(entry.contest.region, entry.contest.year)
    if entry.state in GONE or entry.contest.archived is not None or entry.contest.released is not None:
        raise Conflict("项目已不在评审中，不能再填写")
