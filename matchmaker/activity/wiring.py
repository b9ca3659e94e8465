"""What the activity log plugs into the application."""

from __future__ import annotations

from matchmaker.activity import queries
from matchmaker.core.feature import Feature

FEATURE = Feature(name="activity", title="操作记录", personal_data=queries.personal_data)
