"""Which need, request and contact may this person touch?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from matchmaker.accounts.rules import Permission
from matchmaker.core.regions import contains
from matchmaker.matching.models import HelpRequest, Need
from matchmaker.matching.rules import RequestState

MET = frozenset({RequestState.ACCEPTED, RequestState.CLOSED})


@dataclass(frozen=True)
class LinkBearer:
    """Whoever came by the link of one request: may answer that one and nothing else."""

    request_id: int
    name: str
    id: int | None = None
    organisation_ids: frozenset[int] = frozenset()
    region_codes: frozenset[str] = frozenset()

    def has(self, _permission: str) -> bool:
        return False


def may_handle(viewer: Any, region: str) -> bool:
    """Handlers watch and help in their regions."""
    return viewer.has(Permission.NEEDS_HANDLE) and any(contains(code, region) for code in viewer.region_codes)


def is_home(viewer: Any, home: str) -> bool:
    """Staff of the region that runs the platform, or of one above it."""
    return any(contains(code, home) for code in viewer.region_codes)


def may_learn(viewer: Any, home: str) -> bool:
    """Staff of the bureau that runs the platform learn weights; learning changes no suggestion."""
    does = viewer.has(Permission.NEEDS_HANDLE) or viewer.has(Permission.RANKING_DECIDE)
    return does and is_home(viewer, home)


def may_decide_ranking(viewer: Any, home: str) -> bool:
    """What ranks for everybody is decided by those who approve at the bureau that runs the platform."""
    return viewer.has(Permission.RANKING_DECIDE) and is_home(viewer, home)


def may_state(viewer: Any, organisation_id: int | None) -> bool:
    """A person states needs for themselves and for their own organisations."""
    return viewer.has(Permission.NEEDS_OWN) and (organisation_id is None or organisation_id in viewer.organisation_ids)


def owns(viewer: Any, need: Need) -> bool:
    """Whoever stated the need, and their colleagues."""
    if need.organisation_id is not None:
        return need.organisation_id in viewer.organisation_ids
    return bool(viewer.id) and need.user_id == viewer.id


def in_charge(viewer: Any, need: Need) -> bool:
    """Of a secret need one handler is in charge; of an open one every handler of the region is."""
    return may_handle(viewer, need.region) and (not need.is_secret or need.handler_id == viewer.id)


def may_act_for(viewer: Any, need: Need) -> bool:
    """The owner acts, and the handler in charge for them."""
    return owns(viewer, need) or in_charge(viewer, need)


def may_know_whose(viewer: Any, need: Need) -> bool:
    """The firm behind a secret need: its own people and the handler in charge. Helpers: see `may_see_who`."""
    return not need.is_secret or owns(viewer, need) or in_charge(viewer, need)


def may_answer(viewer: Any, request: HelpRequest) -> bool:
    """The helper, signed in or by the link of this very request."""
    if isinstance(viewer, LinkBearer):
        return viewer.request_id == request.id
    return bool(viewer.id) and request.person.user_id == viewer.id


def may_see_contacts(viewer: Any, request: HelpRequest) -> bool:
    """Both sides, once the helper has accepted; the handler in charge then, too."""
    return request.state in MET and (
        may_answer(viewer, request) or owns(viewer, request.need) or in_charge(viewer, request.need)
    )


def may_see_who(viewer: Any, request: HelpRequest) -> bool:
    """Whose need it is: the owner and the handler in charge always, the helper of a secret one after accepting."""
    return may_know_whose(viewer, request.need) or (request.state in MET and may_answer(viewer, request))
