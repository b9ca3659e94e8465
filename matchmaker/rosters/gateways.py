"""The rule documents for mentors and envoys, kept as data in `seeds/reference/roster_rules.yaml`."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

import yaml

from matchmaker.core import paths
from matchmaker.rosters.rules.documents import RosterRules, in_force


@lru_cache(maxsize=1)
def rule_sets() -> tuple[RosterRules, ...]:
    """Every document, the oldest first."""
    text = (paths.resource_dir("seeds") / "reference" / "roster_rules.yaml").read_text(encoding="utf-8")
    return tuple(sorted((RosterRules.from_values(v) for v in yaml.safe_load(text)), key=lambda d: d.valid_from))


def rules_on(day: date) -> RosterRules:
    """The document in force on that day."""
    return in_force(rule_sets(), day)
