"""Alliances with members and projects."""

from __future__ import annotations

from datetime import date
from itertools import count
from typing import Any

from matchmaker.alliances.models import Alliance, AllianceMember
from matchmaker.alliances.rules import AllianceState, MemberRole
from matchmaker.core import clock
from matchmaker.core.db import transaction
from matchmaker.directory.rules import OrganisationKind
from tests.factories.directory import an_organisation

_serial = count(1)


def a_university(**values: Any) -> Any:
    """A university of the district."""
    return an_organisation(kind=OrganisationKind.UNIVERSITY, **values)


def an_alliance(*, lead: Any = None, members: int = 5, signed: bool = True, **values: Any) -> Alliance:
    """A complete alliance of a lead, a university and further enterprises; signed unless told otherwise."""
    lead = lead or an_organisation()
    others = [a_university() if n == 0 else an_organisation() for n in range(members - 1)]
    given = {
        "region": "650105",
        "state": AllianceState.SIGNING,
        "title": f"智慧安防产业技术创新联盟{next(_serial)}",
        "summary": "围绕低温环境下的感知难题联合攻关",
        "ip_clause": "各方独立完成的成果归各自所有",
        "starts": date(2026, 1, 1),
        "ends": date(2028, 12, 31),
        "established": date(2026, 1, 1),
        "created": clock.now(),
        "updated": clock.now(),
        **values,
    }
    day = date(2026, 1, 5) if signed else None
    alliance = Alliance(**given)
    alliance.members = [
        AllianceMember(
            organisation_id=organisation.id,
            role=MemberRole.LEAD if n == 0 else MemberRole.MEMBER,
            joined=date(2026, 1, 1),
            signed=day,
            signed_by="负责人" if day else None,
        )
        for n, organisation in enumerate([lead, *others])
    ]
    with transaction() as session:
        session.add(alliance)
    return alliance
