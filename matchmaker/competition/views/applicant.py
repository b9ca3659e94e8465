"""The entrant's pages: one's own entries, the form with its draft, handing in and withdrawing."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.activity import queries as activity
from matchmaker.competition.forms.contests import ReasonForm
from matchmaker.competition.forms.entries import EntryForm
from matchmaker.competition.models import Contest, Entry, Standing
from matchmaker.competition.queries import contests, standings, teams
from matchmaker.competition.queries import entries as entry_queries
from matchmaker.competition.rules.completeness import only_files
from matchmaker.competition.rules.entry_rules import rules_of
from matchmaker.competition.rules.states import EDITABLE
from matchmaker.competition.rules.teams import ASKING
from matchmaker.competition.rules.uploads import Material
from matchmaker.competition.rules.way import STEPS, position
from matchmaker.competition.services import entries, feedback, versions
from matchmaker.competition.views import bp
from matchmaker.competition.views.steps import step
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.i18n import sentence
from matchmaker.core.web import answer, errors_on, one_or_404, page, requires, signed_in
from matchmaker.publicity import queries as publicity

# What an entrant reads of the log: never who stepped back from judging.
SHOWN_TO_ENTRANT = frozenset(
    f"competition.entry_{what}"
    for what in (
        "saved",
        "submitted",
        "withdrawn",
        "accepted",
        "acceptance_undone",
        "returned",
        "rejected",
        "disqualified",
        "ties_set",
        "recusal_asked",
        "recusal_taken_back",
        "taken_back",
        "put_back",
        "reconsidered",
    )
) | {
    "competition.file_added",
    "competition.file_dropped",
    "competition.member_confirmed",
    "competition.member_declined",
}


@bp.get("/entries/")
@signed_in
def own_entries() -> Any:
    """One's own entries and those of one's firms."""
    rows = db.session.execute(entry_queries.own_listed(current_user).limit(200)).unique().scalars().all()
    open_now = db.session.execute(contests.open_at(clock.now()).limit(10)).unique().scalars().all()
    named = db.session.execute(teams.memberships_of(current_user).limit(50)).unique().scalars().all()
    return page(
        "competition/own_entries.html",
        entries=rows,
        lacking={row.id: len(entries.gaps(row)) for row in rows if row.state in EDITABLE},
        memberships=named,
        contests=open_now,
        now=clock.now(),
    )


@bp.route("/<int:contest_id>/enter", methods=["GET", "POST"])
@requires(Permission.ENTRIES_OWN)
def enter(contest_id: int) -> Any:
    """Write an entry: keep it as a draft, or hand it in."""
    contest = one_or_404(contests.public().where(Contest.id == contest_id))
    firms = sorted(current_user.organisation_ids)
    form = EntryForm(
        organisation_id=firms[0] if firms else 0,
        leader=current_user.name,
        phone=getattr(current_user, "phone", "") or "",
        email=getattr(current_user, "email", "") or "",
    )
    return _write(form, contest, None)


@bp.route("/entries/<int:entry_id>/edit", methods=["GET", "POST"])
@requires(Permission.ENTRIES_OWN)
def edit_entry(entry_id: int) -> Any:
    """Change a draft, or mend a returned entry."""
    entry = _own(entry_id)
    return _write(EntryForm(data=EntryForm.of(entry)), entry.contest, entry)


def _write(form: EntryForm, contest: Contest, entry: Entry | None) -> Any:
    form.offer(contest, current_user)
    handing_in, arrived = request.form.get("step") == "submit", clock.now()
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                row = entries.save(contest, actor=current_user, entry=entry, at=arrived, **form.values)
                lacking = entries.gaps(row) if handing_in else ()
                waits = only_files(lacking)  # files come after the text: nothing typed is lost over them
                if handing_in and not waits:
                    entries.submit(row, actor=current_user, at=arrived)
                entry_id = row.id
            if waits:
                flash(_("草稿已保存，还没有报名：请上传缺少的材料后再提交"), "bad")
            elif handing_in:
                flash(_("项目已提交，等待资格审查"), "good")
            else:
                flash(_("草稿已保存；还没有提交，截止前请记得提交"), "warn")
            return redirect(url_for("competition.entry", entry_id=entry_id), 303)
    return answer(form, "competition/enter.html", contest=contest, entry=entry, now=clock.now())


@bp.get("/entries/<int:entry_id>")
@signed_in
def entry(entry_id: int) -> Any:
    """One's own entry: its state, what was checked, its result once released."""
    row = _own(entry_id)
    statement = standings.released_of(row.contest_id).where(Standing.entry_id == row.id)
    standing = db.session.execute(statement).unique().scalars().first()
    certificates = db.session.execute(publicity.certificates_of(row)).scalars().all()
    return page(
        "competition/entry.html",
        entry=row,
        standing=standing,
        feedback=feedback.of_entry(row),
        certificates=certificates,
        timeline=[line for line in activity.of(row) if line.kind in SHOWN_TO_ENTRANT],
        lacking=[sentence(gap) for gap in entries.gaps(row)] if row.state in EDITABLE else [],
        versions=versions.of(row),
        limits=rules_of(row.contest).files,
        materials=Material,
        asking=row.state in ASKING,
        steps=STEPS,
        at=position(row.state, handed_in=row.submitted is not None),
        now=clock.now(),
    )


@bp.get("/entries/<int:entry_id>/sheet")
@signed_in
def entry_sheet(entry_id: int) -> Any:
    """One's own entry on paper."""
    row = _own(entry_id)
    return page("competition/entry_sheet.html", entry=row, now=clock.now())


@bp.post("/entries/<int:entry_id>/submit")
@requires(Permission.ENTRIES_OWN)
def submit_entry(entry_id: int) -> Any:
    """Hand a draft in."""
    row = _own(entry_id)
    back, arrived = url_for("competition.entry", entry_id=entry_id), clock.now()
    return step(
        lambda: entries.submit(row, actor=current_user, at=arrived), done=_("项目已提交，等待资格审查"), back=back
    )


@bp.post("/entries/<int:entry_id>/take-back")
@requires(Permission.ENTRIES_OWN)
def take_back_entry(entry_id: int) -> Any:
    """Change what was handed in; it has to be handed in again."""
    row = _own(entry_id)
    back = url_for("competition.entry", entry_id=entry_id)
    return step(
        lambda: entries.take_back(row, actor=current_user),
        done=_("已撤回修改；改好后请重新提交，否则按上次提交的版本参赛"),
        back=back,
    )


@bp.route("/entries/<int:entry_id>/withdraw", methods=["GET", "POST"])
@requires(Permission.ENTRIES_OWN)
def withdraw_entry(entry_id: int) -> Any:
    """Take an entry out of the contest, with a reason."""
    row = _own(entry_id)
    form = ReasonForm()
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                entries.withdraw(row, actor=current_user, **form.values)
            flash(_("已弃赛"), "info")
            return redirect(url_for("competition.entry", entry_id=entry_id), 303)
    return answer(
        form,
        "competition/reason.html",
        title=_("弃赛：%(title)s", title=row.title),
        text=_("弃赛后不能恢复；截止前可以重新报名。"),
        back=url_for("competition.entry", entry_id=entry_id),
        label=_("确认弃赛"),
    )


def _own(entry_id: int) -> Entry:
    row: Entry = one_or_404(entry_queries.own(current_user).where(Entry.id == entry_id))
    return row
