"""What files plugs into the application."""

from __future__ import annotations

from matchmaker.core.feature import Feature

FEATURE = Feature(name="files", title="附件")
