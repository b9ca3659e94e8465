"""May this person have this file? The feature that owns the record decides."""

from __future__ import annotations

from typing import Any

from matchmaker.core.feature import features
from matchmaker.core.regions import contains
from matchmaker.files.models import StoredFile

LOG_READ = "accounts:log:read"  # what auditors hold; named here because accounts lie above


def may_read(viewer: Any, file: StoredFile) -> bool:
    """The uploader, and whoever the record's feature lets in; auditors of the region where no feature speaks."""
    if viewer.is_authenticated and file.uploaded_by_id == viewer.id:
        return True
    decide = features().merged("file_access").get(file.subject_kind)
    if decide is not None:
        return bool(decide(viewer, file.subject_id))
    if not viewer.has(LOG_READ):
        return False
    return file.region is None or any(contains(code, file.region) for code in viewer.region_codes)
