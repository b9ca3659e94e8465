"""The owner's side of the other direction: offers of helpers, and helpers one does not want to see."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.core.db import transaction
from matchmaker.core.web import answer, errors_on, one_or_404, page, signed_in, step
from matchmaker.directory.models import Person
from matchmaker.matching import queries
from matchmaker.matching.forms import AnswerTermsForm, DismissForm
from matchmaker.matching.models import Need, NeedOffer
from matchmaker.matching.rules import OfferState, Side
from matchmaker.matching.services import dismissals, offering
from matchmaker.matching.views import bp
from matchmaker.matching.views.showing import reasons


def _shown(row: NeedOffer) -> dict[str, Any]:
    return {
        "row": row,
        "need": row.need,
        "why": reasons(row.explanation),
        "waits": row.state is OfferState.WAITING,
    }


@bp.get("/needs/offers/<int:offer_id>")
@signed_in
def offer(offer_id: int) -> Any:
    """Who offers themselves, and why they fit."""
    row = one_or_404(queries.offers_to(current_user).where(NeedOffer.id == offer_id))
    return page("matching/offer.html", form=AnswerTermsForm(formdata=None), **_shown(row))


@bp.post("/needs/offers/<int:offer_id>/<any(agree,refuse):what>")
@signed_in
def answer_offer(offer_id: int, what: str) -> Any:
    """Yes: contacts go out to both. No: the helper is told."""
    row = one_or_404(queries.offers_to(current_user).where(NeedOffer.id == offer_id))
    form = AnswerTermsForm()
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                said = form.answer.data or ""
                if what == "agree":
                    request_id = offering.agree(row, actor=current_user, answer=said).id
                else:
                    offering.refuse(row, actor=current_user, answer=said)
            if what == "agree":
                flash(_("已同意；双方现在可以看到联系方式"), "good")
                return redirect(url_for("matching.request", request_id=request_id), 303)
            flash(_("已回复对方"), "info")
            return redirect(url_for("matching.show", need_id=row.need_id), 303)
    return answer(form, "matching/offer.html", **_shown(row))


@bp.post("/needs/<int:need_id>/suggestions/<int:person_id>/dismiss")
@signed_in
def dismiss_helper(need_id: int, person_id: int) -> Any:
    """Do not suggest this helper for this need."""
    need = one_or_404(queries.visible_to(current_user).where(Need.id == need_id))
    person = one_or_404(queries.person(person_id))
    form = DismissForm()
    back = url_for("matching.suggestions", need_id=need_id)
    if not form.validate_on_submit():
        flash(_("请选择一个原因"), "warn")
        return redirect(back, 303)
    return step(
        lambda: dismissals.dismiss(
            need, person, actor=current_user, side=Side.OWNER, reason=form.reason.data, note=form.note.data or ""
        ),
        done=_("不再为这条需求推荐这位服务者；可在页尾恢复"),
        back=back,
    )


@bp.post("/needs/<int:need_id>/suggestions/<int:person_id>/restore")
@signed_in
def restore_helper(need_id: int, person_id: int) -> Any:
    """Suggest them again."""
    need = one_or_404(queries.visible_to(current_user).where(Need.id == need_id))
    person: Person = one_or_404(queries.person(person_id))
    return step(
        lambda: dismissals.undo(need, person, actor=current_user, side=Side.OWNER),
        done=_("已恢复显示"),
        back=url_for("matching.suggestions", need_id=need_id),
    )
