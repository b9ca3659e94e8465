"""Learning the ranking: how many answers there are, what they teach, and which weights rank."""

from __future__ import annotations

from typing import Any

from flask import abort, current_app, flash, redirect, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import DomainError
from matchmaker.core.i18n import sentence
from matchmaker.core.web import answer, errors_on, page, requires
from matchmaker.matching import access, queries
from matchmaker.matching.forms import SwitchForm
from matchmaker.matching.models import LearntWeights
from matchmaker.matching.rules.learning import LEAST, LEAST_OF_EITHER, NO, YES, Lesson
from matchmaker.matching.services import learning, weighing
from matchmaker.matching.views import bp

MOST_LISTED = 50
LEARNS = (Permission.NEEDS_HANDLE, Permission.RANKING_DECIDE)


@bp.get("/needs/evaluation/learning/")
@requires(Permission.NEEDS_MEASURE)
def ranking() -> Any:
    """What ranks at present, the answers there are, the newest weights learnt, and what was before."""
    return _page(None)


@bp.get("/needs/evaluation/learning/<int:weights_id>")
@requires(Permission.NEEDS_MEASURE)
def learnt_weights(weights_id: int) -> Any:
    """Weights learnt before."""
    return _page(_weights(weights_id))


@bp.post("/needs/evaluation/learning/learn")
@requires(*LEARNS)
def learn() -> Any:
    """Learn from all answers; nothing ranks by it yet."""
    _check_home()
    try:
        found = learning.material()
        learnt = learning.learn(found)
        with transaction():
            key = learning.keep(found, learnt, actor=current_user).id
    except DomainError as error:
        flash(sentence(error), "warn")
        return redirect(url_for("matching.ranking"), 303)
    flash(_("已学习；推荐没有变化，核对后可以启用"), "good")
    return redirect(url_for("matching.learnt_weights", weights_id=key), 303)


@bp.route("/needs/evaluation/learning/<int:weights_id>/use", methods=["GET", "POST"])
@requires(Permission.RANKING_DECIDE)
def use_weights(weights_id: int) -> Any:
    """Rank by these weights; the page before says what changes."""
    row = _weights(weights_id)
    return _switched(row, lambda form: learning.use(row, actor=current_user, **form.values))


@bp.route("/needs/evaluation/learning/back", methods=["GET", "POST"])
@requires(Permission.RANKING_DECIDE)
def restore_weights() -> Any:
    """Rank by the weights set by hand again."""
    return _switched(None, lambda form: learning.restore(actor=current_user, **form.values))


def _weights(weights_id: int) -> LearntWeights:
    _check_home()
    row = queries.weights(weights_id)
    if row is None:
        abort(404)
    return row


def _home() -> str:
    return str(current_app.config["SETTINGS"].region)


def _check_home() -> None:
    """The weights are the bureau's that runs the platform; staff of other regions find nothing."""
    if not access.is_home(current_user, _home()):
        abort(404)


def _page(chosen: LearntWeights | None) -> str:
    _check_home()
    material = learning.material()
    rows = db.session.execute(queries.learnt().limit(MOST_LISTED)).unique().scalars().all()
    shown = chosen or (rows[0] if rows else None)
    standing = queries.in_force()
    used = standing.weights if standing else None
    return page(
        "matching/learning.html",
        material=material,
        lessons=[(lesson, material.counts.get(lesson, 0), lesson in YES | NO) for lesson in Lesson],
        lacking=_told(learning.lacking(material)),
        missing=max(LEAST - len(material.answers), 0),
        least=LEAST,
        least_of_either=LEAST_OF_EITHER,
        told=weighing.told(shown) if shown else None,
        standing=standing,
        used=used,
        asleep=used is not None and used.engine != material.engine,
        hindrance=_told(learning.hindrance(shown, engine=material.engine)) if shown else "",
        learnt=rows,
        switches=db.session.execute(queries.switches().limit(MOST_LISTED)).unique().scalars().all(),
        may_learn=access.may_learn(current_user, _home()),
        may_decide=access.may_decide_ranking(current_user, _home()),
        chosen=chosen,
    )


def _told(error: DomainError | None) -> str:
    return sentence(error) if error else ""


def _switched(row: LearntWeights | None, change: Any) -> Any:
    """The page that says the consequence and asks for the reason, and the switch."""
    _check_home()
    standing = queries.in_force()
    form = SwitchForm(seen=str(standing.number if standing else 0))
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                change(form)
            flash(_("已启用学到的权重") if row else _("已恢复设定的权重"), "good")
            return redirect(url_for("matching.ranking"), 303)
    return answer(form, "matching/learning_switch.html", row=row, standing=standing)
