"""Recurring work of surveys."""

from __future__ import annotations

from matchmaker.core.db import transaction
from matchmaker.surveys import queries
from matchmaker.surveys.services import inviting


def send() -> int:
    """Ask those who were there, some hundreds a transaction, then the silent once more."""
    done = 0
    for survey_id in queries.started():
        while True:
            with transaction():
                asked = inviting.invite_next(survey_id)
            done += asked
            if not asked:
                break
        with transaction():
            done += inviting.remind(survey_id)
    return done
