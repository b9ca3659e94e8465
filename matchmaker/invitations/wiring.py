"""What invitations plug into the application."""

from __future__ import annotations

from matchmaker.core.feature import Feature

# What this feature writes into the activity log, in words.
ACTIVITIES: dict[str, str] = {}

FEATURE = Feature(name="invitations", title="邀请", activities=ACTIVITIES)
