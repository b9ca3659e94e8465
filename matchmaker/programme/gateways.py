"""Reads the file of events to begin with."""

from __future__ import annotations

from functools import lru_cache

import yaml

from matchmaker.core import paths
from matchmaker.programme.rules.outlines import Outline


@lru_cache(maxsize=1)
def outlines() -> dict[str, Outline]:
    """Events to begin with, by key, in the order of the file."""
    text = (paths.resource_dir("seeds") / "reference" / "event_templates.yaml").read_text(encoding="utf-8")
    return {key: Outline.read(key, data) for key, data in yaml.safe_load(text).items()}
