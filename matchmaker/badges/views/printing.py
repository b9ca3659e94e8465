"""Cards of an event: filter, look at them, print."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from matchmaker.badges import documents as papers
from matchmaker.badges import queries
from matchmaker.badges.forms import LookForm, PrintForm
from matchmaker.badges.models import PrintRun
from matchmaker.badges.rules import Paper
from matchmaker.badges.services import printing
from matchmaker.badges.views import bp
from matchmaker.core import documents
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import DomainError
from matchmaker.core.i18n import sentence
from matchmaker.core.web import answer, download, errors_on, one_or_404, page, signed_in
from matchmaker.events.models import Event

FILTERS = ("group", "state", "tag", "unprinted", "q")
LISTED = 30
TEMPLATES = {Paper.SHEET: "badges", Paper.LABEL: "badges", Paper.TABLE: "table_cards"}


@bp.get("/<int:event_id>")
@signed_in
def index(event_id: int) -> Any:
    """Whose cards are to be printed, how they look, and what was printed."""
    event = _event(event_id)
    filters = _filters()
    statement = queries.attendees_for(current_user, event_id, filters)
    people = db.session.execute(statement.limit(LISTED)).unique().scalars().all()
    return page(
        "badges/index.html",
        event=event,
        filters=filters,
        form=PrintForm(paper=_paper(), **filters),
        people=people,
        count=queries.count_of(statement),
        printed=queries.times_printed([person.id for person in people]),
        tags=queries.tags_of(event_id),
        states=queries.STATES,
        runs=queries.runs_of(event_id),
    )


def _event(event_id: int) -> Event:
    event: Event = one_or_404(queries.printed_by(current_user).where(Event.id == event_id))
    return event


def _filters() -> dict[str, str]:
    return {key: request.args.get(key, "")[:60] for key in FILTERS}


def _paper() -> Paper:
    wanted = request.args.get("paper", "")
    return Paper(wanted) if wanted in {paper.value for paper in Paper} else Paper.SHEET


@bp.get("/<int:event_id>/preview.png")
@signed_in
def preview(event_id: int) -> Any:
    """The first page as a picture."""
    event = _event(event_id)
    statement = queries.attendees_for(current_user, event_id, _filters()).limit(10)
    people = db.session.execute(statement).unique().scalars().all()
    data = _data(event, people, _paper(), blanks=0 if people else 1)
    return Response(documents.picture(TEMPLATES[_paper()], data, ppi=90), mimetype="image/png")


def _data(event: Event, people: Any, paper: Paper, *, blanks: int) -> dict[str, Any]:
    issuer = str(current_app.config["SETTINGS"].district_name)
    setting = queries.setting_of(event.id)
    return {
        **papers.badge_paper(event, people, setting=setting, blanks=blanks, issuer=issuer),
        "paper": paper.value,
    }


@bp.post("/<int:event_id>/print")
@signed_in
def start(event_id: int) -> Any:
    """Record a printing and lead to its file."""
    event = _event(event_id)
    form = PrintForm()
    try:
        if not form.validate():
            raise DomainError(next(iter(form.errors.values()))[0])
        with transaction():
            run = printing.start(
                event,
                actor=current_user,
                paper=form.paper.data,
                filters=form.filters,
                blanks=form.blanks.data or 0,
                nobody=form.nobody.data,
            )
            run_id, number = run.id, run.people + run.blanks
        flash(
            ngettext(
                "已生成 %(n)d 张，请在下面的打印记录里下载",
                "已生成 %(n)d 张，请在下面的打印记录里下载",
                number,
                n=number,
            ),
            "good",
        )
        return redirect(url_for("badges.index", event_id=event_id, _anchor=f"run-{run_id}"), 303)
    except DomainError as error:
        flash(sentence(error), "warn")
    kept: dict[str, Any] = {key: value for key, value in form.filters.items() if value}
    return redirect(url_for("badges.index", event_id=event_id, **kept), 303)


@bp.post("/<int:event_id>/again/<int:attendee_id>")
@signed_in
def again(event_id: int, attendee_id: int) -> Any:
    """One person's card once more."""
    event = _event(event_id)
    with transaction():
        run = printing.again(event, attendee_id, actor=current_user, paper=_paper())
        run_id = run.id
    return redirect(url_for("badges.run", run_id=run_id), 303)


@bp.get("/runs/<int:run_id>/cards.pdf")
@signed_in
def run(run_id: int) -> Any:
    """The file of a printing, with the people as they are called now."""
    row: PrintRun = one_or_404(queries.runs_visible_to(current_user).where(PrintRun.id == run_id))
    people = queries.people_of_run(current_user, row)
    data = _data(row.event, people, row.paper, blanks=row.blanks if people or row.blanks else 1)
    body = documents.pdf(TEMPLATES[row.paper], data)
    return download(body, filename=f"{row.event.title}-{row.id}.pdf", mimetype="application/pdf")


@bp.route("/<int:event_id>/look", methods=["GET", "POST"])
@signed_in
def look(event_id: int) -> Any:
    """What stands on the cards."""
    event = _event(event_id)
    setting = queries.setting_of(event_id)
    shown = dict.fromkeys(("show_organisation", "show_position", "show_group", "show_code"), True)
    form = LookForm(obj=setting) if setting else LookForm(data=shown)
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                printing.arrange(event, actor=current_user, **form.values)
            flash(_("已保存"), "good")
            return redirect(url_for("badges.index", event_id=event_id), 303)
    return answer(form, "badges/look.html", event=event)
