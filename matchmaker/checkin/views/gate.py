"""The gate: its page, what it takes offline, what it hands in, and the code that opens it without an account.

These routes are public because a gate needs no account; each asks `_standing` whether this browser may stand there:
a person who runs check-in or was put at the gate, or the session that a short code opened.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from flask import Response, abort, flash, jsonify, make_response, redirect, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf.csrf import generate_csrf

from matchmaker.checkin import access, queries
from matchmaker.checkin.forms import EnterForm
from matchmaker.checkin.models import Gate, GateCode
from matchmaker.checkin.rules import MOST_IN_BATCH, Reason
from matchmaker.checkin.rules.items import Item, nonce_of, read_item
from matchmaker.checkin.services import scanning, setup, snapshot
from matchmaker.checkin.views import bp
from matchmaker.core import clock, paths
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import DomainError
from matchmaker.core.i18n import sentence
from matchmaker.core.web import answer, page, public

MARKS = re.compile(r"(?:[0-9a-f]{8}(?:\.|$)){1,128}")


@dataclass(frozen=True)
class Standing:
    """Why this browser may stand at a gate: a person, or a code with the name of the device."""

    gate: Gate
    code: GateCode | None = None
    device: str = ""

    @property
    def by(self) -> scanning.By:
        """Who a scan is noted for."""
        if self.code is None:
            return scanning.By(actor=current_user)
        return scanning.By(device=self.device or f"…{self.code.hint}")


def _standing(gate_id: int) -> Standing | None:
    """How this browser stands at the gate; None when it does not; 404 when there is none, or not for this person."""
    gate = db.session.execute(queries.gate(gate_id)).unique().scalar_one_or_none()
    if gate is None:
        abort(404)
    if access.may_stand_at(current_user, gate):
        return Standing(gate)
    held = session.get("gate") or {}
    row = db.session.execute(queries.code(int(held.get("code", 0)), gate_id)).unique().scalar_one_or_none()
    if row is not None:
        return Standing(gate, row, str(held.get("device", "")))
    if current_user.is_authenticated:
        abort(404)
    return None


@bp.route("/", methods=["GET", "POST"])
@public
def enter() -> Any:
    """Type the short code of a gate; people who were put at gates see theirs."""
    form = EnterForm()
    if form.validate_on_submit():
        with transaction():
            may_try = setup.spend_try(request.remote_addr or "")
            row = setup.enter(form.code.data, address=request.remote_addr or "") if may_try else None
            gate_id, code_id = (row.gate_id, row.id) if row else (0, 0)
        if gate_id:
            session["gate"] = {"code": code_id, "device": form.device.data or ""}
            session.permanent = True
            return redirect(url_for("checkin.at_gate", gate_id=gate_id), 303)
        wrong = _("口令不对，或已过期、已作废；请核对后再试") if may_try else _("试得太多次，请过一刻钟再试")
        form.code.errors = [*form.code.errors, wrong]
    own = (
        db.session.execute(queries.gates_of_steward(current_user).limit(20)) if current_user.is_authenticated else None
    )
    return answer(form, "checkin/enter.html", gates=own.unique().scalars().all() if own else [])


@bp.post("/leave")
@public
def leave() -> Any:
    """Give up the gate on this device; the page wipes what it holds."""
    session.pop("gate", None)
    flash(_("已退出入口"), "info")
    return redirect(url_for("checkin.enter"), 303)


@bp.get("/gate/<int:gate_id>")
@public
def at_gate(gate_id: int) -> Any:
    """The page of a gate: works without a network once it has been opened."""
    here = _standing(gate_id)
    if here is None or (here.code is not None and not setup.opens(here.code)):
        flash(_("请输入这个入口的签到口令"), "info")
        return redirect(url_for("checkin.enter"), 303)
    return page(
        "checkin/gate.html",
        gate=here.gate,
        event=here.gate.event,
        public_key=snapshot.public_key(here.gate),
        sentences={reason.value: _(reason.label) for reason in Reason},
        by_code=here.code is not None,
    )


@bp.get("/gate/<int:gate_id>/snapshot")
@public
def take_snapshot(gate_id: int) -> Any:
    """What the gate takes offline; `have` names the blocks it holds, an ETag says that nothing changed."""
    here = _standing(gate_id)
    if here is None or (here.code is not None and not setup.opens(here.code)):
        return _gone()
    if clock.now() >= snapshot.wiped_at(here.gate):
        return _gone()
    have = request.args.get("have", "")
    made = snapshot.build(here.gate, have=have.split(".") if MARKS.fullmatch(have) else ())
    etag = made.pop("etag")
    response = make_response("", 304) if request.if_none_match.contains(etag) else jsonify(**made)
    response.set_etag(etag)
    response.headers["X-CSRFToken"] = generate_csrf()
    response.headers["X-Now"] = str(snapshot.milliseconds(clock.now()))
    response.headers["Cache-Control"] = "no-store"
    return response


def _gone() -> Response:
    """This device may hold no guests: the page wipes them."""
    return make_response(jsonify(wipe=True), 410)


@bp.post("/gate/<int:gate_id>/sync")
@public
def sync(gate_id: int) -> Any:
    """Take a batch of the gate's queue; each entry is answered by its nonce, once and for all."""
    here = _standing(gate_id)
    if here is None or (here.code is not None and not setup.may_hand_in(here.code)):
        return _gone()
    data = request.get_json(silent=True)
    data = data if isinstance(data, dict) else {}
    rows = data.get("items")
    if not isinstance(rows, list) or len(rows) > MOST_IN_BATCH:
        return make_response(jsonify(error=_("一次最多上传 %(n)d 条", n=MOST_IN_BATCH)), 422)
    items, wrong = _read(rows)
    phone_now = data.get("now")
    phone_now = int(phone_now) if isinstance(phone_now, int | float) and abs(phone_now) < 1e14 else None
    with transaction():
        taken = scanning.sync(here.gate, items, phone_now=phone_now, by=here.by)
        results = [_told(one) for one in taken]
    return jsonify(now=snapshot.milliseconds(clock.now()), results=[*results, *wrong], csrf=generate_csrf())


def _read(rows: list[Any]) -> tuple[list[Item], list[dict[str, Any]]]:
    """The entries that make sense, once each, and answers for the others."""
    items: dict[str, Item] = {}
    wrong = []
    for row in rows:
        try:
            item = read_item(row)
        except DomainError as error:
            wrong.append({"nonce": nonce_of(row), "error": sentence(error)})
        else:
            items.setdefault(item.nonce, item)
    return list(items.values()), wrong


def _told(taken: scanning.Taken) -> dict[str, Any]:
    if taken.scan is None or taken.verdict is None:
        return {"nonce": taken.nonce, "error": sentence(taken.error) if taken.error else ""}
    scan = taken.scan
    person = scan.attendee
    return {
        "nonce": taken.nonce,
        "accepted": scan.accepted,
        "reason": taken.verdict.reason.value,
        "time": taken.verdict.time,
        "tags": list(taken.verdict.tags),
        "conflict": taken.conflict,
        "attendee": person and {"id": person.id, "name": person.name, "organisation": person.registration.who},
    }


@cache
def _worker_text(_modified: int) -> str:
    return (paths.resource_dir("static") / "js/features/checkin_worker.js").read_text(encoding="utf-8")


@bp.get("/worker.js")
@public
def worker() -> Any:
    """The service worker: its address decides that it serves everything below /checkin/ and nothing else."""
    file = paths.resource_dir("static") / "js/features/checkin_worker.js"
    response = make_response(_worker_text(file.stat().st_mtime_ns))
    response.mimetype = "text/javascript"
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Service-Worker-Allowed"] = url_for("checkin.enter", _external=False)
    return response
