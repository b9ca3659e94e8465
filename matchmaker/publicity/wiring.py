"""What publicity plugs into the application."""

from __future__ import annotations

from matchmaker.core.feature import Feature
from matchmaker.publicity import access
from matchmaker.publicity.models import Objection

FEATURE = Feature(
    name="publicity",
    title="公示",
    file_access={Objection.__tablename__: access.may_see_evidence},
)
