"""Making forms: a draft that the organiser changes, and versions that people fill in."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from matchmaker.activity import services as activity
from matchmaker.core import clock, folding
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.core.feature import features
from matchmaker.questionnaires import access
from matchmaker.questionnaires.models import Questionnaire, QuestionnaireVersion
from matchmaker.questionnaires.rules import places
from matchmaker.questionnaires.rules.changes import differences
from matchmaker.questionnaires.rules.checking import checked
from matchmaker.questionnaires.rules.definition import Definition


def create(
    *,
    actor: Any | None,
    owner: Any,
    title: str,
    title_en: str = "",
    definition: Definition | None = None,
    region: str | None = None,
) -> Questionnaire:
    """A new questionnaire of a record (anything with `__tablename__`, `id` and `region`), in use at once."""
    if owner.id is None:
        db.session.flush()
    now = clock.now()
    questionnaire = Questionnaire(
        region=region or owner.region,
        owner_kind=owner.__tablename__,
        owner_id=owner.id,
        created=now,
        updated=now,
        title=_title(title),
        title_en=folding.clean_text(title_en)[:200],
    )
    _check_may(actor, questionnaire)
    db.session.add(questionnaire)
    db.session.flush()
    activity.record("questionnaires.created", subject=questionnaire, actor=actor, title=questionnaire.title)
    _publish(questionnaire, definition or Definition(), actor=actor)
    return questionnaire


def rename(questionnaire: Questionnaire, *, actor: Any | None, title: str, title_en: str = "") -> None:
    """Another title."""
    _check_may(actor, questionnaire)
    questionnaire.title, questionnaire.title_en = _title(title), folding.clean_text(title_en)[:200]
    questionnaire.updated = clock.now()
    db.session.flush()


def _title(title: str) -> str:
    text = folding.clean_text(title)
    if not text:
        raise DomainError("请填写表单名称", field="title")
    return text[:200]


def redraft(
    questionnaire: Questionnaire, *, actor: Any | None, definition: Definition, revision: int | None = None
) -> None:
    """Change the draft; people go on with the version in use. `revision` is what the organiser had before them."""
    _check_may(actor, questionnaire)
    if revision is not None and revision != questionnaire.revision:
        raise Conflict("刚刚有人修改了这张表，请刷新页面核对后再试")
    clean = checked(definition)
    questionnaire.draft = None if clean == questionnaire.definition else clean.to_json()
    questionnaire.updated = clock.now()
    db.session.flush()


def discard(questionnaire: Questionnaire, *, actor: Any | None) -> None:
    """Back to the version in use."""
    _check_may(actor, questionnaire)
    questionnaire.draft = None
    db.session.flush()


def publish(questionnaire: Questionnaire, *, actor: Any | None) -> QuestionnaireVersion | None:
    """Put the draft in use as a new version; nothing happens when it says the same."""
    return edit(questionnaire, actor=actor, definition=questionnaire.edited)


def edit(questionnaire: Questionnaire, *, actor: Any | None, definition: Definition) -> QuestionnaireVersion | None:
    """Put a definition in use. Old versions stay for their answers; an unchanged one makes no new version."""
    _check_may(actor, questionnaire)
    _publish(questionnaire, definition, actor=actor)
    return questionnaire.current


def _publish(questionnaire: Questionnaire, definition: Definition, *, actor: Any | None) -> None:
    clean = _with_places(questionnaire, checked(definition))
    before, questionnaire.draft = questionnaire.definition, None
    if questionnaire.current is not None and clean == before:
        db.session.flush()
        return
    newest = sa.select(sa.func.max(QuestionnaireVersion.number)).where(
        QuestionnaireVersion.questionnaire_id == questionnaire.id
    )
    version = QuestionnaireVersion(
        questionnaire_id=questionnaire.id,
        number=(db.session.execute(newest).scalar() or 0) + 1,
        definition=clean.to_json(),
        published=clock.now(),
        author_id=getattr(actor, "id", None) or None,
    )
    db.session.add(version)
    db.session.flush()
    questionnaire.current_id, questionnaire.updated = version.id, version.published
    db.session.flush()
    db.session.refresh(questionnaire, ["current"])
    what: dict[str, list[str]] = {}
    for change in differences(before, clean):
        what.setdefault(change.kind.value, []).append(change.label)
    activity.record("questionnaires.published", subject=questionnaire, actor=actor, version=version.number, **what)


def _with_places(questionnaire: Questionnaire, definition: Definition) -> Definition:
    """The definition with the pools that its owner keeps for options with limited places."""
    keep = features().merged("option_places").get(questionnaire.owner_kind)
    asked = places.wanted(definition)
    if asked and keep is None:
        raise DomainError("这里的表单不能按选项限定名额，请清空名额再保存")
    return places.with_pools(definition, keep(questionnaire, asked) if keep is not None and asked else {})


def copy(questionnaire: Questionnaire, *, owner: Any, actor: Any | None) -> Questionnaire:
    """The same form for another record; limited options get pools of their own there."""
    return create(
        actor=actor,
        owner=owner,
        title=questionnaire.title,
        title_en=questionnaire.title_en,
        definition=places.with_pools(questionnaire.definition, {}),
        region=getattr(owner, "region", None) or questionnaire.region,
    )


def _check_may(actor: Any | None, questionnaire: Questionnaire) -> None:
    if actor is not None and not access.may_edit(actor, questionnaire):
        raise NotPermitted("您不能修改这张表")
