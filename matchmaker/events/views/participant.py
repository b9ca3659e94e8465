"""Registering, and one's own registrations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import abort, flash, g, make_response, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.activity import queries as activity
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import DomainError, NotPermitted
from matchmaker.core.i18n import sentence
from matchmaker.core.web import answer, errors_on, one_or_404, page, requires, signed_in
from matchmaker.events import access, queries, rules
from matchmaker.events.forms import AttendeesForm, RegistrationForm
from matchmaker.events.models import Audience, Event, Registration
from matchmaker.events.rules import RegistrationState, WaitingPolicy
from matchmaker.events.services import drafts, feeds, registrations, waiting
from matchmaker.events.views import bp, face, filling, showing
from matchmaker.questionnaires.forms import AnswersForm


@bp.route("/<int:event_id>/register", methods=["GET", "POST"])
@requires(Permission.EVENTS_REGISTER)
def register(event_id: int) -> Any:
    """Choose the group, fill in its form, send it or keep it as a draft."""
    event = queries.to_register(current_user, event_id)
    if event is None:
        abort(404)
    audience = _chosen(event)
    if audience is None:
        return page("events/groups.html", event=event, now=clock.now())
    if request.method == "GET" and (refused := _refusal(audience)):
        return make_response(page("events/refused.html", event=event, text=refused), 409)
    draft = queries.draft_of(current_user, audience.id)
    form = filling.build(RegistrationForm, audience, sheet=draft.sheet if draft else None, **_start(draft))
    form.offer(current_user)
    if form.is_submitted() and request.form.get("step") == "draft":
        return _keep(form, audience, draft)
    if form.is_submitted():
        taken = filling.take(form, sheet=draft.sheet if draft else None)
        if taken.fine:
            with errors_on(form):
                wish = {"audience": audience, "filled": taken.filled, **form.values}
                ready = None if draft else registrations.prepare(event, actor=current_user, **wish)
                with transaction(acting=current_user, kept=event):
                    if not queries.renew(event) or ready is None:  # as it is now, in one statement
                        ready = registrations.prepare(event, actor=current_user, draft=draft, **wish)
                    row = registrations.enter(ready, actor=current_user)
                    row_id, state = row.id, row.state
                flash(*_received(state))
                return redirect(url_for("events.registration", registration_id=row_id), 303)
    return _register_page(form, audience, draft)


def _register_page(form: Any, audience: Audience, draft: Registration | None) -> Any:
    now, event = clock.now(), audience.event
    standing = _standing(form, audience) if form.is_submitted() else None
    waits = face.door(event, now=now, somebody_waits=queries.somebody_waits(event.id)) == "waiting"
    view = {"event": event, "audience": audience, "draft": draft, "standing": standing, "waits": waits, "now": now}
    return answer(form, "events/register.html", **view)


def _chosen(event: Event) -> Audience | None:
    """The group in the address, or the only one there is."""
    asked = request.args.get("group", "")
    if asked:
        return next((group for group in event.audiences if str(group.id) == asked), None)
    return event.audiences[0] if len(event.audiences) == 1 else None


def _refusal(audience: Audience) -> str:
    """Why nobody can register in this group now; empty when they can."""
    event, now = audience.event, clock.now()
    if audience.invited_only:
        return _("这一组仅限受邀单位报名，请使用邀请函里的链接")
    try:
        rules.check_open(state=event.state, deadline=audience.closes, now=now, opens=audience.opens)
    except DomainError as error:
        return sentence(error)
    if event.waiting_policy is WaitingPolicy.NONE and event.pool.left <= 0:
        return _("名额已满；有人撤回时会重新放出，请稍后再看。")
    return ""


def _start(draft: Registration | None) -> dict[str, Any]:
    """What the form begins with: the draft, or what is known about the person."""
    if draft is None:
        return {"organisation_id": _worn_organisation(), "phone": getattr(current_user, "phone", "") or ""}
    lines = "\n".join(f"{each.name}，{each.phone}" if each.phone else each.name for each in draft.attendees)
    return {
        "organisation_id": draft.organisation_id or 0,
        "attendees": lines,
        "phone": draft.phone,
        "note": draft.note,
    }


def _keep(form: Any, audience: Audience, draft: Registration | None) -> Any:
    """Keep what was typed as a draft."""
    filling.stage(form)
    typed: dict[str, Any] = {
        "organisation_id": form.organisation_id.data or None,
        "attendees": form.attendees.data or "",
        "phone": form.phone.data or "",
        "note": form.note.data or "",
    }
    answers: dict[str, Any] = {"version": form.version, "raw": form.raw} if isinstance(form, AnswersForm) else {}
    with errors_on(form):
        with transaction():
            drafts.save(audience, actor=current_user, draft=draft, **typed, **answers)
        flash(_("草稿已保存；草稿不占名额，请在报名截止前提交"), "info")
        return redirect(url_for(".register", event_id=audience.event_id, group=audience.id), 303)
    return _register_page(form, audience, draft)


def _received(state: RegistrationState) -> tuple[str, str]:
    """What to say about a registration that was taken."""
    if state is RegistrationState.WAITING:
        return _("已加入候补；有空位时会发邀约给您"), "info"
    if state is RegistrationState.APPROVED:
        return _("报名成功，名额已为您保留"), "good"
    return _("报名已提交，名额已为您保留，请等候审核"), "good"


def _standing(form: Any, audience: Audience) -> Registration | None:
    """The registration that stands in the way of this one."""
    organisation_id = form.organisation_id.data or None
    if organisation_id is not None and organisation_id not in current_user.organisation_ids:
        return None
    statement = queries.live_registration(
        audience.event_id, user_id=current_user.id, organisation_id=organisation_id, audience_id=audience.id
    )
    row: Registration | None = db.session.execute(statement).unique().scalars().first()
    return row


def _worn_organisation() -> int:
    hat = g.user_session.hat or ""
    own = sorted(current_user.organisation_ids)
    worn = int(hat.removeprefix("org:")) if hat.startswith("org:") else 0
    return worn if worn in own else (own[0] if own else 0)


@bp.get("/registrations/")
@signed_in
def own() -> Any:
    """One's own registrations, and the address of one's calendar."""
    rows = db.session.execute(queries.own_registrations(current_user).limit(200)).unique().scalars().all()
    mine = [row for row in rows if row.state is not RegistrationState.DRAFT or row.user_id == current_user.id]
    return page("events/own.html", registrations=mine, now=clock.now(), feed=feeds.address_of(current_user))


@bp.get("/registrations/<int:registration_id>")
@signed_in
def registration(registration_id: int) -> Any:
    """One registration: its state, its people, what happened."""
    row = _visible(registration_id)
    if row.state is RegistrationState.DRAFT:
        return redirect(url_for(".register", event_id=row.event_id, group=row.audience_id), 303)
    names = ("edit", "withdraw", "accept")
    return page(
        "events/registration.html",
        timeline=activity.of(row),
        manages=access.may_decide(current_user, row),
        mine=access.may_withdraw(current_user, row),
        urls={name: url_for(f".{name}_registration", registration_id=row.id) for name in names},
        **showing.outlook(row),
    )


def _visible(registration_id: int) -> Registration:
    row: Registration = one_or_404(
        queries.registrations_visible_to(current_user).where(Registration.id == registration_id)
    )
    return row


@bp.route("/registrations/<int:registration_id>/edit", methods=["GET", "POST"])
@signed_in
def edit_registration(registration_id: int) -> Any:
    """Change who comes and what was answered."""
    row = _visible(registration_id)
    if not access.may_withdraw(current_user, row):
        raise NotPermitted("只有报名人和同单位的同事可以修改")
    view, back = showing.outlook(row), url_for(".registration", registration_id=row.id)
    if not view["changeable"]:
        flash(_("这条报名现在不能修改；如有变动请联系主办方"), "warn")
        return redirect(back, 303)
    start = {"attendees": filling.lines_of(row), "phone": row.phone, "note": row.note}
    form = filling.build(AttendeesForm, row.audience, sheet=row.sheet, **start)
    if form.is_submitted():
        taken = filling.take(form, sheet=row.sheet)
        if taken.fine:
            with errors_on(form):
                with transaction():
                    registrations.change(row, actor=current_user, filled=taken.filled, **form.values)
                flash(_("已保存您的修改"), "good")
                return redirect(back, 303)
    return answer(form, "events/change.html", back=back, **view)


@bp.post("/registrations/<int:registration_id>/withdraw")
@signed_in
def withdraw_registration(registration_id: int) -> Any:
    """Take a registration back, leave the waiting list, or throw a draft away."""
    row = _visible(registration_id)
    if row.state is RegistrationState.DRAFT and row.user_id == current_user.id:
        event_id = row.event_id
        with transaction():
            drafts.discard(row)
        flash(_("草稿已删除"), "info")
        return redirect(url_for(".show", event_id=event_id), 303)
    return _done(row, lambda: registrations.withdraw(row, actor=current_user), _("已撤回报名，名额已释放"))


@bp.post("/registrations/<int:registration_id>/accept")
@signed_in
def accept_registration(registration_id: int) -> Any:
    """Take the places that the waiting list offered."""
    row = _visible(registration_id)
    if not access.may_withdraw(current_user, row):
        raise NotPermitted("只有报名人和同单位的同事可以修改")
    return _done(row, lambda: waiting.accept(row, actor=current_user), _("已确认，名额是您的了"))


def _done(row: Registration, work: Callable[[], None], said: str) -> Any:
    row_id = row.id
    try:
        with transaction():
            work()
        flash(said, "good")
    except DomainError as error:
        if error.status == 403:
            raise
        flash(sentence(error), "warn")
    return redirect(url_for(".registration", registration_id=row_id), 303)


@bp.post("/registrations/feed")
@signed_in
def feed_address() -> Any:
    """A new address for one's own calendar, or none."""
    with transaction():
        if request.form.get("step") == "revoke":
            feeds.revoke(current_user)
        else:
            feeds.create(current_user)
    flash(_("日历地址已更新；旧地址不再有效"), "good")
    return redirect(url_for(".own"), 303)


@bp.get("/of-organisation/<int:organisation_id>")
@signed_in
def of_organisation(organisation_id: int) -> Any:
    """An organisation's registrations, for its page: as far as this person may see them."""
    statement = (
        queries.registrations_visible_to(current_user)
        .where(Registration.organisation_id == organisation_id, Registration.state != RegistrationState.DRAFT)
        .order_by(Registration.id.desc())
        .limit(20)
    )
    rows = db.session.execute(statement).unique().scalars().all()
    return page("events/of_organisation.html", fragment="events/_of_organisation.html", registrations=rows)
