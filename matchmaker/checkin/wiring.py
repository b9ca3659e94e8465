"""What checkin plug into the application."""

from __future__ import annotations

from matchmaker.core.feature import Feature

# What this feature writes into the activity log, in words.
ACTIVITIES: dict[str, str] = {}

FEATURE = Feature(name="checkin", title="签到", activities=ACTIVITIES)
