"""Which visit may this person touch?"""

from __future__ import annotations

from typing import Any

from matchmaker.envoys.models import EnvoyVisit


def is_envoy(viewer: Any, row: EnvoyVisit) -> bool:
    """The envoy of the visit."""
    return bool(viewer.id) and row.person.user_id == viewer.id


def is_host(viewer: Any, row: EnvoyVisit) -> bool:
    """People of the host firm, but never the envoy."""
    return row.agreement.host_id in viewer.organisation_ids and not is_envoy(viewer, row)
