"""The helper's other direction: find needs, offer oneself, say "not for me"; and the weekly letter."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, flash, make_response, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import DomainError
from matchmaker.core.i18n import sentence
from matchmaker.core.web import answer, errors_on, one_or_404, page, public, requires, step
from matchmaker.directory.models import Person
from matchmaker.matching import queries
from matchmaker.matching.forms import DismissForm, OfferForm
from matchmaker.matching.models import Dismissal, NeedOffer
from matchmaker.matching.rules import Side
from matchmaker.matching.services import browsing, digest, dismissals, impressions, offering
from matchmaker.matching.views import bp
from matchmaker.matching.views.showing import reasons


def _helper() -> Person | None:
    person: Person | None = db.session.execute(queries.helper_of(current_user)).unique().scalar_one_or_none()
    return person


@bp.get("/needs/open/")
@requires(Permission.REQUESTS_ANSWER)
def browse() -> Any:
    """Open needs ranked for this helper, each with its reasons."""
    person = _helper()
    seen = browsing.for_helper(person) if person else browsing.Browsed([])
    body = page(
        "matching/browse.html",
        person=person,
        seen=seen,
        show_reasons=reasons,
        offers=db.session.execute(queries.offers_by(current_user).limit(20)).unique().scalars().all(),
        hidden=db.session.execute(queries.dismissed_by(person).limit(50)).unique().all() if person else [],
        wanted=digest.wants(person) if person else False,
    )
    if person:
        _note([(each.need.id, person.id, each.explanation) for each in seen.found])
    return body


def _note(shown: list[impressions.Shown]) -> None:
    if rows := impressions.unwritten(shown, side=Side.HELPER):
        with transaction():
            impressions.write(rows, side=Side.HELPER)


@bp.route("/needs/open/<int:need_id>", methods=["GET", "POST"])
@requires(Permission.REQUESTS_ANSWER)
def open_need(need_id: int) -> Any:
    """One need and why it is shown; offer oneself."""
    person, found, hindrance = _found(need_id)
    form = OfferForm()
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                offering.offer(found.need, person, actor=current_user, message=form.message.data or "")
            flash(_("已告知对方；对方同意后，双方会看到联系方式"), "good")
            return redirect(url_for("matching.browse"), 303)
    return _open_page(form, found, hindrance, DismissForm(formdata=None))


@bp.post("/needs/open/<int:need_id>/dismiss")
@requires(Permission.REQUESTS_ANSWER)
def dismiss(need_id: int) -> Any:
    """Not for me."""
    person, found, hindrance = _found(need_id)
    form = DismissForm()
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                dismissals.dismiss(
                    found.need,
                    person,
                    actor=current_user,
                    side=Side.HELPER,
                    reason=form.reason.data,
                    note=form.note.data or "",
                )
            flash(_("以后不再推荐这条需求；可在页尾恢复"), "info")
            return redirect(url_for("matching.browse"), 303)
    return _open_page(form, found, hindrance, form)


def _found(need_id: int) -> tuple[Person, browsing.Found, Any]:
    person = _helper()
    seen = browsing.for_helper(person, only=need_id) if person else None
    if person is None or seen is None or not seen.found:
        abort(404)
    return person, seen.found[0], seen.hindrance


def _open_page(form: Any, found: browsing.Found, hindrance: Any, dismissal: DismissForm) -> Response:
    return answer(
        form,
        "matching/open_need.html",
        need=found.need,
        why=reasons(found.explanation),
        hindrance=hindrance,
        offer=form if isinstance(form, OfferForm) else OfferForm(formdata=None),
        dismissal=dismissal,
    )


@bp.post("/needs/open/<int:need_id>/restore")
@requires(Permission.REQUESTS_ANSWER)
def restore(need_id: int) -> Any:
    """Show it again."""
    person = _helper()
    if person is None:
        abort(404)
    row = db.session.execute(queries.dismissed_by(person).where(Dismissal.need_id == need_id)).unique().first()
    if row is None:
        abort(404)
    return step(
        lambda: dismissals.undo(row[1], person, actor=current_user, side=Side.HELPER),
        done=_("已恢复显示"),
        back=url_for("matching.browse"),
    )


@bp.post("/needs/offers/<int:offer_id>/take-back")
@requires(Permission.REQUESTS_ANSWER)
def take_back(offer_id: int) -> Any:
    """Changed one's mind."""
    row = one_or_404(queries.offers_by(current_user).where(NeedOffer.id == offer_id))
    return step(lambda: offering.take_back(row, actor=current_user), done=_("已收回"), back=url_for("matching.browse"))


@bp.post("/needs/open/digest")
@requires(Permission.REQUESTS_ANSWER)
def choose_digest() -> Any:
    """Subscribe to the weekly letter, or end it."""
    person = _helper()
    if person is None:
        abort(404)
    wanted = request.form.get("wanted") == "1"
    return step(
        lambda: digest.choose(person, wanted=wanted, actor=current_user),
        done=_("已订阅每周推荐") if wanted else _("已退订每周推荐"),
        back=url_for("matching.browse"),
    )


@bp.route("/digest/<token>", methods=["GET", "POST"])
@public
def unsubscribe(token: str) -> Any:
    """End the weekly letter by its link: looking changes nothing, one press ends it."""
    try:
        person = digest.open_token(token)
    except DomainError as error:
        return make_response(page("matching/dead_link.html", text=sentence(error)), 404)
    done = request.method == "POST"
    if done:
        with transaction():
            digest.choose(person, wanted=False)
    response = make_response(page("matching/unsubscribe.html", done=done or not digest.wants(person)))
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
