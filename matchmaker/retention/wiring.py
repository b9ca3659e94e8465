"""What retention plug into the application."""

from __future__ import annotations

from matchmaker.core.feature import Feature

# What this feature writes into the activity log, in words.
ACTIVITIES: dict[str, str] = {}

FEATURE = Feature(name="retention", title="个人信息台账", activities=ACTIVITIES)
