"""The form of a group: its own fields with the questions of its questionnaire."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_login import current_user

from matchmaker.core.db import db, transaction
from matchmaker.core.web import errors_on
from matchmaker.events.models import Audience, Registration
from matchmaker.events.services import answering
from matchmaker.events.services.answering import Filled
from matchmaker.questionnaires import queries
from matchmaker.questionnaires import services as questionnaires
from matchmaker.questionnaires.forms import AnswersForm, form_for
from matchmaker.questionnaires.models import AnswerSheet, Questionnaire
from matchmaker.questionnaires.rules.definition import FieldKind


@dataclass(frozen=True)
class Taken:
    """What came with a form: is it all right, and the checked answers where the group asks questions."""

    fine: bool
    filled: Filled | None


def build(base: type[Any], audience: Audience, *, sheet: AnswerSheet | None = None, **values: Any) -> Any:
    """The form in its newest wording, filled with what is there already."""
    questionnaire = db.session.get(Questionnaire, audience.questionnaire_id) if audience.questionnaire_id else None
    version = questionnaire.current if questionnaire else None
    if questionnaire is None or version is None or not version.content.for_registrants().fields:
        return base(**values)
    left = queries.left(questionnaire, version.content)
    return form_for(version, base=base, sheet=sheet, known=_known(), left=left, **values)


def build_for_staff(base: type[Any], audience: Audience, **values: Any) -> Any:
    """The form for somebody else: with the organisers' own questions, nothing prefilled, nothing required."""
    questionnaire = db.session.get(Questionnaire, audience.questionnaire_id) if audience.questionnaire_id else None
    version = questionnaire.current if questionnaire else None
    if questionnaire is None or version is None or not version.content.fields:
        return base(**values)
    left = queries.left(questionnaire, version.content)
    return form_for(version, base=base, staff=True, partial=True, left=left, **values)


def _known() -> dict[FieldKind, str]:
    if not current_user.is_authenticated:
        return {}
    return {FieldKind.PHONE: current_user.phone or "", FieldKind.EMAIL: current_user.email or ""}


def take(form: Any, *, sheet: AnswerSheet | None = None, staff: bool = False) -> Taken:
    """Stage the files, check the shape, and the answers by their questions; every refusal stands on its field.

    `staff` may leave everything open; without any answer there is no sheet.
    """
    stage(form)
    fine = form.validate_on_submit()
    filled = None
    if isinstance(form, AnswersForm):
        with errors_on(form):
            answers = questionnaires.check(form.version, form.raw, sheet=sheet, staff=staff, partial=staff)
            filled = Filled(form.version, answers) if answers or not staff else None
    return Taken(fine and not form.errors, filled)


def stage(form: Any) -> None:
    """Keep the files that came, so that nobody has to send them again when something else is wrong."""
    if not isinstance(form, AnswersForm) or not form.uploads:
        return
    with transaction():
        actor = current_user if current_user.is_authenticated else None
        form.staged(questionnaires.stage(form.version, form.uploads, actor=actor))


def lines_of(registration: Registration) -> str:
    """The attendees as lines of the form; those whom the answers name stand there."""
    named = answering.named_in_answers(registration)
    people = [(each.name, each.phone) for each in registration.attendees]
    own = [pair for pair in people if pair not in named] or people[:1]
    return "\n".join(f"{name}，{phone}" if phone else name for name, phone in own)
