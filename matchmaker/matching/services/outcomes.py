"""What came of an accepted request: records of service, and the end of request and need."""

from __future__ import annotations

from typing import Any

from matchmaker.activity import services as activity
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict, NotPermitted
from matchmaker.matching import access, rules
from matchmaker.matching.models import HelpRequest, RequestService
from matchmaker.matching.rules import NeedState, RequestState
from matchmaker.matching.services import needs, requests, stamps
from matchmaker.rosters.models import ServiceRecord
from matchmaker.rosters.services import profiles, records


def record_service(
    request: HelpRequest, *, actor: Any, closes: bool, closes_need: bool = False, demo: bool = False, **values: Any
) -> ServiceRecord:
    """Write down a service of an accepted request; the last one closes it, and the need if the owner says so.

    `values`: served, minutes, place, content, rating (owners only).
    """
    by_helper = access.may_answer(actor, request) and not access.owns(actor, request.need)
    if not by_helper and not access.may_act_for(actor, request.need):
        raise NotPermitted("只有对接双方可以登记服务")
    if request.state is not RequestState.ACCEPTED:
        raise Conflict("对方接受后才能登记服务；当前为“{state}”", state=request.state)
    if by_helper:
        values["rating"] = None
    record = records.record_service(
        request.person,
        actor=actor,
        organisation_id=request.need.organisation_id,
        by_helper=by_helper,
        demo=demo,
        **values,
    )
    db.session.add(RequestService(request_id=request.id, record=record))
    db.session.flush()
    if closes:
        _close(request, actor=actor)
        _settle_need(request, actor=actor, closes_need=closes_need and not by_helper)
    return record


def confirm(request: HelpRequest, record: ServiceRecord, *, actor: Any, rating: int | None = None) -> None:
    """The other side agrees with a record."""
    by_helper = access.may_answer(actor, request) and not access.owns(actor, request.need)
    if not by_helper and not access.owns(actor, request.need):
        raise NotPermitted("只有对接双方可以确认服务")
    records.confirm(record, actor=actor, by_helper=by_helper, rating=None if by_helper else rating)


def _close(request: HelpRequest, *, actor: Any) -> None:
    rules.check_request_move(request.state, to=RequestState.CLOSED)
    request.state, request.closed = RequestState.CLOSED, clock.now()
    profiles.give_place_back(request.person)
    stamps.touch(request.person_id)
    activity.record("matching.closed", subject=request, actor=actor, need=request.need_id)
    db.session.flush()


def _settle_need(request: HelpRequest, *, actor: Any, closes_need: bool) -> None:
    if closes_need and request.need.state in {NeedState.OPEN, NeedState.MATCHED}:
        needs.close(request.need, actor=actor)
    else:
        requests.reopen_if_unmet(request.need)
