"""Other terms: a helper proposes another time or another way instead of a plain yes, and the owner agrees or not."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from matchmaker.activity import services as activity
from matchmaker.core import clock
from matchmaker.core.db import claim, db
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.matching import access, queries, rules
from matchmaker.matching.models import HelpRequest, Proposal
from matchmaker.matching.rules import ProposalState
from matchmaker.matching.rules.talks import LEFT_TO_OWNER
from matchmaker.matching.services import letters, wording


def propose(request: HelpRequest, *, actor: Any, moment: datetime | None, terms: str) -> Proposal:
    """Propose another time or other terms; the request stays open and the owner is asked."""
    if not access.may_answer(actor, request):
        raise NotPermitted("只有被邀请的本人可以答复")
    now = clock.now()
    rules.check_answerable(request.state, asked=request.asked, now=now, need_deadline=request.expires)
    rules.check_proposal(moment=moment, terms=terms, now=now)
    if rules.has_contact(terms):
        raise DomainError(wording.NO_CONTACT, field="terms")
    if db.session.execute(queries.waiting_proposal(request.id)).first() is not None:
        raise Conflict("您已提出过调整，请等对方答复；也可以直接接受或婉拒")
    row = Proposal(
        request_id=request.id,
        person_id=request.person_id,
        state=ProposalState.WAITING,
        moment=moment,
        terms=terms.strip(),
        by_link=isinstance(actor, access.LinkBearer),
        created=now,
    )
    db.session.add(row)
    request.expires = max(request.expires, now + LEFT_TO_OWNER)
    db.session.flush()  # the unique index has the last word
    activity.record("matching.proposed", subject=request, actor=actor)
    letters.tell_asker(request, "matching/mail/proposed", proposal=row)
    db.session.flush()
    return row


def refuse(proposal: Proposal, request: HelpRequest, *, actor: Any, answer: str = "") -> None:
    """The owner does not agree; the helper may still accept as asked, propose again or decline."""
    settle(proposal, request, actor=actor, state=ProposalState.REFUSED, answer=answer)
    letters.tell_helper(request, "matching/mail/terms_refused", proposal=proposal)
    db.session.flush()


def settle(proposal: Proposal, request: HelpRequest, *, actor: Any, state: ProposalState, answer: str) -> None:
    """Write down the owner's answer; the second of two changes nothing."""
    if not access.may_act_for(actor, request.need):
        raise NotPermitted("只有提出需求的单位和经办人可以答复")
    wording.check_letter(request.need, answer, field="answer")
    rules.check_answerable(request.state, asked=request.asked, now=clock.now(), need_deadline=request.expires)
    settled = claim(
        sa.update(Proposal)
        .where(Proposal.id == proposal.id, Proposal.state == ProposalState.WAITING)
        .values(state=state, answered=clock.now(), answered_by_id=actor.id, answer=answer.strip()[:500])
    )
    db.session.refresh(proposal)
    if not settled:
        raise Conflict("这项调整当前为“{state}”，不能再答复", state=proposal.state)
    activity.record(f"matching.terms_{state.value}", subject=request, actor=actor)


def close(request: HelpRequest) -> None:
    """A request that is answered, withdrawn or over leaves no proposal waiting."""
    db.session.execute(
        sa.update(Proposal)
        .where(Proposal.request_id == request.id, Proposal.state == ProposalState.WAITING)
        .values(state=ProposalState.OVER, answered=clock.now())
    )
