"""What evaluation plugs into the application."""

from __future__ import annotations

from matchmaker.core.feature import Feature

FEATURE = Feature(name="evaluation", title="资质台账")
