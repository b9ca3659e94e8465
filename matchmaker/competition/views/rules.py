"""The rules of a contest: stages, rubrics and prizes, changed at once while drafted and by amendment once announced."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from typing import Any

from flask import Response, abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.competition import access
from matchmaker.competition.forms.contests import ReasonForm
from matchmaker.competition.forms.entry_rules import EntryRulesForm
from matchmaker.competition.forms.results import ResultsRulesForm
from matchmaker.competition.forms.rules import PrizesForm, ReasonedForm, RubricForm, StageRulesForm, lines_of
from matchmaker.competition.models import Contest, ContestGroup, ContestStage, RulesVersion
from matchmaker.competition.queries import contests as contest_queries
from matchmaker.competition.rules import amending, editions
from matchmaker.competition.rules.stages import TieBreak
from matchmaker.competition.services import contests, rulebook, stages
from matchmaker.competition.views import bp
from matchmaker.competition.views.steps import managed, staged, step
from matchmaker.core.db import transaction
from matchmaker.core.web import answer, download, errors_on, one_or_404, page, public, requires

STAFF = (Permission.CONTESTS_MANAGE, Permission.CONTESTS_DECIDE)
STAGE = "/manage/<int:contest_id>/<any(preliminary,semifinal,final):code>"


@bp.route(f"{STAGE}/rules", methods=["GET", "POST"])
@requires(Permission.CONTESTS_MANAGE)
def stage_rules(contest_id: int, code: str) -> Any:
    """How a stage is judged and who goes on."""
    stage = staged(contest_id, code)
    form = StageRulesForm(data=StageRulesForm.of(stage))

    def edit() -> None:
        stages.set_values(stage, form.values_for(stage))
        stages.check_dates(stage.contest)

    return _changed(stage.contest, form, edit, "competition/stage_rules.html", stage=stage, ties=list(TieBreak))


@bp.route("/manage/<int:contest_id>/rubric/<int:group_id>", methods=["GET", "POST"])
@requires(Permission.CONTESTS_MANAGE)
def rubric(contest_id: int, group_id: int) -> Any:
    """A group's weighted criteria, for every stage that has none of its own."""
    contest = managed(contest_id)
    return _rubric(contest, _group(contest, group_id), None)


@bp.route(f"{STAGE}/rubric/<int:group_id>", methods=["GET", "POST"])
@requires(Permission.CONTESTS_MANAGE)
def stage_rubric(contest_id: int, code: str, group_id: int) -> Any:
    """A group's weighted criteria in one stage."""
    stage = staged(contest_id, code)
    return _rubric(stage.contest, _group(stage.contest, group_id), stage)


def _rubric(contest: Contest, group: ContestGroup, stage: ContestStage | None) -> Any:
    form = RubricForm(data={"lines": lines_of(stage.criteria_of(group) if stage else group.criteria)})

    def edit() -> None:
        rulebook.set_criteria(group, stage, rulebook.criteria_from(form.values["criteria"]))

    return _changed(contest, form, edit, "competition/rubric.html", group=group, stage=stage)


@bp.route("/manage/<int:contest_id>/prizes", methods=["GET", "POST"])
@requires(Permission.CONTESTS_MANAGE)
def prizes(contest_id: int) -> Any:
    """The prizes of every group and the length of the notice."""
    contest = managed(contest_id)
    form = PrizesForm(data=PrizesForm.of(contest))

    def edit() -> None:
        contest.working_days = form.working_days.data
        for group in contest.groups:
            rows = editions.prizes_of(form[group.code.value].data or "")
            group.prizes = [{"title": prize.title, "places": prize.places} for prize in rows]

    return _changed(contest, form, edit, "competition/prizes.html")


@bp.route("/manage/<int:contest_id>/results-rules", methods=["GET", "POST"])
@requires(Permission.CONTESTS_MANAGE)
def results_rules(contest_id: int) -> Any:
    """Package, feedback and due diligence."""
    contest = managed(contest_id)
    shown = {key: getattr(contest, key) for key in ("package", "feedback", "comments")}
    form = ResultsRulesForm(data={**shown, "diligence": "\n".join(contests.diligence_items(contest))})

    def edit() -> None:
        contests.write_results_rules(contest, **form.values)

    return _changed(contest, form, edit, "competition/results_rules.html")


@bp.route("/manage/<int:contest_id>/entry-rules", methods=["GET", "POST"])
@requires(Permission.CONTESTS_MANAGE)
def entry_rules(contest_id: int) -> Any:
    """Who may enter, and how."""
    contest = managed(contest_id)
    form = EntryRulesForm(
        data=None if request.method == "POST" else EntryRulesForm.eligibility_values(contest.eligibility)
    )

    def edit() -> None:
        contests.write_entry_rules(contest, eligibility=form.eligibility)

    return _changed(contest, form, edit, "competition/entry_rules.html")


def _changed(contest: Contest, form: ReasonedForm, edit: Callable[[], None], template: str, **more: Any) -> Any:
    form.reason.flags.required = contest.announced is not None
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                waiting = rulebook.change(contest, actor=current_user, reason=form.reason.data or "", edit=edit)
            flash(_("已提请补充通知，等待另一位同事复核") if waiting else _("已保存"), "good")
            end = "competition.amendment" if waiting else "competition.manage"
            return redirect(url_for(end, contest_id=contest.id), 303)
    return answer(form, template, contest=contest, announced=contest.announced is not None, **more)


@bp.get("/manage/<int:contest_id>/amendment")
@requires(*STAFF)
def amendment(contest_id: int) -> Any:
    """The versions of the rules, and the amendment that waits: every change with before and after."""
    contest = managed(contest_id)
    waiting = rulebook.open_amendment(contest)
    return page(
        "competition/amendment.html",
        contest=contest,
        waiting=waiting,
        changes=_readable(rulebook.changes_of(contest, waiting)) if waiting else [],
        versions=_told(contest),
        decides=access.may_decide(current_user, contest),
    )


@bp.post("/manage/<int:contest_id>/amendment/confirm")
@requires(Permission.CONTESTS_DECIDE)
def confirm_amendment(contest_id: int) -> Any:
    """The second person agrees: the amendment is published."""
    contest = managed(contest_id)
    return step(
        lambda: rulebook.confirm_amendment(contest, actor=current_user),
        done=_("补充通知已发布，新规则即时生效"),
        back=url_for("competition.amendment", contest_id=contest_id),
    )


@bp.route("/manage/<int:contest_id>/amendment/return", methods=["GET", "POST"])
@requires(Permission.CONTESTS_DECIDE)
def return_amendment(contest_id: int) -> Any:
    """The second person does not agree and says why."""
    contest = managed(contest_id)
    form, back = ReasonForm(), url_for("competition.amendment", contest_id=contest_id)
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                rulebook.return_amendment(contest, actor=current_user, reason=form.reason.data)
            flash(_("已退回"), "good")
            return redirect(back, 303)
    title = _("退回提请")
    text = _("提请人会看到理由。")
    return answer(
        form, "competition/reason.html", title=title + _("：") + contest.title, text=text, back=back, label=title
    )


@bp.get("/<int:contest_id>/rules")
@public
def rules(contest_id: int) -> Any:
    """Every published version of the rules with its fingerprint and what it changed."""
    contest = one_or_404(contest_queries.public().where(Contest.id == contest_id))
    return page("competition/rules.html", contest=contest, versions=_told(contest))


@bp.get("/<int:contest_id>/rules/<int:number>.json")
@public
def rules_document(contest_id: int, number: int) -> Response:
    """A version of the rules as the canonical text that its fingerprint was taken of."""
    contest = one_or_404(contest_queries.public().where(Contest.id == contest_id))
    version = next((row for row in rulebook.versions_of(contest) if row.number == number), None)
    if version is None:
        abort(404)
    name = f"contest-{contest.id}-rules-{number}.json"
    return download(editions.canonical(version.document), filename=name, mimetype="application/json")


def _told(contest: Contest) -> list[tuple[RulesVersion, list[amending.Change]]]:
    """(version, what it changed), the newest first."""
    versions = list(rulebook.versions_of(contest))
    older = [before if _alike(before, version) else None for version, before in pairwise(versions)]
    return [
        (version, _readable(amending.differences(before.document, version.document)) if before else [])
        for version, before in zip(versions, [*older, None], strict=False)
    ]


def _readable(changes: list[amending.Change]) -> list[amending.Change]:
    """Moments as moments: documents hold them as texts. Entry rules that came or went as a whole, one by one."""
    return [
        replace(change, before=datetime.fromisoformat(change.before), after=datetime.fromisoformat(change.after))
        if change.path[-1] == "judging_until"
        else change
        for whole in changes
        for change in _one_by_one(whole)
    ]


def _one_by_one(change: amending.Change) -> Iterator[amending.Change]:
    whole = isinstance(change.before, Mapping) or isinstance(change.after, Mapping)
    if change.path[0] != "eligibility" or not whole:
        yield change
        return
    for part in amending.differences(change.before or {}, change.after or {}):
        if part.before != part.after:
            yield from _one_by_one(replace(part, path=(*change.path, *part.path)))


def _alike(before: RulesVersion, version: RulesVersion) -> bool:
    """Documents from before contests had stages have another form."""
    return ("stages" in before.document) == ("stages" in version.document)


def _group(contest: Contest, group_id: int) -> ContestGroup:
    group = next((g for g in contest.groups if g.id == group_id), None)
    if group is None:
        abort(404)
    return group
