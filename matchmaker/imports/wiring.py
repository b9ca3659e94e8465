"""What imports plug into the application."""

from __future__ import annotations

from matchmaker.core.feature import Feature
from matchmaker.imports import cli, models  # noqa: F401 - its tables

FEATURE = Feature(name="imports", title="导入", commands=(cli.imports,))
