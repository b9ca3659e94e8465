"""The parts that other features add to the record pages of organisations and people."""

from __future__ import annotations

from typing import Any

from flask import current_app, url_for
from flask_login import current_user

from matchmaker.core.feature import Panel, features


def panels_on(kind: str, record_id: int) -> list[tuple[str, str]]:
    """(title, address) of the panels that this person may open, in order."""
    declared = [panel for panel in features().each("panels") if panel.on == kind]
    shown = [panel for panel in declared if not panel.permission or current_user.has(panel.permission)]
    return [(panel.title, _url(panel, record_id)) for panel in sorted(shown, key=lambda panel: panel.order)]


def _url(panel: Panel, record_id: int) -> str:
    """A panel's route takes the record's id as its one argument, whatever it calls it."""
    (argument,) = next(current_app.url_map.iter_rules(panel.endpoint)).arguments
    values: dict[str, Any] = {argument: record_id}
    return url_for(panel.endpoint, **values)
