"""What monitoring plugs into the application."""

from __future__ import annotations

from matchmaker.core.feature import Feature

FEATURE = Feature(name="monitoring", title="指标监测")
