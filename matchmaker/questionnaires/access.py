"""Who edits a questionnaire, who sees its answers? The feature that owns the record decides."""

from __future__ import annotations

from typing import Any

from matchmaker.core.feature import features


def may_edit(viewer: Any, questionnaire: Any) -> bool:
    """Does the record's feature let this person edit its forms?"""
    decide = features().merged("questionnaire_access").get(questionnaire.owner_kind)
    return bool(decide is not None and viewer.is_authenticated and decide(viewer, questionnaire.owner_id))


def may_see_answers(viewer: Any, sheet: Any) -> bool:
    """Whoever answered, and whoever the record's feature lets in."""
    if viewer.is_authenticated and sheet.user_id == viewer.id:
        return True
    decide = features().merged("answer_access").get(sheet.subject_kind)
    return bool(decide is not None and decide(viewer, sheet.subject_id))


def limits_places(questionnaire: Any) -> bool:
    """Can the record's feature keep count of places for options?"""
    return questionnaire.owner_kind in features().merged("option_places")
