"""The builder: a form's sections and fields, one press or one small form at a time; preview and versions."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.core.db import transaction
from matchmaker.core.errors import DomainError
from matchmaker.core.i18n import current_locale, sentence
from matchmaker.core.web import answer, errors_on, one_or_404, page, signed_in
from matchmaker.questionnaires import access, queries, services
from matchmaker.questionnaires.forms import form_for
from matchmaker.questionnaires.forms.building import TitleForm, field_form, section_form
from matchmaker.questionnaires.models import Questionnaire, QuestionnaireVersion
from matchmaker.questionnaires.rules import building
from matchmaker.questionnaires.rules.answers import check, shown
from matchmaker.questionnaires.rules.building import Step
from matchmaker.questionnaires.rules.changes import Change, differences
from matchmaker.questionnaires.rules.definition import Definition, FieldKind
from matchmaker.questionnaires.rules.ready import Ready, ready
from matchmaker.questionnaires.rules.values import Upload

bp = Blueprint("questionnaires", __name__, url_prefix="/questionnaires")


def _load(questionnaire_id: int) -> Questionnaire:
    """A questionnaire that this person may edit, else 404."""
    questionnaire: Questionnaire = one_or_404(queries.one(questionnaire_id))
    if not access.may_edit(current_user, questionnaire):
        abort(404)
    return questionnaire


def _common(questionnaire: Questionnaire) -> dict[str, Any]:
    return {"questionnaire": questionnaire, "home": queries.home(questionnaire)}


def _differences(old: Definition, new: Definition) -> list[Change]:
    return differences(old, new, language=current_locale())


def _back(questionnaire: Questionnaire, part: str = "") -> Any:
    return redirect(url_for("questionnaires.build", questionnaire_id=questionnaire.id, _anchor=part or None), 303)


def _save(questionnaire: Questionnaire, definition: Definition) -> None:
    revision = request.form.get("revision", type=int)
    with transaction():
        services.redraft(questionnaire, actor=current_user, definition=definition, revision=revision)


@bp.get("/<int:questionnaire_id>")
@signed_in
def build(questionnaire_id: int) -> Any:
    """The form as its organiser sees it."""
    questionnaire = _load(questionnaire_id)
    counts = queries.answered_counts(questionnaire)
    return page(
        "questionnaires/build.html",
        **_common(questionnaire),
        definition=questionnaire.edited,
        kinds=list(FieldKind),
        ready=list(Ready),
        answered=sum(counts.values()),
        changes=_differences(questionnaire.definition, questionnaire.edited),
    )


@bp.route("/<int:questionnaire_id>/title", methods=["GET", "POST"])
@signed_in
def title(questionnaire_id: int) -> Any:
    """Rename the form."""
    questionnaire = _load(questionnaire_id)
    form = TitleForm(obj=questionnaire)
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                services.rename(questionnaire, actor=current_user, **form.values)
            return _back(questionnaire)
    return answer(form, "questionnaires/title.html", **_common(questionnaire))


@bp.route("/<int:questionnaire_id>/section", methods=["GET", "POST"])
@signed_in
def section(questionnaire_id: int) -> Any:
    """Add a section, or change the one named by `part`."""
    questionnaire = _load(questionnaire_id)
    definition = questionnaire.edited
    old = definition.section(request.args["part"]) if "part" in request.args else None
    if "part" in request.args and old is None:
        abort(404)
    form = section_form(definition, old, sent=request.form.getlist("condition_values"))
    if form.validate_on_submit():
        with errors_on(form):
            made = form.section(old)
            _save(questionnaire, building.put_section(definition, made))
            return _back(questionnaire, made.id)
    return answer(form, "questionnaires/section.html", **_common(questionnaire), old=old)


@bp.route("/<int:questionnaire_id>/field", methods=["GET", "POST"])
@signed_in
def field(questionnaire_id: int) -> Any:
    """Add a field of `kind` to `section`, or change the one named by `part`."""
    questionnaire = _load(questionnaire_id)
    definition = questionnaire.edited
    place = next(((s, f) for s, f in definition.each() if f.id == request.args.get("part")), None)
    target = place[0] if place else definition.section(request.args.get("section", ""))
    old = place[1] if place else None
    kind = old.kind if old else _kind(request.args.get("kind", ""))
    if target is None or kind is None or ("part" in request.args and old is None):
        abort(404)
    sent = request.form.getlist("condition_values")
    form = field_form(definition, kind, old, section_id=target.id, sent=sent)
    if form.validate_on_submit():
        with errors_on(form):
            made = form.field(kind, old)
            _save(questionnaire, building.put_field(definition, made, section_id=form["section"].data or target.id))
            return _back(questionnaire, made.id)
    context = {"old": old, "kind": kind, "limited": access.limits_places(questionnaire)}
    return answer(form, "questionnaires/field.html", **_common(questionnaire), **context)


def _kind(name: str) -> FieldKind | None:
    return FieldKind(name) if name in set(FieldKind) else None


@bp.post("/<int:questionnaire_id>/change")
@signed_in
def change(questionnaire_id: int) -> Any:
    """Move, duplicate or delete a section or a field."""
    questionnaire = _load(questionnaire_id)
    part, step = request.form.get("part", ""), request.form.get("step", "")
    if step not in set(Step):
        abort(404)
    try:
        _save(questionnaire, building.change(questionnaire.edited, part, Step(step)))
    except DomainError as error:
        flash(sentence(error), "bad")
    return _back(questionnaire, part)


@bp.post("/<int:questionnaire_id>/ready")
@signed_in
def add_ready(questionnaire_id: int) -> Any:
    """Put the sections of a ready form behind those that are there."""
    questionnaire = _load(questionnaire_id)
    which = request.form.get("which", "")
    if which not in set(Ready):
        abort(404)
    try:
        _save(questionnaire, building.appended(questionnaire.edited, ready(Ready(which))))
        flash(_("已加入，改好后请启用"), "good")
    except DomainError as error:
        flash(sentence(error), "bad")
    return _back(questionnaire)


@bp.post("/<int:questionnaire_id>/publish")
@signed_in
def publish(questionnaire_id: int) -> Any:
    """Put the draft in use."""
    questionnaire = _load(questionnaire_id)
    try:
        with transaction():
            version = services.publish(questionnaire, actor=current_user)
        flash(_("第 %(n)d 版已启用", n=version.number if version else 0), "good")
    except DomainError as error:
        flash(sentence(error), "bad")
    return _back(questionnaire)


@bp.post("/<int:questionnaire_id>/discard")
@signed_in
def discard(questionnaire_id: int) -> Any:
    """Back to the version in use."""
    questionnaire = _load(questionnaire_id)
    with transaction():
        services.discard(questionnaire, actor=current_user)
    flash(_("已恢复为使用中的版本"), "info")
    return _back(questionnaire)


@bp.route("/<int:questionnaire_id>/preview", methods=["GET", "POST"])
@signed_in
def preview(questionnaire_id: int) -> Any:
    """The form as people see it; sending it shows what would be kept, and keeps nothing. `number` names a version."""
    questionnaire = _load(questionnaire_id)
    number = request.args.get("number", type=int)
    staff = request.args.get("as") == "staff"
    version = next((v for v in queries.versions(questionnaire) if v.number == number), None)
    if number is not None and version is None:
        abort(404)
    version = version or _draft_version(questionnaire)
    form = form_for(version, staff=staff, left=queries.left(questionnaire, version.content))
    tried: list[Any] | None = None
    if form.validate_on_submit():
        with errors_on(form):
            tried = _tried(version, form, staff)
    context = {"version": version, "staff": staff, "number": number, "tried": tried}
    return answer(form, "questionnaires/preview.html", **_common(questionnaire), **context)


def _tried(version: QuestionnaireVersion, form: Any, staff: bool) -> list[Any]:
    """What would be kept of what was typed; files are only named."""
    tables = queries.tables(form.language)
    raw = {**form.raw, **{key: Upload(name=upload.filename) for key, upload in form.uploads.items()}}
    answers = check(version.content, raw, staff=staff, tables=tables)
    return shown(version.content, answers, language=form.language, staff=staff, tables=tables)


def _draft_version(questionnaire: Questionnaire) -> QuestionnaireVersion:
    """What would be in use after publishing: never stored."""
    newest = questionnaire.current
    assert newest is not None
    if questionnaire.draft is None:
        return newest
    return QuestionnaireVersion(
        id=newest.id,
        questionnaire=questionnaire,
        questionnaire_id=questionnaire.id,
        number=newest.number + 1,
        definition=questionnaire.draft,
    )


@bp.get("/<int:questionnaire_id>/versions")
@signed_in
def versions(questionnaire_id: int) -> Any:
    """Every version with what it changed."""
    questionnaire = _load(questionnaire_id)
    every = queries.versions(questionnaire)
    older = [*every[1:], None]
    rows = [(v, _differences(o.content, v.content) if o else None) for v, o in zip(every, older, strict=True)]
    counts = queries.answered_counts(questionnaire)
    return page("questionnaires/versions.html", **_common(questionnaire), rows=rows, counts=counts)
