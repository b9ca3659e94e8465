"""Passing a request on to a colleague: its place moves with one statement, and whoever asked is told."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from matchmaker.activity import services as activity
from matchmaker.core import clock, folding
from matchmaker.core.db import claim, db
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.directory.models import Person
from matchmaker.matching import access, queries, rules
from matchmaker.matching.models import HelpRequest, RequestPass
from matchmaker.matching.rules import RequestState
from matchmaker.matching.rules.talks import MOST_PASSES
from matchmaker.matching.services import letters, links, requests, suggesting, terms, wording


def colleagues(request: HelpRequest) -> Sequence[Person]:
    """Helpers of the same unit who can be reached, to choose from; others are named in full."""
    return db.session.execute(queries.colleagues_of(request.person)).unique().scalars().all()


def find(request: HelpRequest, words: str) -> Person:
    """The one helper of that name, with the unit behind it when two share it."""
    name, _space, unit = words.strip().partition(" ")
    rows = db.session.execute(queries.helpers_named(folding.fold(name))).unique().scalars().all()
    if unit:
        rows = [row for row in rows if folding.fold(unit) in folding.fold(_unit(row))]
    rows = [row for row in rows if row.id != request.person_id]
    if not rows:
        raise DomainError("没有找到这位服务者，请写全名；本人须在导师、特派员或投资人名录里", field="colleague")
    if len(rows) > 1:
        raise DomainError("有 {n} 位同名，请在姓名后空一格写上单位", field="colleague", n=len(rows))
    return rows[0]


def pass_on(request: HelpRequest, *, actor: Any, colleague: Person, note: str = "") -> None:
    """The colleague is asked instead, by the same rules as everybody; the old link stops working."""
    if not access.may_answer(actor, request):
        raise NotPermitted("只有被邀请的本人可以转请同事")
    now = clock.now()
    rules.check_answerable(request.state, asked=request.asked, now=now, need_deadline=request.expires)
    if rules.has_contact(note):
        raise DomainError(wording.NO_CONTACT, field="pass_note")
    if colleague.id == request.person_id:
        raise DomainError("不能转给自己，请填写同事的姓名", field="colleague")
    if queries.pass_count(request.id) >= MOST_PASSES:
        raise Conflict("这项邀请已经转过 {n} 次，请直接接受或婉拒", n=MOST_PASSES)
    explanation = _checked(request, colleague)
    giver = request.person
    passed = RequestPass(
        request_id=request.id,
        from_person_id=giver.id,
        to_person_id=colleague.id,
        moment=now,
        note=note.strip(),
        by_link=isinstance(actor, access.LinkBearer),
        score=request.score,
        explanation=request.explanation,
    )
    _move(request, colleague, explanation)
    db.session.add(passed)  # after the move: who comes second hears that the question has gone
    terms.close(request)
    activity.record("matching.passed", subject=request, actor=actor, to=colleague.id)
    letters.tell_helper(request, "matching/mail/passed_to", token=links.renew(request), giver=giver.name, note=note)
    letters.tell_asker(request, "matching/mail/passed", giver=giver.name)
    db.session.flush()


def _checked(request: HelpRequest, colleague: Person) -> dict[str, Any]:
    pairs = suggesting.explain_pairs(request.need, [colleague.id])
    if colleague.id not in pairs:
        raise DomainError("没有找到这位服务者，请写全名；本人须在导师、特派员或投资人名录里", field="colleague")
    explanation, barrier = pairs[colleague.id]
    if barrier is not None:
        raise Conflict("不能转给{name}：{barrier}", field="colleague", name=colleague.name, barrier=barrier)
    if not colleague.reachable:
        raise Conflict("{name}没有账号和联系方式，不能转请", field="colleague", name=colleague.name)
    standing = queries.requests_of(request.need_id).where(
        HelpRequest.person_id == colleague.id, HelpRequest.state.in_(queries.LIVE)
    )
    if db.session.execute(standing).first() is not None:
        raise Conflict("对方已经邀请过{name}", field="colleague", name=colleague.name)
    requests.check_load(colleague, field="colleague")
    return explanation


def _move(request: HelpRequest, colleague: Person, explanation: dict[str, Any]) -> None:
    """One statement: the question leaves this person and stands with that one, or nothing changes."""
    now = clock.now()
    moved = claim(
        sa.update(HelpRequest)
        .where(
            HelpRequest.id == request.id,
            HelpRequest.state == RequestState.ASKED,
            HelpRequest.person_id == request.person_id,
        )
        .values(
            person_id=colleague.id,
            link_hash=None,
            expires=max(request.expires, rules.expires(now, need_deadline=requests.end_of(request.need))),
            score=Decimal(str(round(explanation["raw"], 6))),
            explanation=explanation,
        )
    )
    db.session.refresh(request)
    if not moved:
        raise Conflict("邀请当前为“{state}”，不能再转请", state=request.state)


def _unit(person: Person) -> str:
    return person.organisation.name if person.organisation else person.unit_text or ""
