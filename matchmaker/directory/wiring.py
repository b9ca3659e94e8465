"""What the directory plugs into the application."""

from __future__ import annotations

from matchmaker.accounts.rules import Permission
from matchmaker.core.feature import Feature, Importer
from matchmaker.directory import models  # noqa: F401 - its tables
from matchmaker.directory.importers import organisations, researchers

FEATURE = Feature(
    name="directory",
    title="主体库",
    importers=(
        Importer("organisations", "单位", Permission.DIRECTORY_IMPORT, organisations.FIELDS, organisations.load),
        Importer(
            "researchers",
            "研究人员",
            Permission.DIRECTORY_IMPORT,
            researchers.fields,
            researchers.load,
            researchers.OPTIONS,
        ),
    ),
)
