"""What directory plugs into the application."""

from __future__ import annotations

from matchmaker.core.feature import Feature

FEATURE = Feature(name="directory", title="主体库")
