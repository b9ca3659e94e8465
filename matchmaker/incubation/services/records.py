"""Noting stays that began elsewhere: from files, from the past, from the demo. History is admitted with a flag."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from matchmaker.activity import services as activity
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.errors import DomainError
from matchmaker.directory.models import Organisation
from matchmaker.incubation import gateways, queries, rules
from matchmaker.incubation.models import Carrier, Tenancy
from matchmaker.incubation.rules import Stay, TenancyState

KEPT = ("project", "contract", "due", "special_field", "proof", "proof_document", "reason", "left", "state")


def organisations_named(texts: list[str]) -> dict[str, Organisation]:
    """Organisations by credit code or full name, keyed by what was written."""
    return queries.organisations_named(texts)


def record(
    carrier: Carrier,
    organisation: Organisation,
    *,
    actor: Any,
    today: date,
    entered: date,
    state: TenancyState,
    others: Iterable[Tenancy] = (),
    left: date | None = None,
    due: date | None = None,
    special_field: rules.SpecialField | None = None,
    **facts: Any,
) -> Tenancy:
    """Note a stay as it was; a firm too old on entry is marked as history, overlaps and bad days are refused."""
    _check_days(entered=entered, left=left, state=state, today=today)
    rules.check_entry(founded=organisation.founded, entered=entered, rules=gateways.rules_on(entered), historic=True)
    _check_alone(carrier.name, entered, left, others)
    limits = gateways.rules_on(entered)
    now = clock.now()
    tenancy = Tenancy(
        region=carrier.region,
        carrier=carrier,
        organisation=organisation,
        state=state,
        stage=rules.stage_of(carrier.kind),
        applied=facts.pop("applied", None) or entered,
        entered=entered,
        left=left,
        due=due or rules.due_date(entered=entered, rules=limits, field=special_field),
        special_field=special_field,
        stay_months_max=limits.stay_months(special_field),
        rule_doc_no=limits.doc_no,
        historic=_was_too_old(carrier, organisation, entered=entered),
        project=facts.pop("project", None) or organisation.name,
        created=now,
        updated=now,
        **facts,
    )
    db.session.add(tenancy)
    db.session.flush()
    activity.record("incubation.recorded", subject=tenancy, actor=actor, historic=tenancy.historic)
    return tenancy


def change(tenancy: Tenancy, *, others: Iterable[Tenancy], actor: Any, **values: Any) -> bool:
    """Bring a noted stay up to what a file says now; False when it says nothing new."""
    news = {key: value for key, value in values.items() if key in KEPT and getattr(tenancy, key) != value}
    if not news:
        return False
    entered = tenancy.entered or values["entered"]
    left, state = news.get("left", tenancy.left), news.get("state", tenancy.state)
    _check_days(entered=entered, left=left, state=state, today=clock.today())
    _check_alone(tenancy.carrier.name, entered, left, [other for other in others if other is not tenancy])
    for key, value in news.items():
        setattr(tenancy, key, value)
    tenancy.updated = clock.now()
    activity.record("incubation.corrected", subject=tenancy, actor=actor, fields=sorted(news))
    db.session.flush()
    return True


def _check_days(*, entered: date, left: date | None, state: TenancyState, today: date) -> None:
    if left is not None:
        rules.check_exit(entered=entered, left=left)
    if entered > today:
        raise DomainError("入驻日期晚于今天，请检查", field="entered")
    if state in rules.PRESENT and left is not None:
        raise DomainError("已有离开日期，状态不能还是“{state}”", field="state", state=state)
    if state in rules.ENDED and left is None:
        raise DomainError("状态是“{state}”，请补上离开日期", field="left", state=state)


def _check_alone(carrier: str, entered: date, left: date | None, others: Iterable[Tenancy]) -> None:
    stays = [Stay(other.carrier.name, other.entered, other.left) for other in others if other.entered is not None]
    rules.check_no_overlap(Stay(carrier, entered, left), stays)


def _was_too_old(carrier: Carrier, organisation: Organisation, *, entered: date) -> bool:
    if not rules.has_age_limit(carrier.kind):
        return False
    try:
        rules.check_entry(founded=organisation.founded, entered=entered, rules=gateways.rules_on(entered))
    except DomainError:
        return True
    return False
