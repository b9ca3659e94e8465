"""The owner's pages: state a need, see who fits and why, ask, follow the answers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import current_app, flash, g, redirect, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.activity import queries as activity
from matchmaker.core import money
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import DomainError, NotPermitted
from matchmaker.core.i18n import sentence
from matchmaker.core.web import answer, errors_on, one_or_404, page, requires, signed_in, step
from matchmaker.matching import access, queries, rules
from matchmaker.matching.forms import AskForm, DismissForm, NeedForm
from matchmaker.matching.models import Need
from matchmaker.matching.rules import NeedState, Side, masking
from matchmaker.matching.services import charge, impressions, needs, requests, suggesting, wording
from matchmaker.matching.views import bp
from matchmaker.matching.views.showing import reasons


@bp.get("/needs/")
@requires(Permission.NEEDS_OWN)
def own() -> Any:
    """One's own needs."""
    rows = db.session.execute(queries.own(current_user).limit(200)).unique().scalars().all()
    return page("matching/own.html", needs=rows)


@bp.route("/needs/new", methods=["GET", "POST"])
@requires(Permission.NEEDS_OWN)
def state() -> Any:
    """State a need; the page after it shows who fits. A draft is kept for later."""
    form = NeedForm(organisation_id=_worn_organisation())
    form.offer(current_user)
    organisation = next((o for o in _organisations() if o.id == form.organisation_id.data), None)
    _mask(form, organisation)
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                need = needs.state(
                    actor=current_user,
                    region=getattr(current_user, "region", current_app.config["SETTINGS"].region),
                    organisation_id=form.organisation_id.data or None,
                    draft=form.as_draft.data,
                    **form.values,
                )
                need_id = need.id
            return _stated(form, need_id)
    return answer(form, "matching/edit.html", need=None, marks=_marks(form, organisation))


def _stated(form: NeedForm, need_id: int) -> Any:
    if form.as_draft.data:
        flash(_("草稿已保存，只有您和本单位的人看得到"), "good")
        return redirect(url_for("matching.show", need_id=need_id), 303)
    flash(_("需求已提交；下面是最合适的服务者，请选择要邀请的人"), "good")
    return redirect(url_for("matching.suggestions", need_id=need_id), 303)


def _organisations() -> list[Any]:
    return [membership.organisation for membership in getattr(current_user, "memberships", [])]


def _mask(form: NeedForm, organisation: Any) -> None:
    """One press puts the masked words into the fields."""
    if form.is_submitted() and form.mask.data:
        for field in (form.title, form.text):
            words = field.data or ""
            field.data = masking.masked(words, wording.marks_of(organisation, words))


def _marks(form: NeedForm, organisation: Any) -> dict[str, Any]:
    """What the typed words give away, cut into pieces for showing, and the masked words; empty when nothing."""
    if not form.is_submitted():
        return {}
    shown = {}
    for field in (form.title, form.text):
        words = (field.data or "")[: rules.LONGEST_TEXT]
        if marks := wording.marks_of(organisation, words):
            shown[field.name] = (field.label.text, masking.pieces(words, marks), masking.masked(words, marks))
    return shown


def _worn_organisation() -> int:
    hat = g.user_session.hat or ""
    own_ids = sorted(current_user.organisation_ids)
    worn = int(hat.removeprefix("org:")) if hat.startswith("org:") else 0
    return worn if worn in own_ids else (own_ids[0] if own_ids else 0)


@bp.route("/needs/<int:need_id>/edit", methods=["GET", "POST"])
@signed_in
def edit(need_id: int) -> Any:
    """Change a need; a draft is kept or published."""
    need = one_or_404(queries.visible_to(current_user).where(Need.id == need_id))
    if not access.may_act_for(current_user, need):
        raise NotPermitted("只有提出需求的单位和经办人可以修改")
    form = NeedForm(
        obj=need,
        fields_=need.fields,
        trl_now=str(need.trl_now or ""),
        trl_wanted=str(need.trl_wanted or ""),
        budget=None if need.budget_fen is None else money.wan(need.budget_fen),
    )
    del form.organisation_id  # a need stays with whose it is
    _mask(form, need.organisation)
    opens = need.state is NeedState.DRAFT and not form.as_draft.data
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                needs.edit(need, actor=current_user, publishes=opens, version=form.read_version, **form.values)
            if opens:
                return _stated(form, need_id)
            flash(_("已保存"), "good")
            return redirect(url_for("matching.show", need_id=need_id), 303)
    return answer(form, "matching/edit.html", need=need, marks=_marks(form, need.organisation))


@bp.get("/needs/<int:need_id>")
@signed_in
def show(need_id: int) -> Any:
    """One need: its words, whom it asked, what they said. A handler's look at a secret firm is written down."""
    need = one_or_404(queries.visible_to(current_user).where(Need.id == need_id))
    if charge.is_watched(need, current_user):
        with transaction():
            charge.note_look(need, actor=current_user)
    acts = access.may_act_for(current_user, need)
    asked = db.session.execute(queries.requests_of(need_id)).unique().scalars().all() if acts else []
    return page(
        "matching/show.html",
        need=need,
        knows=access.may_know_whose(current_user, need),
        requests=asked,
        referrals=db.session.execute(queries.referrals_of(need_id)).unique().scalars().all() if acts else [],
        offers=db.session.execute(queries.offers_of(need_id)).unique().scalars().all() if acts else [],
        timeline=[line for line in activity.of(need) if line.moment >= need.created] if acts else [],
        acts=acts,
        takes=need.is_secret and need.handler_id is None and access.may_handle(current_user, need.region),
        holds=need.is_secret and access.in_charge(current_user, need),
        asks=need.state in {NeedState.OPEN, NeedState.MATCHED},
    )


@bp.route("/needs/<int:need_id>/suggestions", methods=["GET", "POST"])
@signed_in
def suggestions(need_id: int) -> Any:
    """The best helpers with their reasons; ask one or several."""
    need = one_or_404(queries.visible_to(current_user).where(Need.id == need_id))
    if not access.may_act_for(current_user, need):
        raise NotPermitted("只有提出需求的单位和经办人可以邀请")
    form = AskForm()
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                asked = requests.ask(
                    need, actor=current_user, person_ids=form.people.data or [], message=form.message.data or ""
                )
                done, referred = len(asked.requests), len(asked.referrals)
            _say_asked(done, referred)
            return redirect(url_for("matching.show", need_id=need_id), 303)
    found, refusal, hidden = _suggest(need)
    rows = db.session.execute(queries.requests_of(need_id)).unique().scalars()
    standing = {row.person_id: row.state for row in rows}
    waiting = db.session.execute(queries.referrals_of(need_id)).unique().scalars()
    shown = [(need.id, item.person.id, item.explanation) for item in found.best] if found else []
    body = answer(
        form,
        "matching/suggestions.html",
        need=need,
        found=found,
        refusal=refusal,
        hidden=hidden,
        standing=standing | {row.person_id: row.state for row in waiting},
        chosen=set(form.people.data or []),
        most=rules.MOST_LIVE_REQUESTS,
        days=rules.REQUEST_TERM.days,
        show_reasons=reasons,
        asks=need.state in {NeedState.OPEN, NeedState.MATCHED},
        why_not=DismissForm(formdata=None),
    )
    if need.state is not NeedState.DRAFT and (unwritten := impressions.unwritten(shown, side=Side.OWNER)):
        with transaction():  # after the page is made: whoever looks again today writes nothing
            impressions.write(unwritten, side=Side.OWNER)
    return body


def _suggest(need: Need) -> tuple[Any, str, list[Any]]:
    """The best helpers without those the owner does not want to see, the refusal in words, and the unwanted."""
    unwanted = queries.dismissed_for(need.id)
    hidden = list(queries.people(sorted(unwanted)).values()) if unwanted else []
    try:
        found = suggesting.suggest(need, k=rules.SUGGESTIONS + len(unwanted))
    except DomainError as error:
        return None, sentence(error), hidden
    best = [item for item in found.best if item.person.id not in unwanted][: rules.SUGGESTIONS]
    return replace(found, best=best), "", hidden


def _say_asked(done: int, referred: int) -> None:
    if done:
        flash(_("已邀请 %(n)d 位，对方答复后会通知您", n=done), "good")
    if referred:
        flash(_("有 %(n)d 位没有联系方式，不能直接邀请；已请经办人联系", n=referred), "info")


@bp.post("/needs/<int:need_id>/publish")
@signed_in
def publish(need_id: int) -> Any:
    """Open a draft."""
    return _step(need_id, needs.publish, _("需求已提交"), "matching.suggestions")


@bp.post("/needs/<int:need_id>/delete")
@signed_in
def delete_draft(need_id: int) -> Any:
    """Throw a draft away."""
    need = one_or_404(queries.visible_to(current_user).where(Need.id == need_id))
    back = url_for("matching.own" if current_user.has(Permission.NEEDS_OWN) else "matching.manage")
    if need.state is not NeedState.DRAFT:
        back = url_for("matching.show", need_id=need_id)
    return step(lambda: needs.delete(need, actor=current_user), done=_("草稿已删除"), back=back)


@bp.post("/needs/<int:need_id>/take")
@requires(Permission.NEEDS_HANDLE)
def take_charge(need_id: int) -> Any:
    """Become the handler who knows the firm."""
    return _step(need_id, charge.take, _("您现在是这条需求的经办人；每次查看都会记入操作记录"), "matching.show")


@bp.post("/needs/<int:need_id>/release")
@requires(Permission.NEEDS_HANDLE)
def release_charge(need_id: int) -> Any:
    """Give the charge back."""
    return _step(need_id, charge.release, _("已移交，其他经办人可以接手"), "matching.show")


@bp.post("/needs/<int:need_id>/withdraw")
@signed_in
def withdraw(need_id: int) -> Any:
    """Take a need back."""
    return _step(need_id, needs.withdraw, _("需求已撤回，已告知被邀请的人"), "matching.show")


@bp.post("/needs/<int:need_id>/close")
@signed_in
def close(need_id: int) -> Any:
    """The need is met."""
    return _step(need_id, needs.close, _("需求已办结"), "matching.show")


def _step(need_id: int, service: Any, done: str, endpoint: str) -> Any:
    need = one_or_404(queries.visible_to(current_user).where(Need.id == need_id))
    try:
        with transaction():
            service(need, actor=current_user)
        flash(done, "good")
    except DomainError as error:
        if error.status == 403:
            raise
        flash(sentence(error), "warn")
        endpoint = "matching.show"
    return redirect(url_for(endpoint, need_id=need_id), 303)


@bp.get("/needs/of-organisation/<int:organisation_id>")
@signed_in
def of_organisation(organisation_id: int) -> Any:
    """A firm's needs: a part of its page."""
    rows = db.session.execute(queries.of_organisation(current_user, organisation_id).limit(20)).unique().scalars().all()
    return page("matching/panel.html", fragment="matching/_needs.html", needs=rows)
