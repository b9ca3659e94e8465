"""What came of an accepted request: sessions with notes and ratings of both sides, and the outcome that closes it."""

from __future__ import annotations

from typing import Any

from matchmaker.activity import services as activity
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.matching import access, queries, rules
from matchmaker.matching.models import HelpRequest, Outcome, RequestService
from matchmaker.matching.rules import ContractKind, NeedState, NothingReason, RequestState, Result
from matchmaker.matching.rules.talks import check_held
from matchmaker.matching.services import letters, links, needs, requests, stamps
from matchmaker.rosters.services import profiles, records


def record_service(
    request: HelpRequest, *, actor: Any, note: str = "", demo: bool = False, **values: Any
) -> RequestService:
    """Write down a session of an accepted request; the other side confirms it.

    `values`: served, minutes, place, content, rating with rating_note (owners only). The record keeps whose need it
    was, of a secret one too, so that a year's duties count right; no page or file reads the firm from it.
    """
    by_helper = _side(request, actor, may_handle=True)
    if request.state is not RequestState.ACCEPTED:
        raise Conflict("对方接受后才能登记服务；当前为“{state}”", state=request.state)
    rating, rating_note = values.pop("rating", None), values.pop("rating_note", "")
    if by_helper:
        rating, rating_note = None, ""
    rules.check_points(rating, sentence=rating_note, field="rating")
    record = records.record_service(
        request.person,
        actor=actor,
        organisation_id=request.need.organisation_id,
        by_helper=by_helper,
        rating=rating,
        demo=demo,
        **values,
    )
    session = RequestService(
        request_id=request.id,
        record=record,
        owner_note="" if by_helper else note.strip(),
        helper_note=note.strip() if by_helper else "",
        rating_note=rating_note.strip(),
        rated=clock.now() if rating else None,
    )
    db.session.add(session)
    db.session.flush()
    activity.record("matching.session_recorded", subject=request, actor=actor, session=session.id)
    _tell_of_session(request, record, by_helper=by_helper)
    return session


def _tell_of_session(request: HelpRequest, record: Any, *, by_helper: bool) -> None:
    """The other side is asked to confirm; a helper without an account by a fresh link."""
    if by_helper:
        letters.tell_asker(request, "matching/mail/session", record=record)
        return
    token = None if request.person.user_id else links.renew(request)
    letters.tell_helper(request, "matching/mail/session", token=token, record=record)


def confirm(request: HelpRequest, session: RequestService, *, actor: Any, note: str = "") -> None:
    """The other side agrees with a record, and adds what it noted."""
    by_helper = _side(request, actor)
    _check_link(session, actor)
    records.confirm(session.record, actor=actor, by_helper=by_helper)
    if by_helper:
        session.helper_note = note.strip()
    else:
        session.owner_note = note.strip()
    activity.record("matching.session_confirmed", subject=request, actor=actor, session=session.id)
    db.session.flush()


def correct_session(
    request: HelpRequest, session: RequestService, *, actor: Any, note: str = "", **values: Any
) -> None:
    """The helper says how it really was, which confirms it for them; the owner is asked to confirm that.

    `values`: served, minutes, place, content.
    """
    if not _side(request, actor):
        raise NotPermitted("只有服务者可以更正对方的登记；自己登记的可以删除后重新登记")
    _check_link(session, actor)
    records.correct(session.record, actor=actor, **values)
    session.helper_note = note.strip()
    activity.record("matching.session_corrected", subject=request, actor=actor, session=session.id)
    _tell_of_session(request, session.record, by_helper=True)
    db.session.flush()


def _check_link(session: RequestService, actor: Any) -> None:
    if isinstance(actor, access.LinkBearer):
        check_held(recorded=session.record.created, now=clock.now())


def rate(request: HelpRequest, session: RequestService, *, actor: Any, points: int, sentence: str) -> None:
    """The owner rates the session, the helper how well it was prepared; both may change it until the need is over."""
    by_helper = _side(request, actor)
    rules.check_points(points, sentence=sentence, field="rating")
    if by_helper:
        session.preparation, session.preparation_note = points, sentence.strip()
    else:
        session.record.rating, session.rating_note, session.rated = points, sentence.strip(), clock.now()
    activity.record("matching.session_rated", subject=request, actor=actor, session=session.id, by_helper=by_helper)
    db.session.flush()


def remove(request: HelpRequest, session: RequestService, *, actor: Any) -> None:
    """Whoever wrote a record down takes it back while the other side has not confirmed it."""
    by_helper = _side(request, actor, may_handle=True)
    record = session.record
    if record.helper_confirmed is not None and record.client_confirmed is not None:
        raise Conflict("双方都确认过的记录不能删除")
    if (record.helper_confirmed if by_helper else record.client_confirmed) is None:
        raise NotPermitted("只有登记的一方可以删除")
    activity.record("matching.session_removed", subject=request, actor=actor, minutes=record.minutes)
    db.session.delete(session)
    db.session.flush()
    db.session.delete(record)
    db.session.flush()


def conclude(
    request: HelpRequest,
    *,
    actor: Any,
    result: Result,
    contract: ContractKind | None = None,
    amount_fen: int | None = None,
    why: NothingReason | None = None,
    note: str = "",
    closes_need: bool = False,
) -> Outcome:
    """Say what came of it: the request is closed, its place free, and the need closed if the owner says so."""
    by_helper = _side(request, actor, may_handle=True)
    rules.check_request_move(request.state, to=RequestState.CLOSED)
    rules.check_outcome(result, amount_fen=amount_fen, contract=contract, why=why, note=note)
    outcome = Outcome(
        request_id=request.id,
        result=result,
        contract=contract if result is Result.CONTRACT else None,
        amount_fen=amount_fen if result in {Result.CONTRACT, Result.INVESTMENT} else None,
        why=why if result is Result.NOTHING else None,
        note=note.strip(),
        recorded=clock.now(),
        recorded_by_id=getattr(actor, "id", None),
    )
    db.session.add(outcome)
    db.session.flush()
    _close(request, actor=actor, result=result)
    _settle_need(request, actor=actor, closes_need=closes_need and not by_helper)
    tell = letters.tell_asker if by_helper else letters.tell_helper
    tell(request, "matching/mail/concluded", outcome=outcome)
    return outcome


def correct(request: HelpRequest, *, actor: Any, **values: Any) -> Outcome:
    """Change an outcome that was written down wrongly; what it was stays in the log."""
    _side(request, actor, may_handle=True)
    outcome = db.session.execute(queries.outcome_of(request.id)).scalar_one_or_none()
    if outcome is None:
        raise DomainError("这次对接还没有结果，请先登记结果")
    result, amount, why, note = values["result"], values["amount_fen"], values["why"], values["note"]
    rules.check_outcome(result, amount_fen=amount, contract=values["contract"], why=why, note=note)
    before = {"result": outcome.result.value, "amount_fen": outcome.amount_fen}
    outcome.result, outcome.note = result, note.strip()
    outcome.contract = values["contract"] if result is Result.CONTRACT else None
    outcome.amount_fen = amount if result in {Result.CONTRACT, Result.INVESTMENT} else None
    outcome.why = why if result is Result.NOTHING else None
    activity.record("matching.outcome_corrected", subject=request, actor=actor, before=before)
    db.session.flush()
    return outcome


def _side(request: HelpRequest, actor: Any, *, may_handle: bool = False) -> bool:
    """Is it the helper who acts, and not the owner? Raises NotPermitted for anybody else."""
    owns = access.owns(actor, request.need)
    by_helper = access.may_answer(actor, request) and not owns
    if not by_helper and not owns and not (may_handle and access.in_charge(actor, request.need)):
        raise NotPermitted("只有对接双方可以办理")
    return by_helper


def _close(request: HelpRequest, *, actor: Any, result: Result) -> None:
    request.state, request.closed = RequestState.CLOSED, clock.now()
    profiles.give_place_back(request.person)
    stamps.touch(request.person_id)
    activity.record("matching.closed", subject=request, actor=actor, need=request.need_id, result=result.value)
    db.session.flush()


def _settle_need(request: HelpRequest, *, actor: Any, closes_need: bool) -> None:
    if closes_need and request.need.state in {NeedState.OPEN, NeedState.MATCHED}:
        needs.close(request.need, actor=actor)
    else:
        requests.reopen_if_unmet(request.need)
