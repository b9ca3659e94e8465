"""What incubation plugs into the application."""

from __future__ import annotations

from matchmaker.core.feature import Feature

FEATURE = Feature(name="incubation", title="孵化载体")
