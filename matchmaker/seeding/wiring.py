"""What seeding plugs into the application."""

from __future__ import annotations

from matchmaker.core.feature import Feature
from matchmaker.seeding import models  # noqa: F401 - brings its table

FEATURE = Feature(name="seeding", title="数据装载")
