"""What imports plugs into the application."""

from __future__ import annotations

from matchmaker.core.feature import Feature

FEATURE = Feature(name="imports", title="导入")
