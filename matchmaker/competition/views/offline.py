"""Ballots on bad networks: saves that may be sent again, what a device may hold, and the worker that serves it."""

from __future__ import annotations

from functools import cache
from typing import Any

from flask import Response, jsonify, make_response, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf.csrf import generate_csrf

from matchmaker.accounts.rules import Permission
from matchmaker.competition.forms.ballots import BallotForm, ballot_form
from matchmaker.competition.models import Ballot
from matchmaker.competition.queries import judging
from matchmaker.competition.rules.ballots import LEFT, BallotState
from matchmaker.competition.rules.stages import StageState
from matchmaker.competition.services import ballots, blinding, chain
from matchmaker.competition.views import bp
from matchmaker.competition.views.judge import own_ballot
from matchmaker.core import clock, paths
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import Conflict, DomainError
from matchmaker.core.i18n import moment, sentence
from matchmaker.core.web import public, requires


@bp.post("/ballots/<int:ballot_id>/autosave")
@requires(Permission.BALLOTS_OWN)
def autosave(ballot_id: int) -> Any:
    """Keep or sign what was typed; a repeat with the same nonce is answered like the first time and changes nothing."""
    row = own_ballot(ballot_id)
    form = ballot_form(row)
    if not form.validate():
        return _told(422, _("有分数不是数字，请修改后继续"), field=_first_wrong(form))
    change = ballots.sign if request.form.get("step") == "sign" else ballots.save
    try:
        with transaction():
            version = change(row, actor=current_user, **form.values)
    except Conflict as error:
        return _in_conflict(ballot_id, form, error)
    except DomainError as error:
        return _told(error.status, sentence(error), field=error.field)
    return _done(row, version)


def _done(row: Ballot, version: int) -> Response:
    return jsonify(
        version=version,
        state=row.state.value,
        saved=moment(clock.now()),
        following=_following(row) if row.state is BallotState.SUBMITTED else None,
    )


def _following(row: Ballot) -> str:
    """Where a judge goes on after signing."""
    left = [other for other in ballots.left_of(current_user) if other.id != row.id]
    if left:
        return url_for("competition.ballot", ballot_id=left[0].id)
    return url_for("competition.own_ballots")


def _in_conflict(ballot_id: int, form: BallotForm, error: Conflict) -> Response:
    """What stands in the way: this very save from another connection, another page, a closed stage, or many writers."""
    db.session.rollback()
    row = own_ballot(ballot_id)
    known = ballots.version_of(row, form.own_nonce)
    if known is not None:
        return _done(row, known)
    if error.message == chain.BUSY:
        return _told(503, sentence(error))
    moved = error.field == "version" or row.state is BallotState.SUBMITTED
    if row.stage.state is not StageState.JUDGING:
        return _told(409, sentence(error), wipe=True)
    return _told(409, sentence(error), **({"current": ballots.content_of(row)} if moved else {}))


def _told(status: int, text: str, **more: Any) -> Response:
    return make_response(jsonify(error=text, **more), status)


def _first_wrong(form: BallotForm) -> str | None:
    return next((field.name for field in form if field.errors), None)


@bp.get("/ballots/held")
@requires(Permission.BALLOTS_OWN)
def held_ballots() -> Any:
    """What a judge's device may hold: their ballots of stages that are being judged, and a fresh token."""
    rows = db.session.execute(judging.own_ballots(current_user).limit(1000)).unique().scalars().all()
    now = clock.now()
    shown = blinding.shown_on(rows)
    held = [
        {
            "id": row.id,
            "title": shown[row.id].title,
            "url": url_for("competition.ballot", ballot_id=row.id),
            "until": round(row.stage.judging_until.timestamp() * 1000),
            "left": row.state in LEFT,
            **ballots.content_of(row),
        }
        for row in rows
        if row.stage.state is StageState.JUDGING
    ]
    response = jsonify(person=current_user.id, now=round(now.timestamp() * 1000), csrf=generate_csrf(), ballots=held)
    response.headers["Cache-Control"] = "no-store"
    return response


@cache
def _worker_text(_modified: int) -> str:
    return (paths.resource_dir("static") / "js/features/ballot_worker.js").read_text(encoding="utf-8")


@bp.get("/ballots/worker.js")
@public
def ballots_worker() -> Any:
    """The service worker: its address decides that it serves everything below /contests/ballots/ and nothing else."""
    file = paths.resource_dir("static") / "js/features/ballot_worker.js"
    response = make_response(_worker_text(file.stat().st_mtime_ns))
    response.mimetype = "text/javascript"
    response.headers["Cache-Control"] = "no-cache"
    return response
