"""Pages of both sides of a request: the helper's inbox, one request, and the four answers."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.activity import queries as activity
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import DomainError
from matchmaker.core.i18n import sentence
from matchmaker.core.web import answer, errors_on, one_or_404, page, requires, signed_in
from matchmaker.matching import access, queries
from matchmaker.matching.forms import AcceptForm, AnswerTermsForm, DeclineForm, PassForm, ProposeForm
from matchmaker.matching.models import HelpRequest
from matchmaker.matching.rules import ProposalState, RequestState
from matchmaker.matching.services import charge, contacts, passing, requests, terms
from matchmaker.matching.views import bp
from matchmaker.matching.views.showing import reasons


@bp.get("/requests/")
@requires(Permission.REQUESTS_ANSWER)
def inbox() -> Any:
    """The requests put to oneself."""
    return page(
        "matching/inbox.html",
        requests=db.session.execute(queries.put_to(current_user).limit(200)).unique().scalars().all(),
        passed=db.session.execute(queries.passed_by(current_user).limit(20)).unique().scalars().all(),
        MET=access.MET,
    )


@bp.get("/requests/<int:request_id>")
@signed_in
def request(request_id: int) -> Any:
    """One request as either side sees it."""
    row = one_or_404(queries.requests_visible_to(current_user).where(HelpRequest.id == request_id))
    if charge.is_watched(row.need, current_user):
        with transaction():
            charge.note_look(row, actor=current_user)
    return page("matching/request.html", **shown(row))


def shown(row: HelpRequest, **forms: Any) -> dict[str, Any]:
    """What the page of a request shows; `forms` are those that came back with errors."""
    answers = access.may_answer(current_user, row)
    owns = access.owns(current_user, row.need)
    acts = access.may_act_for(current_user, row.need)
    waits = row.state is RequestState.ASKED and clock.now() < row.expires
    proposals = db.session.execute(queries.proposals_of(row.id)).scalars().all()
    return {
        **blank_answers(),
        "agree": AnswerTermsForm(formdata=None),
        **forms,
        "proposals": proposals,
        "proposal": next((p for p in proposals if waits and p.state is ProposalState.WAITING), None),
        "peers": passing.colleagues(row) if answers and waits else [],
        "outcome": db.session.execute(queries.outcome_of(row.id)).scalar_one_or_none(),
        "row": row,
        "need": row.need,
        "who": row.need.who if access.may_see_who(current_user, row) else None,
        "answers": answers,
        "waits": waits,
        "acts": acts,
        "serves": row.state is RequestState.ACCEPTED and (answers or acts),
        "confirms": "helper" if answers and not owns else "client" if owns else "",
        "contacts": contacts.of(row, viewer=current_user),
        "services": db.session.execute(queries.records_of(row.id)).unique().scalars().all(),
        "timeline": timeline(row),
        "reasons": reasons(row.explanation),
    }


def timeline(row: HelpRequest) -> list[dict[str, Any]]:
    """The log of a request; to whom the firm is secret, its people stay nameless."""
    knows = access.may_see_who(current_user, row)
    return [
        {
            "moment": line.moment,
            "kind": line.kind,
            "actor_name": line.actor_name if knows or line.actor_id == current_user.id else "",
        }
        for line in activity.of(row)
    ]


def blank_answers() -> dict[str, Any]:
    """The four ways to answer, untouched."""
    return {
        "accept": AcceptForm(formdata=None),
        "decline": DeclineForm(formdata=None),
        "propose": ProposeForm(formdata=None),
        "hand_on": PassForm(formdata=None),
    }


@bp.post("/requests/<int:request_id>/accept")
@requires(Permission.REQUESTS_ANSWER)
def accept(request_id: int) -> Any:
    """Say yes."""
    return _answer(
        request_id,
        AcceptForm(),
        "accept",
        lambda row, form: requests.accept(row, actor=current_user, note=form.note.data or ""),
        _("已接受；双方现在可以看到联系方式"),
    )


@bp.post("/requests/<int:request_id>/decline")
@requires(Permission.REQUESTS_ANSWER)
def decline(request_id: int) -> Any:
    """Say no, with a reason."""
    return _answer(
        request_id,
        DeclineForm(),
        "decline",
        lambda row, form: requests.decline(row, actor=current_user, reason=form.reason.data, note=form.note.data or ""),
        _("已婉拒，对方会收到您选择的原因"),
    )


@bp.post("/requests/<int:request_id>/propose")
@requires(Permission.REQUESTS_ANSWER)
def propose(request_id: int) -> Any:
    """Another time, or other terms."""
    return _answer(
        request_id,
        ProposeForm(),
        "propose",
        lambda row, form: terms.propose(row, actor=current_user, moment=form.moment.data, terms=form.terms.data or ""),
        _("已告知对方；对方同意后即为接受"),
    )


@bp.post("/requests/<int:request_id>/pass")
@requires(Permission.REQUESTS_ANSWER)
def pass_on(request_id: int) -> Any:
    """A colleague is the right one."""
    row = one_or_404(queries.requests_visible_to(current_user).where(HelpRequest.id == request_id))
    form = PassForm()
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                colleague = passing.find(row, form.colleague.data)
                passing.pass_on(row, actor=current_user, colleague=colleague, note=form.pass_note.data or "")
                name = colleague.name
            flash(_("已转请%(name)s，已告知对方", name=name), "good")
            return redirect(url_for("matching.inbox"), 303)
    return answer(form, "matching/request.html", **shown(row, hand_on=form))


def _answer(request_id: int, form: Any, name: str, service: Any, done: str) -> Any:
    row = one_or_404(queries.requests_visible_to(current_user).where(HelpRequest.id == request_id))
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                service(row, form)
            flash(done, "good")
            return redirect(url_for("matching.request", request_id=request_id), 303)
    return answer(form, "matching/request.html", **shown(row, **{name: form}))


@bp.post("/requests/<int:request_id>/withdraw")
@signed_in
def withdraw_request(request_id: int) -> Any:
    """Take a question back."""
    return _step(request_id, requests.withdraw, _("邀请已撤回，已告知对方"))


@bp.post("/requests/<int:request_id>/remind")
@signed_in
def remind(request_id: int) -> Any:
    """Send a fresh link."""
    return _step(request_id, requests.remind, _("已重新发送；以前的链接不再有效"))


def _step(request_id: int, service: Any, done: str) -> Any:
    row = one_or_404(queries.requests_visible_to(current_user).where(HelpRequest.id == request_id))
    try:
        with transaction():
            service(row, actor=current_user)
        flash(done, "good")
    except DomainError as error:
        if error.status == 403:
            raise
        flash(sentence(error), "warn")
    return redirect(url_for("matching.request", request_id=request_id), 303)
