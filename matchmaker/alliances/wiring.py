"""What alliances plugs into the application."""

from __future__ import annotations

from matchmaker.core.feature import Feature

FEATURE = Feature(name="alliances", title="产学研联盟")
