"""Pages of rounds: set one up, look at the plan, send it, adjust it after answers, end it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.activity import queries as activity
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import DomainError
from matchmaker.core.i18n import sentence
from matchmaker.core.web import answer, errors_on, one_or_404, page, requires, step
from matchmaker.lists.pages import list_page
from matchmaker.rounds import lists, queries
from matchmaker.rounds.forms import RoundForm
from matchmaker.rounds.models import MatchRound
from matchmaker.rounds.rules import PairState, RoundState
from matchmaker.rounds.services import planning, reporting, rounds

bp = Blueprint("rounds", __name__, url_prefix="/needs/rounds")


@bp.get("/")
@requires(Permission.NEEDS_HANDLE)
def index() -> Any:
    """The rounds of one's regions."""
    return list_page(lists.ROUNDS, "rounds/index.html")


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.NEEDS_HANDLE)
def new() -> Any:
    """Set a round up; its plan is made at once and looked at before anything is sent."""
    form = RoundForm()
    _offer(form)
    if request.method == "GET":
        form.needs.data = [item.value for item in form.needs.choices]
        form.helpers.data = [item.value for item in form.helpers.choices]
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                region = sorted(current_user.region_codes)[0]
                row = rounds.create(actor=current_user, region=region, **form.values)
                planning.plan(row, actor=current_user)
                round_id = row.id
            flash(_("方案已生成，请核对；还没有发出任何邀请"), "good")
            return redirect(url_for("rounds.show", round_id=round_id), 303)
    return answer(form, "rounds/edit.html", row=None)


@bp.route("/<int:round_id>/edit", methods=["GET", "POST"])
@requires(Permission.NEEDS_HANDLE)
def edit(round_id: int) -> Any:
    """Change who takes part and the numbers; what was not sent is planned anew."""
    row = _one(round_id)
    form = RoundForm(obj=row)
    _offer(form, row)
    if request.method == "GET":
        form.needs.data = [need.id for need in queries.needs_of(round_id)]
        form.helpers.data = [person.id for person in queries.helpers_of(round_id)]
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                rounds.edit(row, actor=current_user, **form.values)
                _plan_where_possible(row)
            flash(_("已保存，方案已重新生成"), "good")
            return redirect(url_for("rounds.show", round_id=round_id), 303)
    return answer(form, "rounds/edit.html", row=row)


def _plan_where_possible(row: MatchRound) -> None:
    try:
        planning.plan(row, actor=current_user)
    except DomainError as error:
        flash(sentence(error), "info")


def _offer(form: RoundForm, row: MatchRound | None = None) -> None:
    """Whoever may take part, and whoever does already."""
    needs = list(db.session.execute(queries.needs_to_choose(current_user)).unique().scalars())
    helpers = list(db.session.execute(queries.helpers_to_choose(clock.today())).unique().scalars())
    if row is not None:
        needs += [need for need in queries.needs_of(row.id) if need not in needs]
        helpers += [person for person in queries.helpers_of(row.id) if person not in helpers]
    form.offer(needs, helpers, queries.kinds_of([person.id for person in helpers], clock.today()))


@bp.get("/<int:round_id>")
@requires(Permission.NEEDS_HANDLE)
def show(round_id: int) -> Any:
    """The plan: total, worst, who is not served and why; then how the answers come in."""
    row = _one(round_id)
    pairs = queries.pairs_of(round_id)
    waiting = [pair for pair in pairs if pair.state is PairState.PROPOSED]
    return list_page(
        lists.PAIRS,
        "rounds/show.html",
        scope={"round_id": round_id},
        row=row,
        told=reporting.told(row, pairs),
        waiting=len(waiting),
        draft=row.state is RoundState.DRAFT,
        closed=row.state is RoundState.CLOSED,
        timeline=activity.of(row),
    )


@bp.post("/<int:round_id>/plan")
@requires(Permission.NEEDS_HANDLE)
def plan(round_id: int) -> Any:
    """Propose for what is lacking; the asked ones stay."""
    row = _one(round_id)
    return step(
        lambda: planning.plan(row, actor=current_user), done=_("方案已生成，请核对后发出"), back=_back(round_id)
    )


@bp.route("/<int:round_id>/send", methods=["GET", "POST"])
@requires(Permission.NEEDS_HANDLE)
def send(round_id: int) -> Any:
    """Say what is about to be sent; then send it."""
    row = _one(round_id)
    if request.method == "GET":
        proposed = queries.proposed(round_id)
        return page("rounds/send.html", row=row, pairs=proposed, people={pair.person_id for pair in proposed})
    try:
        with transaction():
            sent = rounds.publish(row, actor=current_user, plan=request.form.get("plan", -1, type=int))
    except DomainError as error:
        if error.status == 403:
            raise
        flash(sentence(error), "warn")
        return redirect(_back(round_id), 303)
    flash(_("已发出 %(n)d 项邀请", n=sent.asked), "good")
    if sent.lapsed:
        flash(_("%(n)d 项因情况变化没有发出，原因见下；可以点“补充方案”另外安排", n=sent.lapsed), "warn")
    return redirect(_back(round_id), 303)


@bp.post("/<int:round_id>/close")
@requires(Permission.NEEDS_HANDLE)
def close(round_id: int) -> Any:
    """End the round."""
    row = _one(round_id)
    return step(lambda: rounds.close(row, actor=current_user), done=_("这一轮已结束"), back=_back(round_id))


@bp.post("/<int:round_id>/delete")
@requires(Permission.NEEDS_HANDLE)
def delete(round_id: int) -> Any:
    """Take back a draft."""
    row = _one(round_id)
    return step(lambda: rounds.delete(row, actor=current_user), done=_("草稿已删除"), back=url_for("rounds.index"))


def _back(round_id: int) -> str:
    return url_for("rounds.show", round_id=round_id)


def _one(round_id: int) -> MatchRound:
    row: MatchRound = one_or_404(queries.visible_to(current_user).where(MatchRound.id == round_id))
    return row
