"""Which notice, objection and decision may this person touch, and whose name may they read?"""

from __future__ import annotations

from typing import Any

from matchmaker.accounts.rules import Permission
from matchmaker.core.db import db
from matchmaker.core.regions import contains
from matchmaker.publicity import rules
from matchmaker.publicity.models import Certificate, Decision, Notice, Objection


def covers(viewer: Any, region: str) -> bool:
    """Does the person's office reach this region?"""
    return any(contains(code, region) for code in viewer.region_codes)


def may_manage(viewer: Any, notice: Notice) -> bool:
    """Handlers and organisers manage the notices of their regions."""
    return viewer.has(Permission.NOTICES_MANAGE) and covers(viewer, notice.region)


def is_party(viewer: Any, notice: Notice) -> bool:
    """Does the notice name the person, or an organisation of theirs?"""
    person = getattr(viewer, "user", viewer)
    own = [membership.organisation for membership in getattr(person, "memberships", ())]
    ids, codes, names = {o.id for o in own}, {o.uscc for o in own if o.uscc}, {o.name for o in own}
    return any(
        row.get("user_id") == viewer.id
        or row.get("organisation_id") in ids
        or row.get("uscc") in codes
        or row.get("name") in names
        for row in notice.items
    )


def may_handle(viewer: Any, objection: Objection) -> bool:
    """Handlers and approvers of the region who are neither named in the notice nor the objector."""
    return (
        viewer.has(Permission.OBJECTIONS_HANDLE)
        and covers(viewer, objection.region)
        and objection.user_id != viewer.id
        and not is_party(viewer, objection.notice)
    )


def is_objector(viewer: Any, objection: Objection) -> bool:
    """Is it the person's own objection?"""
    return bool(viewer.is_authenticated) and objection.user_id == viewer.id


def may_see_identity(viewer: Any, objection: Objection) -> bool:
    """Who objected is for those who handle the case, and for the objector."""
    return rules.may_see_objector(
        handles_objections=may_handle(viewer, objection), is_objector=is_objector(viewer, objection)
    )


def may_see_evidence(viewer: Any, objection_id: int) -> bool:
    """The signed page names the objector, so it is as confidential as the name."""
    objection = db.session.get(Objection, objection_id)
    return objection is not None and may_see_identity(viewer, objection)


def may_propose(viewer: Any, region: str) -> bool:
    """Staff of the region prepare decisions."""
    return covers(viewer, region)


def may_confirm(viewer: Any, decision: Decision) -> bool:
    """Approvers of the region; that it is not the proposer is a rule, with its own sentence."""
    return viewer.has(Permission.NOTICES_DECIDE) and covers(viewer, decision.region)


def may_read_certificate(viewer: Any, certificate: Certificate) -> bool:
    """Staff of the region read every certificate in full."""
    staff = viewer.has(Permission.NOTICES_MANAGE) or viewer.has(Permission.NOTICES_DECIDE)
    return staff and covers(viewer, certificate.region)
