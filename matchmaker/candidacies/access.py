"""Which candidacy and which agreement may this person touch?"""

from __future__ import annotations

from typing import Any

from matchmaker.accounts.rules import Permission
from matchmaker.candidacies.models import Agreement, Candidacy
from matchmaker.candidacies.rules import Party
from matchmaker.rosters.access import may_manage


def is_own(viewer: Any, row: Candidacy) -> bool:
    """The candidate's own, or theirs who applied."""
    return bool(viewer.id) and viewer.id in {row.applicant_id, row.person.user_id}


def may_review(viewer: Any, row: Candidacy) -> bool:
    """Handlers of the region review, but not their own candidacy."""
    return may_manage(viewer, row.region) and not is_own(viewer, row)


def may_recommend(viewer: Any, row: Candidacy) -> bool:
    """The sending unit's people, but not the candidate."""
    return row.sending_unit_id in viewer.organisation_ids and not is_own(viewer, row)


def may_confirm(viewer: Any, row: Candidacy) -> bool:
    """Approvers of the region confirm; not their own candidacy."""
    from matchmaker.publicity.access import covers

    return viewer.has(Permission.NOTICES_DECIDE) and covers(viewer, row.region) and not is_own(viewer, row)


def parties_of(viewer: Any, row: Agreement) -> list[Party]:
    """For whom this person may sign. Nobody signs for the host against themselves."""
    own = bool(viewer.id) and row.person.user_id == viewer.id
    found = []
    if own or (row.sending_unit_id is not None and row.sending_unit_id in viewer.organisation_ids):
        found.append(Party.ENVOY)
    if not own and row.host_id in viewer.organisation_ids:
        found.append(Party.HOST)
    if not own and may_manage(viewer, row.region):
        found.append(Party.BUREAU)
    return found
