"""Finding import batches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from matchmaker.core.feature import Importer, features
from matchmaker.core.viewer import Viewer, in_regions
from matchmaker.imports.models import ImportBatch
from matchmaker.imports.rules import BatchState


def importers_for(viewer: Any) -> Sequence[Importer]:
    """What this person may import."""
    return [importer for importer in features().each("importers") if viewer.has(importer.permission)]


def visible_to(viewer: Viewer) -> sa.Select[ImportBatch]:
    """The batches of a staff member's regions, of the kinds they may import."""
    kinds = [importer.key for importer in importers_for(viewer)]
    return sa.select(ImportBatch).where(in_regions(ImportBatch.region, viewer), ImportBatch.kind.in_(kinds))


def queued() -> sa.Select[ImportBatch]:
    """Batches that wait for the background, the oldest first."""
    return sa.select(ImportBatch).where(ImportBatch.state == BatchState.QUEUED).order_by(ImportBatch.id)
