"""The entrant's page about ties and recusal: what is typed comes back, and nothing else is ever told."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.competition.forms.ties import TiesForm, WishForm
from matchmaker.competition.models import Entry, RecusalWish
from matchmaker.competition.queries import entries, ties
from matchmaker.competition.services import wishes
from matchmaker.competition.views import bp
from matchmaker.competition.views.steps import step
from matchmaker.core.db import db, transaction
from matchmaker.core.web import answer, errors_on, one_or_404, requires


@bp.route("/entries/<int:entry_id>/ties", methods=["GET", "POST"])
@requires(Permission.ENTRIES_OWN)
def entry_ties(entry_id: int) -> Any:
    """Shareholders, officers, investors, fellow authors: compared with the judges, shown to nobody who judges."""
    entry = _own(entry_id)
    known = db.session.execute(ties.ties_of(entry_id)).scalars().all()
    form = TiesForm(data=None if request.method == "POST" else TiesForm.of(known))
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                wishes.set_ties(entry, actor=current_user, **form.values)
            flash(_("关联信息已保存"), "good")
            return redirect(url_for("competition.entry_recusals", entry_id=entry_id), 303)
    return answer(form, "competition/ties.html", entry=entry)


@bp.route("/entries/<int:entry_id>/recusals", methods=["GET", "POST"])
@requires(Permission.ENTRIES_OWN)
def entry_recusals(entry_id: int) -> Any:
    """Who must not judge this entry, in the entrant's words."""
    entry = _own(entry_id)
    form = WishForm(formdata=request.form if request.method == "POST" else None)
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                wishes.ask(entry, actor=current_user, **form.values)
            flash(_("已收到；主办方会核实，不论该人是否担任评委都不另行答复"), "good")
            return redirect(url_for("competition.entry_recusals", entry_id=entry_id), 303)
    return answer(
        form,
        "competition/wishes.html",
        entry=entry,
        wishes=db.session.execute(ties.wishes_of(entry_id)).unique().scalars().all(),
        ties=db.session.execute(ties.ties_of(entry_id)).scalars().all(),
    )


@bp.post("/entries/<int:entry_id>/recusals/<int:wish_id>/take-back")
@requires(Permission.ENTRIES_OWN)
def take_back_wish(entry_id: int, wish_id: int) -> Any:
    """Ask no more."""
    _own(entry_id)
    wish = one_or_404(ties.wishes_of(entry_id).where(RecusalWish.id == wish_id))
    back = url_for("competition.entry_recusals", entry_id=entry_id)
    return step(lambda: wishes.take_back(wish, actor=current_user), done=_("已撤回申请"), back=back)


def _own(entry_id: int) -> Entry:
    row: Entry = one_or_404(entries.own(current_user).where(Entry.id == entry_id))
    return row
