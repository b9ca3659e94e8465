"""Reads the usual rules of a contest from the reference files."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import yaml

from matchmaker.core import paths


@lru_cache(maxsize=1)
def usual_rules() -> dict[str, Any]:
    """The entry rules, groups, rubrics and prizes that a new contest starts from; an organiser changes them there."""
    text = (paths.resource_dir("seeds") / "reference" / "contest_rules.yaml").read_text(encoding="utf-8")
    rules: dict[str, Any] = yaml.safe_load(text)
    return rules
