"""What the activity log plugs into the application."""

from __future__ import annotations

from matchmaker.activity import models  # noqa: F401 - its table
from matchmaker.core.feature import Feature

FEATURE = Feature(name="activity", title="操作记录")
