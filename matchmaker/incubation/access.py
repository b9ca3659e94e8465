"""Which carrier and which tenancy may this person touch?"""

from __future__ import annotations

from typing import Any

from matchmaker.accounts.rules import Permission
from matchmaker.core.regions import contains
from matchmaker.incubation.models import Carrier, Tenancy


def may_manage(viewer: Any, carrier: Carrier) -> bool:
    """Managers run the carriers of the organisations they belong to."""
    return viewer.has(Permission.TENANCY_MANAGE) and carrier.operator_id in viewer.organisation_ids


def may_register(viewer: Any, region: str) -> bool:
    """The bureau keeps the register of the carriers of its region."""
    return viewer.has(Permission.CARRIERS_MANAGE) and any(contains(code, region) for code in viewer.region_codes)


def may_edit(viewer: Any, carrier: Carrier) -> bool:
    """The operator and the bureau keep a carrier's facts up to date."""
    return may_manage(viewer, carrier) or may_register(viewer, carrier.region)


def may_apply_for(viewer: Any, organisation_id: int | None) -> bool:
    """A person applies for an organisation of their own, or for a team of theirs."""
    return viewer.has(Permission.TENANCY_OWN) and (
        organisation_id is None or organisation_id in viewer.organisation_ids
    )


def is_own(viewer: Any, tenancy: Tenancy) -> bool:
    """The applicant's, and everybody's of the same organisation."""
    mine = tenancy.applicant_id is not None and tenancy.applicant_id == viewer.id
    return tenancy.organisation_id in viewer.organisation_ids or (mine and tenancy.organisation_id is None)
