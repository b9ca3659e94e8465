"""The survey of an event: set it up, start it, read what came."""

from __future__ import annotations

from typing import Any

from flask import abort, current_app, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.core import clock, documents, spreadsheets
from matchmaker.core.db import transaction
from matchmaker.core.errors import DomainError
from matchmaker.core.i18n import current_locale, local, sentence
from matchmaker.core.web import answer, download, errors_on, one_or_404, page, signed_in
from matchmaker.events.models import Event
from matchmaker.notifications.services import base_url
from matchmaker.questionnaires import queries as questionnaires
from matchmaker.surveys import documents as papers
from matchmaker.surveys import queries, rules
from matchmaker.surveys.forms import ANONYMOUS, NAMED, SurveyForm
from matchmaker.surveys.models import Survey
from matchmaker.surveys.rules.figures import Figures, figures_of
from matchmaker.surveys.services import surveys
from matchmaker.surveys.views import bp


@bp.get("/of/<int:event_id>")
@signed_in
def index(event_id: int) -> Any:
    """How the survey stands, and its results."""
    event = _event(event_id)
    survey = queries.of_event(event_id)
    numbers = queries.numbers(event_id)
    return page(
        "surveys/index.html",
        event=event,
        survey=survey,
        state=survey.state_at(clock.now()) if survey else None,
        numbers=numbers,
        rate=rules.share(numbers["answered"], numbers["attended"]),
        figures=_figures(survey) if survey else [],
        groups={group.id: local(group, "name") for group in event.audiences},
        fewest=rules.FEWEST,
        poster=base_url() + url_for("surveys.scan", key=survey.key) if survey else "",
    )


def _event(event_id: int) -> Event:
    event: Event = one_or_404(queries.run_by(current_user).where(Event.id == event_id))
    return event


def _survey(event_id: int) -> Survey:
    _event(event_id)
    survey = queries.of_event(event_id)
    if survey is None:
        abort(404)
    return survey


def _figures(survey: Survey) -> list[Figures]:
    if survey.questionnaire is None:
        return []
    language = current_locale()
    return figures_of(
        queries.fields_of(survey.questionnaire),
        queries.answers_of(survey),
        fewest=rules.FEWEST if survey.anonymous else 1,
        language=language,
        tables=questionnaires.tables(language),
    )


def _back(event_id: int) -> Any:
    return redirect(url_for("surveys.index", event_id=event_id), 303)


@bp.route("/of/<int:event_id>/settings", methods=["GET", "POST"])
@signed_in
def settings(event_id: int) -> Any:
    """Make the survey, or change how and when it asks."""
    event = _event(event_id)
    survey = queries.of_event(event_id)
    form = SurveyForm(data=_typed(survey))
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                if survey is None:
                    surveys.create(event, actor=current_user, **form.values)
                else:
                    surveys.arrange(survey, actor=current_user, **form.values)
            flash(_("已保存"), "good")
            return _back(event_id)
    return answer(form, "surveys/settings.html", event=event, survey=survey)


def _typed(survey: Survey | None) -> dict[str, Any]:
    if survey is None:
        return {}
    days = max((survey.closes - survey.opens) // (24 * 60), 1)
    return {"mode": ANONYMOUS if survey.anonymous else NAMED, "opens_hours": survey.opens // 60, "days": days}


@bp.post("/of/<int:event_id>/start")
@signed_in
def start(event_id: int) -> Any:
    """From its time on, ask everybody who was there."""
    survey = _survey(event_id)
    try:
        with transaction():
            surveys.start(survey, actor=current_user)
        flash(_("已启用；到发放时间后，系统给每位到场的人发链接"), "good")
    except DomainError as error:
        flash(sentence(error), "warn")
    return _back(event_id)


@bp.post("/of/<int:event_id>/stop")
@signed_in
def stop(event_id: int) -> Any:
    """Ask nobody any more."""
    survey = _survey(event_id)
    with transaction():
        surveys.stop(survey, actor=current_user)
    flash(_("已停止，不再接受回答"), "info")
    return _back(event_id)


@bp.get("/of/<int:event_id>/results.<any(csv,xlsx):kind_of_file>")
@signed_in
def results(event_id: int, kind_of_file: str) -> Any:
    """The figures, or with ?what=answers the answers one by one, as a file."""
    survey = _survey(event_id)
    if request.args.get("what") == "answers":
        export = papers.answers_export(survey, few=rules.FEWEST)
    else:
        names = {group.id: local(group, "name") for group in survey.event.audiences}
        export = papers.figures_export(survey, _figures(survey), queries.numbers(event_id), names)
    body, mimetype, ending = spreadsheets.render(export, kind_of_file)
    return download(body, filename=f"{export.title}.{ending}", mimetype=mimetype)


@bp.get("/of/<int:event_id>/poster.pdf")
@signed_in
def poster(event_id: int) -> Any:
    """A sheet to hang up at the door."""
    survey = _survey(event_id)
    address = base_url() + url_for("surveys.scan", key=survey.key)
    issuer = str(current_app.config["SETTINGS"].district_name)
    body = documents.pdf("survey_poster", papers.poster_paper(survey, address=address, issuer=issuer))
    return download(body, filename=f"{survey.event.title}-poster.pdf", mimetype="application/pdf")
