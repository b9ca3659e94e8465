"""毛遂自荐: a helper offers themselves for a need they found; the owner agrees, and it is an accepted request."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from matchmaker.activity import services as activity
from matchmaker.core import clock
from matchmaker.core.db import claim, db
from matchmaker.core.errors import Conflict, DomainError, Missing, NotPermitted
from matchmaker.directory.models import Person
from matchmaker.matching import access, queries, rules
from matchmaker.matching.models import HelpRequest, Need, NeedOffer
from matchmaker.matching.rules import OfferState, RequestState
from matchmaker.matching.rules.talks import MOST_OFFERS, OFFER_TERM
from matchmaker.matching.services import browsing, letters, requests, wording
from matchmaker.notifications import services as notifications
from matchmaker.rosters.services import profiles


def offer(need: Need, person: Person, *, actor: Any, message: str) -> NeedOffer:
    """Offer oneself; the owner is told and decides."""
    if person.user_id != actor.id:
        raise NotPermitted("只能以本人的名义自荐")
    if not any(sign.isalpha() for sign in message):
        raise DomainError("请用一两句话说明您能帮什么", field="message")
    if rules.has_contact(message):
        raise DomainError("请不要写电话或邮箱：对方同意后，双方会自动看到联系方式", field="message")
    profiles.ensure(person)
    db.session.execute(queries.load_lock(person.id))  # offers of one helper are counted one by one
    if queries.waiting_offers(person.id) >= MOST_OFFERS:
        raise Conflict("您已有 {n} 项自荐在等答复，请先等一等或收回一项", n=MOST_OFFERS)
    explanation = _explained(need, person)
    now = clock.now()
    row = NeedOffer(
        region=need.region,
        need=need,
        person=person,
        state=OfferState.WAITING,
        message=message.strip(),
        created=now,
        expires=rules.expires(now, need_deadline=requests.end_of(need), term=OFFER_TERM),
        score=Decimal(str(round(explanation["raw"], 6))),
        explanation=explanation,
    )
    db.session.add(row)
    db.session.flush()  # the unique index has the last word
    activity.record("matching.offered", subject=need, actor=actor, offer=row.id)
    notifications.enqueue(
        "matching/mail/offered", to=need.user, about=need, url=f"/needs/offers/{row.id}", need=need, offer=row
    )
    db.session.flush()
    return row


def _explained(need: Need, person: Person) -> dict[str, Any]:
    seen = browsing.for_helper(person, only=need.id)
    if seen.hindrance is not None:
        raise Conflict("现在不能自荐：{barrier}", barrier=seen.hindrance)
    if not seen.found:
        raise Missing("这条需求已不再征集，或者不适合自荐")
    return seen.found[0].explanation


def agree(row: NeedOffer, *, actor: Any, answer: str = "") -> HelpRequest:
    """The owner says yes: the helper's place is taken, contacts go out, and what follows is as for any request."""
    _settle(row, OfferState.AGREED, actor=actor, answer=answer)
    need = row.need
    rules.check_askable(need.state, live=queries.live_count(need.id), wanted=1)
    now = clock.now()
    request = HelpRequest(
        region=need.region,
        need=need,
        person=row.person,
        asked_by_id=actor.id,
        state=RequestState.ACCEPTED,
        message=answer.strip(),
        asked=row.created,
        expires=row.expires,
        answered=now,
        offered=True,
        note=row.message,
        score=row.score,
        explanation=row.explanation,
    )
    db.session.add(request)
    db.session.flush()
    row.request_id = request.id
    requests.meet(request, actor=actor)
    return request


def refuse(row: NeedOffer, *, actor: Any, answer: str = "") -> None:
    """The owner says no, kindly; the helper is told."""
    _settle(row, OfferState.REFUSED, actor=actor, answer=answer)
    letters.tell_person(
        row.person, "matching/mail/offer_refused", about=row, url=None, need=row.need, answer=answer.strip()
    )
    db.session.flush()


def take_back(row: NeedOffer, *, actor: Any) -> None:
    """The helper changes their mind before the owner has decided."""
    if row.person.user_id != actor.id:
        raise NotPermitted("只能收回自己的自荐")
    _claim(row, OfferState.WITHDRAWN, actor=actor, answer="")
    activity.record("matching.offer_withdrawn", subject=row.need, actor=actor, offer=row.id)
    db.session.flush()


def expire_due() -> int:
    """Offers nobody answered run out."""
    gone = (
        sa.update(NeedOffer)
        .where(NeedOffer.state == OfferState.WAITING, NeedOffer.expires <= clock.now())
        .values(state=OfferState.EXPIRED, answered=clock.now())
    )
    return int(db.session.execute(gone).rowcount)  # type: ignore[attr-defined]


def _settle(row: NeedOffer, state: OfferState, *, actor: Any, answer: str) -> None:
    if not access.may_act_for(actor, row.need):
        raise NotPermitted("只有提出需求的单位和经办人可以答复")
    wording.check_letter(row.need, answer, field="answer")
    if clock.now() >= row.expires:
        raise Conflict("这项自荐已过期，可以直接邀请对方")
    _claim(row, state, actor=actor, answer=answer)
    activity.record(f"matching.offer_{state.value}", subject=row.need, actor=actor, offer=row.id)


def _claim(row: NeedOffer, state: OfferState, *, actor: Any, answer: str) -> None:
    """One conditional UPDATE: the second of two answers changes nothing."""
    taken = claim(
        sa.update(NeedOffer)
        .where(NeedOffer.id == row.id, NeedOffer.state == OfferState.WAITING)
        .values(state=state, answered=clock.now(), answered_by_id=actor.id, answer=answer.strip()[:500])
    )
    db.session.refresh(row)
    if not taken:
        raise Conflict("这项自荐当前为“{state}”，不能再改", state=row.state)
