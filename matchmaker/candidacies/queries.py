"""Which candidacies, choices and agreements there are, and for whom."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import sqlalchemy as sa

from matchmaker.accounts.rules import Permission
from matchmaker.candidacies.models import Agreement, Candidacy, Choice
from matchmaker.candidacies.rules import OPEN, AgreementState
from matchmaker.core import folding
from matchmaker.core.db import db
from matchmaker.core.viewer import Viewer, in_regions
from matchmaker.directory.models import Organisation, Person
from matchmaker.publicity.models import Objection
from matchmaker.publicity.rules import ObjectionState
from matchmaker.rosters.rules import AppointmentKind, AppointmentState


def visible_to(viewer: Viewer) -> sa.Select[Candidacy]:
    """One's own, those one's organisations recommend, send or host, and for staff those of their region."""
    return sa.select(Candidacy).where(_seen(viewer))


def _seen(viewer: Viewer) -> sa.ColumnElement[bool]:
    units = sorted(viewer.organisation_ids)
    parts = [_own(viewer), Candidacy.host_id.in_(units)]
    parts += [Candidacy.sending_unit_id.in_(units), Candidacy.recommender_id.in_(units)]
    if viewer.has(Permission.ROSTERS_READ):
        parts.append(in_regions(Candidacy.region, viewer))
    return sa.or_(*parts)


def _own(viewer: Viewer) -> sa.ColumnElement[bool]:
    mine = sa.select(Person.id).where(Person.user_id == (viewer.id or -1))
    return sa.or_(Candidacy.applicant_id == (viewer.id or -1), Candidacy.person_id.in_(mine))


def own(viewer: Viewer) -> sa.Select[Candidacy]:
    """A person's candidacies, the newest first."""
    return sa.select(Candidacy).where(_own(viewer)).order_by(Candidacy.id.desc())


def recommended_by(viewer: Viewer) -> sa.Select[Candidacy]:
    """What one's organisations recommended or are asked to recommend, the newest first."""
    units = sorted(viewer.organisation_ids)
    return (
        sa.select(Candidacy)
        .where(sa.or_(Candidacy.sending_unit_id.in_(units), Candidacy.recommender_id.in_(units)))
        .order_by(Candidacy.id.desc())
    )


def managed_by(viewer: Viewer) -> sa.Select[Candidacy]:
    """The candidacies of a staff member's regions."""
    return sa.select(Candidacy).where(in_regions(Candidacy.region, viewer))


def listed(viewer: Viewer, _scope: Mapping[str, str]) -> sa.Select[Candidacy]:
    """The staff's list, with the person joined for search and order."""
    return managed_by(viewer).join(Person, Person.id == Candidacy.person_id)


def open_of(person_id: int, kind: AppointmentKind) -> Candidacy | None:
    """The person's open candidacy of a kind."""
    statement = sa.select(Candidacy).where(
        Candidacy.person_id == person_id, Candidacy.kind == kind, Candidacy.state.in_(OPEN)
    )
    return db.session.execute(statement).unique().scalars().first()


def seeking(viewer: Viewer) -> sa.Select[Candidacy]:
    """Recommended envoys who look for a host: what firms choose from, their own people left out."""
    units = sorted(viewer.organisation_ids)
    return (
        sa.select(Candidacy)
        .where(Candidacy.kind == AppointmentKind.ENVOY, Candidacy.state == AppointmentState.RECOMMENDED)
        .where(
            sa.not_(_own(viewer)), sa.or_(Candidacy.sending_unit_id.is_(None), Candidacy.sending_unit_id.not_in(units))
        )
        .order_by(Candidacy.id.desc())
    )


def choices_of(candidacy_id: int) -> sa.Select[Choice]:
    """The firms an envoy chose or was chosen by."""
    return sa.select(Choice).where(Choice.candidacy_id == candidacy_id).order_by(Choice.id)


def choice_of(candidacy_id: int, organisation_id: int) -> Choice | None:
    """What one envoy and one firm said so far."""
    statement = choices_of(candidacy_id).where(Choice.organisation_id == organisation_id)
    return db.session.execute(statement).unique().scalar_one_or_none()


def choices_for(viewer: Viewer) -> sa.Select[Choice]:
    """The choices of one's firms while the envoy is still free."""
    return (
        sa.select(Choice)
        .join(Candidacy, Candidacy.id == Choice.candidacy_id)
        .where(Choice.organisation_id.in_(sorted(viewer.organisation_ids)))
        .where(Candidacy.state == AppointmentState.RECOMMENDED)
        .order_by(Choice.id.desc())
    )


def choices_visible_to(viewer: Viewer) -> sa.Select[Choice]:
    """The choices a person has a part in: as candidate, or through an organisation."""
    mine = sa.select(Candidacy.id).where(_own(viewer))
    units = sorted(viewer.organisation_ids)
    return sa.select(Choice).where(sa.or_(Choice.candidacy_id.in_(mine), Choice.organisation_id.in_(units)))


def organisation_named(text: str) -> Organisation | None:
    """An organisation by its code or its very name."""
    if not text.strip():
        return None
    statement = sa.select(Organisation).where(
        sa.or_(Organisation.uscc == folding.fold_uscc(text), Organisation.folded_name == folding.fold_company(text)),
        Organisation.merged_into_id.is_(None),
    )
    return db.session.execute(statement.order_by(Organisation.id).limit(1)).unique().scalars().first()


def upheld_against(row: Candidacy) -> bool:
    """Was an objection against this person, or against the whole list, upheld?"""
    if row.notice_id is None:
        return False
    statement = sa.select(Objection.id).where(
        Objection.notice_id == row.notice_id,
        Objection.state == ObjectionState.UPHELD,
        Objection.item.in_(("", row.person.name)),
    )
    return db.session.execute(statement.limit(1)).first() is not None


# --- agreements


def agreements_visible_to(viewer: Viewer) -> sa.Select[Agreement]:
    """Those one is a party of, and for staff those of their region; the newest first."""
    units = sorted(viewer.organisation_ids)
    mine = sa.select(Person.id).where(Person.user_id == (viewer.id or -1))
    parts: list[sa.ColumnElement[bool]] = [Agreement.person_id.in_(mine), Agreement.host_id.in_(units)]
    parts.append(Agreement.sending_unit_id.in_(units))
    if viewer.has(Permission.ROSTERS_READ):
        parts.append(in_regions(Agreement.region, viewer))
    return sa.select(Agreement).where(sa.or_(*parts)).order_by(Agreement.starts.desc(), Agreement.id)


def agreement_of(row: Candidacy) -> Agreement | None:
    """The agreement of a candidacy that is signed or being signed."""
    statement = sa.select(Agreement).where(
        Agreement.candidacy_id == row.id, Agreement.state != AgreementState.TERMINATED
    )
    return db.session.execute(statement.order_by(Agreement.id.desc())).unique().scalars().first()


def agreements_of_person(person_id: int) -> sa.Select[Agreement]:
    """Everything one envoy agreed on, the newest first."""
    return sa.select(Agreement).where(Agreement.person_id == person_id).order_by(Agreement.starts.desc(), Agreement.id)


def live_agreements(day: date) -> sa.ColumnElement[bool]:
    """Agreements that bind on a day."""
    last = sa.func.coalesce(Agreement.ended, Agreement.ends)
    return sa.and_(Agreement.state != AgreementState.SIGNING, Agreement.starts <= day, last >= day)


def people_without_live_agreement(day: date) -> sa.Select[Any]:
    """Envoys who had an agreement by that day, but none that binds on it."""
    live = sa.select(Agreement.person_id).where(live_agreements(day))
    return (
        sa.select(Agreement.person_id)
        .where(Agreement.state != AgreementState.SIGNING, Agreement.starts <= day, Agreement.person_id.not_in(live))
        .distinct()
    )


def has_other_envoy(host_id: int, *, person_id: int, day: date) -> bool:
    """Is somebody else sent to this firm on that day, or about to be?"""
    statement = sa.select(Agreement.id).where(
        Agreement.host_id == host_id,
        Agreement.person_id != person_id,
        sa.or_(live_agreements(day), Agreement.state == AgreementState.SIGNING),
    )
    return db.session.execute(statement.limit(1)).first() is not None


def agreement_of_firm(host_id: int, *, first: date, last: date) -> Agreement | None:
    """The agreement of a firm that shares a day with a time, whoever the envoy is."""
    until = sa.func.coalesce(Agreement.ended, Agreement.ends)
    statement = sa.select(Agreement).where(Agreement.host_id == host_id, Agreement.starts <= last, until >= first)
    return db.session.execute(statement.where(until >= Agreement.starts).limit(1)).unique().scalars().first()


def may_read(viewer: Any, candidacy_id: int) -> bool:
    """Who sees a candidacy sees its papers."""
    statement = visible_to(viewer).with_only_columns(Candidacy.id).where(Candidacy.id == candidacy_id)
    return db.session.execute(statement).first() is not None


def may_read_agreement(viewer: Any, agreement_id: int) -> bool:
    """Who sees an agreement sees its papers."""
    statement = agreements_visible_to(viewer).with_only_columns(Agreement.id).where(Agreement.id == agreement_id)
    return db.session.execute(statement).first() is not None
