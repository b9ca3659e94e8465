"""Applying, recommending, correcting, withdrawing."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from matchmaker.activity import services as activity
from matchmaker.candidacies import access, queries, rules
from matchmaker.candidacies.models import Candidacy
from matchmaker.candidacies.services import telling
from matchmaker.core import clock, folding
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.directory.models import Person
from matchmaker.files import services as files
from matchmaker.rosters import queries as rosters
from matchmaker.rosters import rules as roster_rules
from matchmaker.rosters.models import AppointmentReview
from matchmaker.rosters.rules import AppointmentKind, AppointmentState
from matchmaker.rosters.rules.documents import Grade

PERSONAL = ("title", "discipline", "phone", "fields")


def apply(*, actor: Any, region: str, kind: AppointmentKind, **values: Any) -> Candidacy:
    """A person stands for a post. An envoy names the sending unit, whose word comes first."""
    person = _own_person(actor, region, values)
    return _open(person, kind, actor=actor, values=values)


def recommend_new(
    *, actor: Any, region: str, kind: AppointmentKind, recommender_id: int, recommendation: str, **values: Any
) -> Candidacy:
    """A carrier or another organisation puts somebody forward."""
    if recommender_id not in actor.organisation_ids:
        raise NotPermitted("只能以自己所在的单位推荐")
    if len(recommendation.strip()) < 5:
        raise DomainError("请写明推荐理由", field="recommendation")
    if kind is AppointmentKind.ENVOY:
        values["sending_unit"] = None
    person = _named_person(region, values)
    row = _open(person, kind, actor=actor, values=values, unit_id=recommender_id)
    row.recommender_id, row.recommendation, row.recommended = recommender_id, recommendation.strip(), clock.now()
    if kind is AppointmentKind.ENVOY:
        row.state = AppointmentState.RECOMMENDED
    activity.record("candidacies.recommended", subject=row, actor=actor)
    db.session.flush()
    return row


def recommend(row: Candidacy, *, actor: Any, recommendation: str) -> None:
    """The sending unit says yes to its envoy."""
    if not access.may_recommend(actor, row):
        raise NotPermitted("只有派出单位的其他人员可以推荐")
    roster_rules.check_transition(row.kind, row.state, AppointmentState.RECOMMENDED)
    if len(recommendation.strip()) < 5:
        raise DomainError("请写明推荐理由", field="recommendation")
    row.recommender_id, row.recommendation = row.sending_unit_id, recommendation.strip()
    row.recommended, row.state, row.updated = clock.now(), AppointmentState.RECOMMENDED, clock.now()
    activity.record("candidacies.recommended", subject=row, actor=actor)
    telling.tell_candidate(row)
    db.session.flush()


def correct(row: Candidacy, *, actor: Any, **values: Any) -> None:
    """Change an application before it is taken up, or hand a returned one in again."""
    if not access.is_own(actor, row) and row.recommender_id not in actor.organisation_ids:
        raise NotPermitted("只能修改自己的申报")
    if row.state not in rules.EDITABLE:
        raise Conflict("申报已在办理中，不能修改；如需改动，请联系经办人退回")
    rules.check_candidate(row.kind, civil_servant=values.get("civil_servant"), statement=values["statement"])
    roster_rules.check_capacity(values["capacity"])
    for key in ("statement", "capacity", "category", "carrier", "civil_servant"):
        if key in values:
            setattr(row, key, values[key])
    _keep_facts(row.person, values)
    _attach(row, values.get("file"), actor=actor)
    if row.state is AppointmentState.RETURNED:
        row.state, row.reason = AppointmentState.APPLIED, None
        _tell_new(row)
    row.updated = clock.now()
    activity.record("candidacies.corrected", subject=row, actor=actor)
    db.session.flush()


def withdraw(row: Candidacy, *, actor: Any) -> None:
    """The candidate, or who put them forward, takes it back."""
    if not access.is_own(actor, row) and row.recommender_id not in actor.organisation_ids:
        raise NotPermitted("只能撤回自己的申报")
    roster_rules.check_transition(row.kind, row.state, AppointmentState.WITHDRAWN)
    row.state, row.updated = AppointmentState.WITHDRAWN, clock.now()
    activity.record("candidacies.withdrawn", subject=row, actor=actor)
    db.session.flush()


def _open(
    person: Person, kind: AppointmentKind, *, actor: Any, values: dict[str, Any], unit_id: int | None = None
) -> Candidacy:
    rules.check_candidate(kind, civil_servant=values.get("civil_servant"), statement=values["statement"])
    unit = queries.organisation_named(values.get("sending_unit") or "")
    sending_unit_id = (unit_id or (unit.id if unit else None)) if kind is AppointmentKind.ENVOY else None
    rules.check_sending_unit(kind, sending_unit_id)
    roster_rules.check_capacity(values["capacity"])
    _check_free(person, kind)
    now = clock.now()
    row = Candidacy(
        region=person.region,
        kind=kind,
        state=AppointmentState.APPLIED,
        person=person,
        applicant_id=actor.id,
        sending_unit_id=sending_unit_id,
        category=values.get("category"),
        carrier=values.get("carrier") or "",
        statement=values["statement"].strip(),
        capacity=values["capacity"],
        civil_servant=values.get("civil_servant"),
        created=now,
        updated=now,
    )
    db.session.add(row)
    db.session.flush()  # the unique index has the last word
    _attach(row, values.get("file"), actor=actor)
    activity.record("candidacies.applied", subject=row, actor=actor, post=kind.value)
    if unit_id is None:
        _tell_new(row)
    return row


def _tell_new(row: Candidacy) -> None:
    if row.kind is AppointmentKind.ENVOY and row.sending_unit_id is not None:
        telling.tell_unit(row, row.sending_unit_id, telling.ASKED)
    else:
        telling.tell_handlers(row)


def _check_free(person: Person, kind: AppointmentKind) -> None:
    if queries.open_of(person.id, kind) is not None:
        raise Conflict("已有一份{kind}申报正在办理，请等待结果", field="kind", kind=kind)
    standing = db.session.execute(rosters.standing(person.id, kind).limit(1)).scalars().first()
    if standing is not None and (standing.ends - clock.today()).days > 90:
        raise Conflict(
            "已聘为{kind}，聘期到 {ends}；到期前三个月可以办理续聘", field="kind", kind=kind, ends=standing.ends
        )
    failed = sa.select(sa.func.max(AppointmentReview.confirmed_on)).where(
        AppointmentReview.person_id == person.id,
        AppointmentReview.kind == kind,
        AppointmentReview.grade == Grade.FAIL,
    )
    rules.check_recent_failure(failed_on=db.session.execute(failed).scalar(), today=clock.today())


def _own_person(actor: Any, region: str, values: dict[str, Any]) -> Person:
    person = db.session.execute(rosters.person_of(actor.id)).scalar_one_or_none()
    if person is None:
        person = _new_person(region, {**values, "name": values.get("name") or actor.name})
        person.user_id, person.email = actor.id, actor.email
    _keep_facts(person, values)
    db.session.flush()
    return person


def _named_person(region: str, values: dict[str, Any]) -> Person:
    """The one of this name and phone, else somebody new."""
    statement = sa.select(Person).where(
        Person.folded_name == folding.fold(values["name"]), Person.phone == values["phone"], Person.region == region
    )
    person = db.session.execute(statement.order_by(Person.id).limit(1)).scalars().first()
    if person is None:
        person = _new_person(region, values)
        _keep_facts(person, values)
        db.session.flush()
    return person


def _new_person(region: str, values: dict[str, Any]) -> Person:
    now = clock.now()
    person = Person(
        region=region,
        name=values["name"],
        folded_name=folding.fold(values["name"])[:200],
        pinyin=folding.pinyin_initials(values["name"])[:200],
        fields=[],
        key_industries=[],
        source="candidacy",
        created=now,
        updated=now,
    )
    db.session.add(person)
    return person


def _keep_facts(person: Person, values: dict[str, Any]) -> None:
    for key in PERSONAL:
        if values.get(key):
            setattr(person, key, values[key])
    if values.get("unit"):
        unit = queries.organisation_named(values["unit"])
        person.organisation_id, person.unit_text = (unit.id, None) if unit else (None, values["unit"])
    person.updated = clock.now()


def _attach(row: Candidacy, upload: Any, *, actor: Any) -> None:
    if getattr(upload, "filename", ""):
        files.attach(upload, subject=row, actor=actor, purpose="candidacy")
