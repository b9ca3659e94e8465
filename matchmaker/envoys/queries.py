"""Which visits and results there are, for whom, and which count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from matchmaker.accounts.rules import Permission
from matchmaker.candidacies.models import Agreement
from matchmaker.candidacies.queries import live_agreements
from matchmaker.core import clock
from matchmaker.core.calendar import CHINA
from matchmaker.core.db import db
from matchmaker.core.feature import AgendaEntry
from matchmaker.core.viewer import Viewer, in_regions
from matchmaker.directory.models import Person
from matchmaker.envoys.models import EnvoyRelation, EnvoyResult, EnvoyVisit
from matchmaker.envoys.rules import TAKES_TIME, VisitState


def _sides(viewer: Viewer) -> sa.ColumnElement[bool]:
    mine = sa.select(Person.id).where(Person.user_id == (viewer.id or -1))
    hosted = sa.select(Agreement.id).where(Agreement.host_id.in_(sorted(viewer.organisation_ids)))
    return sa.or_(EnvoyVisit.person_id.in_(mine), EnvoyVisit.agreement_id.in_(hosted))


def visible_to(viewer: Viewer) -> sa.Select[EnvoyVisit]:
    """Both sides, and the staff of the region."""
    staff = in_regions(EnvoyVisit.region, viewer) if viewer.has(Permission.ROSTERS_READ) else sa.false()
    return sa.select(EnvoyVisit).where(sa.or_(_sides(viewer), staff))


def own(viewer: Viewer) -> sa.Select[EnvoyVisit]:
    """Visits of a person's own or at a person's firm, the latest first."""
    return sa.select(EnvoyVisit).where(_sides(viewer)).order_by(EnvoyVisit.starts.desc(), EnvoyVisit.id)


def waiting_for_host(viewer: Viewer) -> sa.Select[EnvoyVisit]:
    """Visits at one's firms that nobody has confirmed."""
    hosted = sa.select(Agreement.id).where(Agreement.host_id.in_(sorted(viewer.organisation_ids)))
    return own(viewer).where(EnvoyVisit.state == VisitState.WAITING, EnvoyVisit.agreement_id.in_(hosted))


def listed(viewer: Viewer, _scope: Mapping[str, str]) -> sa.Select[EnvoyVisit]:
    """The staff's list."""
    return (
        sa.select(EnvoyVisit)
        .join(Person, Person.id == EnvoyVisit.person_id)
        .where(in_regions(EnvoyVisit.region, viewer))
        .options(joinedload(EnvoyVisit.agreement).joinedload(Agreement.host))
    )


def taking_time(person_id: int) -> Sequence[EnvoyVisit]:
    """The visits of an envoy that fill their hours."""
    statement = sa.select(EnvoyVisit).where(EnvoyVisit.person_id == person_id, EnvoyVisit.state.in_(TAKES_TIME))
    return db.session.execute(statement).unique().scalars().all()


def photo_used(photo_hash: str) -> bool:
    """Does this photo prove another visit?"""
    statement = sa.select(EnvoyVisit.id).where(EnvoyVisit.photo_hash == photo_hash, EnvoyVisit.state.in_(TAKES_TIME))
    return db.session.execute(statement.limit(1)).first() is not None


def likenesses(region: str, *, but: int) -> list[tuple[int, str]]:
    """(visit, likeness of its photo) of the visits of a region that hold their photo."""
    statement = sa.select(EnvoyVisit.id, EnvoyVisit.photo_likeness).where(
        EnvoyVisit.region == region,
        EnvoyVisit.id != but,
        EnvoyVisit.state.in_(TAKES_TIME),
        EnvoyVisit.photo_likeness.is_not(None),
    )
    return [(row[0], str(row[1])) for row in db.session.execute(statement)]


def alike(viewer: Viewer) -> sa.Select[EnvoyVisit]:
    """Visits of one's regions whose photo looks like that of another, the latest first."""
    return (
        sa.select(EnvoyVisit)
        .where(in_regions(EnvoyVisit.region, viewer), EnvoyVisit.alike_id.is_not(None))
        .where(EnvoyVisit.state.in_(TAKES_TIME))
        .options(joinedload(EnvoyVisit.alike))
        .order_by(EnvoyVisit.id.desc())
    )


def own_agreements(viewer: Viewer) -> sa.Select[Agreement]:
    """An envoy's own agreements, the latest first."""
    mine = sa.select(Person.id).where(Person.user_id == (viewer.id or -1))
    return sa.select(Agreement).where(Agreement.person_id.in_(mine)).order_by(Agreement.starts.desc(), Agreement.id)


def managed_agreements(viewer: Viewer, day: date) -> sa.Select[Agreement]:
    """The agreements of a staff member's regions that bind on a day."""
    managed = sa.select(Agreement).where(in_regions(Agreement.region, viewer), live_agreements(day))
    return managed.order_by(Agreement.id)


def binding_agreements(day: date) -> sa.Select[Agreement]:
    """Every agreement that binds on a day."""
    return sa.select(Agreement).where(live_agreements(day)).order_by(Agreement.id)


def relations_of(person_id: int) -> Sequence[EnvoyRelation]:
    """Who is close to an envoy."""
    statement = sa.select(EnvoyRelation).where(EnvoyRelation.person_id == person_id).order_by(EnvoyRelation.id)
    return db.session.execute(statement).scalars().all()


def results_of(person_id: int) -> sa.Select[EnvoyResult]:
    """What came of an envoy's service, the latest first."""
    return (
        sa.select(EnvoyResult)
        .where(EnvoyResult.person_id == person_id)
        .order_by(EnvoyResult.day.desc(), EnvoyResult.id)
    )


def managed_results(viewer: Viewer) -> sa.Select[EnvoyResult]:
    """The results of a staff member's regions."""
    return sa.select(EnvoyResult).where(in_regions(EnvoyResult.region, viewer))


def bounds(first: date, last: date) -> tuple[datetime, datetime]:
    """The first moment of a day and the first after another, in Beijing."""
    return datetime.combine(first, time(), CHINA), datetime.combine(last + timedelta(days=1), time(), CHINA)


def counted(first: date, last: date) -> Any:
    """(agreement, person, starts, ends, rating) of the confirmed visits of some days."""
    start, end = bounds(first, last)
    return sa.select(
        EnvoyVisit.agreement_id, EnvoyVisit.person_id, EnvoyVisit.starts, EnvoyVisit.ends, EnvoyVisit.rating
    ).where(EnvoyVisit.state == VisitState.CONFIRMED, EnvoyVisit.starts >= start, EnvoyVisit.starts < end)


def checked_results(person_id: int, first: date, last: date) -> int:
    """How many results of some days a handler has checked."""
    statement = sa.select(sa.func.count(EnvoyResult.id)).where(
        EnvoyResult.person_id == person_id,
        EnvoyResult.checked.is_not(None),
        EnvoyResult.day >= first,
        EnvoyResult.day <= last,
    )
    return int(db.session.execute(statement).scalar_one())


def may_see_photo(viewer: Any, visit_id: int) -> bool:
    """Who sees a visit sees its photo."""
    statement = visible_to(viewer).with_only_columns(EnvoyVisit.id).where(EnvoyVisit.id == visit_id)
    return db.session.execute(statement).first() is not None


def personal_data(user: Any) -> dict[str, Any]:
    """Visits one made and people one declared, JSON-ready."""
    mine = sa.select(Person.id).where(Person.user_id == user.id)
    visits = db.session.execute(sa.select(EnvoyVisit).where(EnvoyVisit.person_id.in_(mine))).unique().scalars()
    close = db.session.execute(sa.select(EnvoyRelation).where(EnvoyRelation.person_id.in_(mine))).scalars()
    return {
        "envoy_visits": [
            {"starts": row.starts.isoformat(), "place": row.place, "content": row.content, "state": row.state.value}
            for row in visits
        ],
        "envoy_relations": [{"name": row.name, "phone": row.phone, "relation": row.relation} for row in close],
    }


def agenda(user: Any) -> list[AgendaEntry]:
    """Visits of a person's calendar."""
    from flask import current_app

    base = current_app.config["SETTINGS"].base_url
    since = clock.now() - timedelta(days=180)
    rows = db.session.execute(own(user).where(EnvoyVisit.starts >= since).limit(500)).unique().scalars()
    return [
        AgendaEntry(
            uid=f"envoy-visit-{row.id}@matchmaker.{row.region}",
            title=f"{row.person.name} — {row.agreement.host.name}",
            starts=row.starts,
            ends=row.ends,
            place=row.place,
            url=f"{base}/envoys/visits/{row.id}",
            sequence=row.version,
            updated=row.updated,
            tentative=row.state is VisitState.WAITING,
            cancelled=row.state in {VisitState.DISPUTED, VisitState.RETRACTED},
        )
        for row in rows
    ]
