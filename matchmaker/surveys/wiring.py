"""What surveys plug into the application."""

from __future__ import annotations

from matchmaker.core.feature import Feature

# What this feature writes into the activity log, in words.
ACTIVITIES: dict[str, str] = {}

FEATURE = Feature(name="surveys", title="满意度调查", activities=ACTIVITIES)
