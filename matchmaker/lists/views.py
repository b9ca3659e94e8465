"""The generic addresses of every list: bulk preview, run, undo, saved views."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.core import lists as core_lists
from matchmaker.core.db import transaction
from matchmaker.core.errors import DomainError
from matchmaker.core.feature import features
from matchmaker.core.i18n import sentence
from matchmaker.core.listspec import BulkAction, ListSpec, answers_to, held_in, may_open
from matchmaker.core.web import one_or_404, page, safe_next, signed_in
from matchmaker.lists import queries, services
from matchmaker.lists.models import BulkRun, SavedView

bp = Blueprint("lists", __name__, url_prefix="/lists")


def _spec(name: str, scope: Mapping[str, str]) -> ListSpec:
    spec: ListSpec | None = features().find("lists", name)
    if spec is None or not may_open(spec, current_user, scope):
        abort(404)
    return spec


def _action(spec: ListSpec, key: str, scope: Mapping[str, str]) -> BulkAction:
    action = next((a for a in spec.bulk if a.key == key), None)
    if action is None:
        abort(404)
    if not held_in(spec, current_user, scope)(action.permission):
        abort(403)
    return action


def _scope() -> dict[str, str]:
    return {k.removeprefix("scope_"): v for k, v in request.form.items() if k.startswith("scope_")}


@dataclass(frozen=True)
class Wish:
    """What a person wants done with which rows."""

    spec: ListSpec
    action: BulkAction
    scope: dict[str, str]
    ids: list[int]
    reason: str
    typed: dict[str, str]
    back: str

    @classmethod
    def read(cls, name: str) -> Wish:
        """From the form of the list or of the preview; 404 and 403 for what this person may not do."""
        form, scope = request.form, _scope()
        spec = _spec(name, scope)
        action = _action(spec, form.get("action", ""), scope)
        ids = [int(text) for text in form.getlist("ids") if text.isascii() and text.isdigit() and len(text) < 10]
        typed = {ask.key: form.get(f"ask_{ask.key}", "").strip() for ask in action.asks}
        back = safe_next(form.get("back"), url_for("portal.home"))
        return cls(spec, action, scope, ids, form.get("reason", "").strip()[:500], typed, back)


@bp.post("/<name>/bulk")
@signed_in
def bulk(name: str) -> Any:
    """Preview a bulk action, after its questions are answered; with `confirmed` carry it out."""
    wish = Wish.read(name)
    if wish.action.leads_to is not None and wish.ids:
        return redirect(wish.action.leads_to(wish.ids, wish.scope), 303)
    error, values = None, None
    try:
        if request.form.get("confirmed"):
            return _run(wish)
        if request.form.get("answered"):
            values = answers_to(wish.action, wish.typed, viewer=current_user, scope=wish.scope)
    except DomainError as refusal:
        error = sentence(refusal)
    try:
        rows = services.rows_of(wish.spec, viewer=current_user, scope=wish.scope, ids=wish.ids)
    except DomainError as refusal:
        flash(sentence(refusal), "warn")
        return redirect(wish.back, 303)
    lines = services.preview(wish.action, rows, actor=current_user, values=values)
    shown = [(line, core_lists.shown(wish.spec.columns[0], line.row).text) for line in lines]
    asks = [(ask, ask.choices(current_user, wish.scope) if ask.choices else None) for ask in wish.action.asks]
    body = page("lists/bulk.html", wish=wish, lines=shown, asks=asks, values=values, error=error, refusal_text=sentence)
    return (body, 422) if error else body


def _run(wish: Wish) -> Any:
    action = wish.action
    with transaction():
        run, skipped = services.run(
            wish.spec,
            action,
            actor=current_user,
            scope=wish.scope,
            ids=wish.ids,
            reason=wish.reason,
            values=wish.typed,
        )
        done, run_id = len(run.items), run.id
    if skipped:
        flash(
            _("%(action)s：已处理 %(n)d 条，%(m)d 条不符合条件未处理", action=_(action.title), n=done, m=skipped),
            "warn",
        )
    else:
        flash(_("%(action)s：已处理 %(n)d 条", action=_(action.title), n=done), "good")
    if action.undo is not None and done:
        return redirect(url_for("lists.done", run_id=run_id, back=wish.back), 303)
    return redirect(wish.back, 303)


@bp.get("/runs/<int:run_id>")
@signed_in
def done(run_id: int) -> Any:
    """What a bulk action did, with the button that takes it back."""
    run = one_or_404(queries.bulk_runs(current_user).where(BulkRun.id == run_id))
    spec = _spec(run.list_name, run.scope)
    back = safe_next(request.args.get("back"), url_for("portal.home"))
    return page("lists/done.html", run=run, spec=spec, action=_action(spec, run.action, run.scope), back=back)


@bp.post("/runs/<int:run_id>/undo")
@signed_in
def undo(run_id: int) -> Any:
    """Take a bulk action back."""
    run = one_or_404(queries.bulk_runs(current_user).where(BulkRun.id == run_id))
    spec = _spec(run.list_name, run.scope)
    action = _action(spec, run.action, run.scope)
    back = safe_next(request.form.get("back"), url_for("portal.home"))
    try:
        with transaction():
            count, left = services.undo(spec, action, run, actor=current_user)
    except DomainError as refusal:
        flash(sentence(refusal), "warn")
        return redirect(back, 303)
    if left:
        flash(_("已撤销 %(n)d 条，%(m)d 条后来又有变化，未改动", n=count, m=left), "warn")
    else:
        flash(_("已撤销 %(n)d 条", n=count), "good")
    return redirect(back, 303)


@bp.post("/<name>/views")
@signed_in
def save_view(name: str) -> Any:
    """Save the filters of the page a person looks at."""
    spec = _spec(name, _scope())
    target = safe_next(request.form.get("url"), url_for("portal.home"))
    path, _mark, query = target.partition("?")
    try:
        with transaction():
            services.save_view(
                actor=current_user, list_name=spec.name, name=request.form.get("name", ""), path=path, query=query
            )
        flash(_("视图已保存"), "good")
    except DomainError as refusal:
        flash(sentence(refusal), "warn")
    return redirect(target, 303)


@bp.post("/views/<int:view_id>/delete")
@signed_in
def drop_view(view_id: int) -> Any:
    """Forget a saved view."""
    view = one_or_404(queries.saved_views(current_user).where(SavedView.id == view_id))
    with transaction():
        path = view.path
        services.drop_view(view)
    flash(_("视图已删除"), "info")
    return redirect(safe_next(path, url_for("portal.home")), 303)
