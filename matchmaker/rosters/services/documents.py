"""Which rules for mentors and envoys apply on a day; other features ask here."""

from __future__ import annotations

from datetime import date

from matchmaker.rosters import gateways
from matchmaker.rosters.rules.documents import RosterRules


def rules_on(day: date) -> RosterRules:
    """The document in force on that day."""
    return gateways.rules_on(day)
