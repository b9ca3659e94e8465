"""What competition plugs into the application."""

from __future__ import annotations

from matchmaker.competition import models  # noqa: F401 - its tables
from matchmaker.core.feature import Feature

FEATURE = Feature(name="competition", title="创新创业大赛")
