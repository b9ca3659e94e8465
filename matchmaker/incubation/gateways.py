"""The rule documents for stays in carriers, kept as data in `seeds/reference/tenancy_rules.yaml`."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

import yaml

from matchmaker.core import paths
from matchmaker.incubation.rules import TenancyRules


@lru_cache(maxsize=1)
def rule_sets() -> tuple[TenancyRules, ...]:
    """Every document, the oldest first."""
    text = (paths.resource_dir("seeds") / "reference" / "tenancy_rules.yaml").read_text(encoding="utf-8")
    found = [TenancyRules.from_values(values) for values in yaml.safe_load(text)]
    return tuple(sorted(found, key=lambda document: document.valid_from))


def rules_on(day: date) -> TenancyRules:
    """The document in force on that day; the oldest one for stays that began before all of them."""
    return next((document for document in reversed(rule_sets()) if document.in_force(day)), rule_sets()[0])


def rules_of(doc_no: str, *, day: date) -> TenancyRules:
    """The document a stay began under; the one of that day when the number is not known here."""
    return next((document for document in rule_sets() if document.doc_no == doc_no), rules_on(day))
