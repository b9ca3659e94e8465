"""What the directory plugs into the application."""

from __future__ import annotations

from matchmaker.core.feature import Feature, Importer
from matchmaker.directory import models  # noqa: F401 - its tables
from matchmaker.directory.importers import organisations, researchers

IMPORT = "directory:record:import"  # accounts stand above the directory: permissions are named by their value

FEATURE = Feature(
    name="directory",
    title="主体库",
    importers=(
        Importer("organisations", "单位", IMPORT, organisations.FIELDS, organisations.load),
        Importer("researchers", "研究人员", IMPORT, researchers.fields, researchers.load, researchers.OPTIONS),
    ),
)
