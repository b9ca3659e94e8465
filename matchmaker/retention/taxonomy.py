"""How long an event keeps what, read from seeds/reference/event_retention.yaml."""

from __future__ import annotations

from functools import lru_cache

import yaml

from matchmaker.core import paths
from matchmaker.retention.rules import Category, Term


@lru_cache(maxsize=1)
def terms() -> dict[Category, Term]:
    """The term of every category; a category that the file leaves out is an error at once."""
    text = (paths.resource_dir("seeds") / "reference" / "event_retention.yaml").read_text(encoding="utf-8")
    data = yaml.safe_load(text)
    return {category: Term(**data[category.value]) for category in Category}
