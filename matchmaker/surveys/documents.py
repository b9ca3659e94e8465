"""Surveys on paper and in spreadsheets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from matchmaker.core.db import db
from matchmaker.core.documents import qr_svg
from matchmaker.core.i18n import current_locale, gettext
from matchmaker.core.spreadsheets import Export, ExportColumn
from matchmaker.questionnaires import queries as questionnaires
from matchmaker.questionnaires.rules.definition import Field
from matchmaker.questionnaires.rules.values import plain_answer
from matchmaker.surveys import queries
from matchmaker.surveys.models import AnonymousAnswer, Survey
from matchmaker.surveys.rules.figures import Figures

# On paper for everybody who passes, whatever language the organiser reads.
ANONYMOUS = ("匿名填写，只记录是否答过", "Anonymous: only that you answered is kept")
NAMED = ("实名填写", "Answered under your name")


def poster_paper(survey: Survey, *, address: str, issuer: str) -> dict[str, Any]:
    """The poster: what it is about, and the code that leads there; with English lines for an event that has English."""
    note, english = ANONYMOUS if survey.anonymous else NAMED
    event = survey.event
    return {
        "title": event.title,
        "title_en": event.title_en or "",
        "qr": qr_svg(address),
        "address": address,
        "note": note,
        "note_en": english if event.title_en else "",
        "issuer": issuer,
    }


def figures_export(
    survey: Survey, figures: Sequence[Figures], numbers: Mapping[str, int], groups: Mapping[int, str]
) -> Export:
    """Question, answer, count, share, mean: one line each; free texts as they are."""
    columns = [
        ExportColumn("question", gettext("题目")),
        ExportColumn("answer", gettext("回答")),
        ExportColumn("count", gettext("人数"), "integer"),
        ExportColumn("percent", gettext("占比（%）"), "number"),
        ExportColumn("mean", gettext("平均"), "number"),
    ]
    head = [("approved", "有名额的人"), ("attended", "到场"), ("invited", "已发问卷"), ("answered", "已回答")]
    rows: list[tuple[Any, ...]] = [("", gettext(label), numbers[key], None, None) for key, label in head]
    for each in figures:
        rows.append((each.label, gettext("已回答"), each.answered, None, each.mean))
        rows += [(each.label, line.label, line.count, line.percent, None) for line in each.lines]
        rows += [(each.label, groups.get(group, ""), count, None, mean) for group, count, mean in each.groups]
        rows += [(each.label, text, None, None, None) for text in each.texts]
    return Export(columns, rows, f"{survey.event.title} {gettext('满意度调查')}"[:80])


def answers_export(survey: Survey, *, few: int) -> Export:
    """One line an answer: with the name where it is named; without, and only of enough answers, where it is not."""
    fields = queries.fields_of(survey.questionnaire) if survey.questionnaire else []
    titled = [ExportColumn(field.id, field.label_in(current_locale())) for field in fields]
    if survey.anonymous:
        found = _anonymous(survey)
        rows: Iterable[Sequence[Any]] = _plain(fields, found if len(found) >= few else [])
        return Export(titled, rows, f"{survey.event.title} {gettext('答卷')}"[:80])
    lead = [ExportColumn("name", gettext("姓名")), ExportColumn("who", gettext("单位或个人"))]
    invitations = queries.named_answers(survey)
    named = [(row.attendee.name, row.attendee.registration.who) for row in invitations]
    plain = _plain(fields, [row.sheet.answers if row.sheet else {} for row in invitations])
    rows = [(*who, *answers) for who, answers in zip(named, plain, strict=True)]
    return Export([*lead, *titled], rows, f"{survey.event.title} {gettext('答卷')}"[:80])


def _anonymous(survey: Survey) -> list[Mapping[str, Any]]:
    statement = sa.select(AnonymousAnswer.answers).where(AnonymousAnswer.survey_id == survey.id)
    return list(db.session.execute(statement.order_by(AnonymousAnswer.id)).scalars())


def _plain(fields: Sequence[Field], answers: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    language = current_locale()
    tables = questionnaires.tables(language)
    return [
        [plain_answer(field, each.get(field.id), language=language, tables=tables) for field in fields]
        for each in answers
    ]
