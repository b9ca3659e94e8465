"""The organiser's pages: lists, gates, codes, live counts, conflicts, a person's history."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.checkin import lists, queries
from matchmaker.checkin.forms import GateForm, HandForm, ListForm, ResolveForm, UndoForm
from matchmaker.checkin.models import CheckinList, Gate, GateCode, Scan, ScanConflict
from matchmaker.checkin.rules import Direction
from matchmaker.checkin.services import scanning, settling, setup
from matchmaker.checkin.views import bp
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import DomainError
from matchmaker.core.i18n import local, sentence
from matchmaker.core.web import answer, errors_on, one_or_404, page, signed_in
from matchmaker.events.models import Attendee, Event
from matchmaker.lists.pages import list_page


def _event(event_id: int) -> Event:
    event: Event = one_or_404(queries.run_by(current_user).where(Event.id == event_id))
    return event


def _all(statement: Any) -> list[Any]:
    return list(db.session.execute(statement).unique().scalars())


def _counts(event_id: int) -> dict[str, Any]:
    return {
        "expected": queries.expected(event_id),
        "entered": queries.entered(event_id),
        "inside": queries.inside(event_id),
        "refused": queries.refused(event_id),
        "seen": queries.last_sync(event_id),
    }


@bp.get("/events/<int:event_id>")
@signed_in
def of_event(event_id: int) -> Any:
    """Check-in of one event: numbers, gates with their codes, lists, what is to be settled."""
    event = _event(event_id)
    gates = _all(queries.gates_of_event(event_id))
    return page(
        "checkin/of_event.html",
        event=event,
        lists=_all(queries.lists_of_event(event_id)),
        gates=gates,
        codes={gate.id: [code for code in gate.codes if setup.opens(code)] for gate in gates},
        conflicts=_all(queries.open_conflicts(event_id).limit(100)),
        settled=_all(queries.settled_conflicts(event_id).limit(20)),
        counts=_counts(event_id),
    )


@bp.get("/events/<int:event_id>/counts")
@signed_in
def counts(event_id: int) -> Any:
    """The numbers alone, asked again every ten seconds while the page stands open."""
    event = _event(event_id)
    return page(
        "checkin/counts.html",
        fragment="checkin/_counts.html",
        event=event,
        lists=_all(queries.lists_of_event(event_id)),
        counts=_counts(event_id),
    )


@bp.post("/events/<int:event_id>/start")
@signed_in
def start(event_id: int) -> Any:
    """One list and one gate, in one press."""
    event = _event(event_id)
    try:
        with transaction():
            setup.start(event, actor=current_user)
        flash(_("签到已准备好：一张名单，一个入口"), "good")
    except DomainError as error:
        flash(sentence(error), "warn")
    return redirect(url_for("checkin.of_event", event_id=event_id), 303)


@bp.route("/events/<int:event_id>/lists/new", methods=["GET", "POST"])
@signed_in
def new_list(event_id: int) -> Any:
    """A new list."""
    return _list_form(_event(event_id), None)


@bp.route("/lists/<int:list_id>", methods=["GET", "POST"])
@signed_in
def edit_list(list_id: int) -> Any:
    """Change a list's rules."""
    entry: CheckinList = one_or_404(queries.lists_of(current_user).where(CheckinList.id == list_id))
    return _list_form(entry.event, entry)


def _list_form(event: Event, entry: CheckinList | None) -> Any:
    form = ListForm()
    form.offer(event)
    if request.method == "GET" and entry is not None:
        form.show(entry)
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                setup.save_list(entry, event=event, actor=current_user, **form.values)
                event_id = event.id
            flash(_("已保存"), "good")
            return redirect(url_for("checkin.of_event", event_id=event_id), 303)
    return answer(form, "checkin/list.html", event=event, entry=entry)


@bp.post("/lists/<int:list_id>/drop")
@signed_in
def drop_list(list_id: int) -> Any:
    """Remove a list without scans."""
    entry: CheckinList = one_or_404(queries.lists_of(current_user).where(CheckinList.id == list_id))
    event_id = entry.event_id
    try:
        with transaction():
            setup.drop_list(entry, actor=current_user)
        flash(_("已删除"), "info")
    except DomainError as error:
        flash(sentence(error), "warn")
    return redirect(url_for("checkin.of_event", event_id=event_id), 303)


@bp.route("/events/<int:event_id>/gates/new", methods=["GET", "POST"])
@signed_in
def new_gate(event_id: int) -> Any:
    """A new gate."""
    return _gate_form(_event(event_id), None)


@bp.route("/gates/<int:gate_id>", methods=["GET", "POST"])
@signed_in
def edit_gate(gate_id: int) -> Any:
    """Change a gate."""
    gate: Gate = one_or_404(queries.gates_of(current_user).where(Gate.id == gate_id))
    return _gate_form(gate.event, gate)


def _gate_form(event: Event, gate: Gate | None) -> Any:
    form = GateForm(obj=gate)
    form.offer(_all(queries.lists_of_event(event.id)))
    if request.method == "GET" and gate is not None:
        form.show(gate)
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                setup.save_gate(gate, event=event, actor=current_user, **form.values)
                event_id = event.id
            flash(_("已保存"), "good")
            return redirect(url_for("checkin.of_event", event_id=event_id), 303)
    return answer(form, "checkin/gate_edit.html", event=event, gate=gate)


@bp.post("/gates/<int:gate_id>/codes")
@signed_in
def make_code(gate_id: int) -> Any:
    """A new short code; it is shown once."""
    gate: Gate = one_or_404(queries.gates_of(current_user).where(Gate.id == gate_id))
    event_id = gate.event_id
    try:
        with transaction():
            _row, text = setup.new_gate_code_for(gate, actor=current_user)
        spaced = f"{text[:4]} {text[4:]}"
        flash(_("口令 %(code)s 只显示这一次；在 %(url)s 输入", code=spaced, url=url_for("checkin.enter")), "good")
    except DomainError as error:
        flash(sentence(error), "warn")
    return redirect(url_for("checkin.of_event", event_id=event_id), 303)


@bp.post("/codes/<int:code_id>/revoke")
@signed_in
def revoke_code(code_id: int) -> Any:
    """End a code now."""
    code: GateCode = one_or_404(queries.codes_of(current_user).where(GateCode.id == code_id))
    event_id = code.gate.event_id
    with transaction():
        setup.revoke(code, actor=current_user)
    flash(_("口令已作废；用它的设备下次联网时会清除名单"), "info")
    return redirect(url_for("checkin.of_event", event_id=event_id), 303)


@bp.get("/events/<int:event_id>/scans")
@signed_in
def scans(event_id: int) -> Any:
    """Every scan with filters and export."""
    return list_page(lists.SCANS, "checkin/scans.html", scope={"event_id": event_id}, event=_event(event_id))


@bp.route("/conflicts/<int:conflict_id>", methods=["GET", "POST"])
@signed_in
def resolve(conflict_id: int) -> Any:
    """Settle a conflict with a reason."""
    conflict: ScanConflict = one_or_404(queries.conflicts_of(current_user).where(ScanConflict.id == conflict_id))
    form = ResolveForm()
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                settling.resolve(conflict, actor=current_user, **form.values)
                event_id = conflict.event_id
            flash(_("已处理"), "good")
            return redirect(url_for("checkin.of_event", event_id=event_id), 303)
    return answer(form, "checkin/conflict.html", event=conflict.event, conflict=conflict)


@bp.get("/people/<int:attendee_id>")
@signed_in
def person(attendee_id: int) -> Any:
    """One person's scans on all lists."""
    attendee = _attendee(attendee_id)
    event = attendee.registration.event
    form = HandForm()
    form.list_id.choices = [(one.id, local(one, "name")) for one in _all(queries.lists_of_event(event.id))]
    history = _all(queries.history(attendee_id))
    return page("checkin/person.html", event=event, attendee=attendee, history=history, form=form)


@bp.post("/people/<int:attendee_id>/check")
@signed_in
def check(attendee_id: int) -> Any:
    """Check somebody in or out by hand."""
    attendee = _attendee(attendee_id)
    form = HandForm()
    entries = {one.id: one for one in _all(queries.lists_of_event(attendee.registration.event_id))}
    form.list_id.choices = [(one.id, local(one, "name")) for one in entries.values()]
    if form.validate_on_submit():
        direction = Direction.OUT if form.direction.data == Direction.OUT.value else Direction.IN
        with transaction():
            taken = scanning.by_hand(entries[form.list_id.data], attendee, direction, actor=current_user)
        if taken.verdict is not None:
            flash(said(taken.verdict), "good" if taken.verdict.accepted else "warn")
    return redirect(url_for("checkin.person", attendee_id=attendee_id), 303)


def said(verdict: Any) -> str:
    """A verdict in one sentence."""
    at = scanning.from_milliseconds(verdict.time).astimezone(clock.CHINA) if verdict.time is not None else None
    return str(_(verdict.reason.label)).format(time=f"{at:%H:%M}" if at else "", tags="、".join(verdict.tags))


@bp.route("/scans/<int:scan_id>/undo", methods=["GET", "POST"])
@signed_in
def undo(scan_id: int) -> Any:
    """Take a check-in back with a reason."""
    scan: Scan = one_or_404(queries.scans_of(current_user).where(Scan.id == scan_id))
    form = UndoForm()
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                settling.undo(scan, actor=current_user, reason=form.note.data)
                event_id, attendee_id = scan.event_id, scan.attendee_id
            flash(_("已撤销这次签到"), "info")
            if attendee_id is None:
                return redirect(url_for("checkin.scans", event_id=event_id), 303)
            return redirect(url_for("checkin.person", attendee_id=attendee_id), 303)
    return answer(form, "checkin/undo.html", event=scan.event, scan=scan)


def _attendee(attendee_id: int) -> Attendee:
    found: Attendee = one_or_404(queries.attendees_run_by(current_user).where(Attendee.id == attendee_id))
    return found


def step(_viewer: Any, event: Event) -> dict[str, Any]:
    """The gates among the preparations of an event."""
    number = len(_all(queries.gates_of_event(event.id)))
    return {
        "title": _("签到入口"),
        "done": number > 0,
        "hint": _("%(num)d 个入口", num=number) if number else "",
        "url": url_for("checkin.of_event", event_id=event.id),
        "optional": False,
    }
