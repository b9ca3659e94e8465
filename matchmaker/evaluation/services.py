"""Recording, correcting and ending titles."""

from __future__ import annotations

from datetime import date
from typing import Any

from matchmaker.activity import services as activity
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.core.folding import clean_text, fold_company
from matchmaker.directory.services import require_open_year
from matchmaker.evaluation import access, queries, rules
from matchmaker.evaluation.models import Title
from matchmaker.evaluation.rules import PatentKind, TitleKind

FACTS = ("subkind", "name", "valid_from", "valid_to", "document", "note")


def record(
    *,
    actor: Any,
    region: str,
    kind: TitleKind,
    number: str,
    holder: str,
    valid_from: date,
    valid_to: date | None = None,
    co_holders: str = "",
    reason: str = "",
    **facts: Any,
) -> Title:
    """Put a title on record. Raises NotPermitted, DomainError, Conflict (number taken, year closed)."""
    if actor is not None and not access.may_record_in(actor, region):
        raise NotPermitted("您只能登记自己负责区域的资质")
    number, now = rules.number_of(number), clock.now()
    _check(kind, facts.get("subkind"), valid_from, valid_to)
    require_open_year(region, valid_from.year, reason=reason)
    if db.session.execute(queries.numbered(kind, number)).unique().scalars().first() is not None:
        raise Conflict("编号 {number} 已经登记过，请勿重复登记", field="number", number=number)
    title = Title(
        region=region,
        kind=kind,
        number=number,
        valid_from=valid_from,
        valid_to=valid_to,
        co_holders=rules.co_holders_of(co_holders),
        created=now,
        updated=now,
        **facts,
    )
    _set_holder(title, holder)
    db.session.add(title)
    db.session.flush()  # the unique constraint has the last word
    activity.record("evaluation.recorded", subject=title, actor=actor, number=number, reason=reason or None)
    return title


def correct(
    title: Title, *, actor: Any, number: str, holder: str, co_holders: str = "", reason: str = "", **facts: Any
) -> dict[str, Any]:
    """Change a title; returns what it was before. A change that touches a closed year needs a reason, which is kept."""
    _check_manages(actor, title)
    number = rules.number_of(number)
    _check(title.kind, facts["subkind"], facts["valid_from"], facts["valid_to"])
    before = _facts_of(title)
    years = _years_touched(title, number=number, holder=holder, co_holders=co_holders, facts=facts)
    for year in sorted(years):
        require_open_year(title.region, year, reason=reason)
    other = db.session.execute(queries.numbered(title.kind, number)).unique().scalars().first()
    if other is not None and other is not title:
        raise Conflict("编号 {number} 已经登记过，请勿重复登记", field="number", number=number)
    title.number, title.co_holders = number, rules.co_holders_of(co_holders)
    for key in FACTS:
        if key in facts:
            setattr(title, key, facts[key])
    if holder != title.holder:
        _set_holder(title, holder)
    after = _facts_of(title)
    changed = {key for key in after if after[key] != before[key]}
    if changed:
        title.updated = clock.now()
        activity.record(
            "evaluation.corrected",
            subject=title,
            actor=actor,
            before={key: before[key] for key in sorted(changed)},
            after={key: after[key] for key in sorted(changed)},
            reason=reason or None,
        )
    db.session.flush()
    return {key: before[key] for key in changed}


def end(title: Title, *, actor: Any, ended: date, reason: str) -> None:
    """Let a title no longer count from a day on: moved out, revoked, fee not paid."""
    _check_manages(actor, title)
    if title.ended is not None:
        raise Conflict("这项资质已于 {day} 终止", day=title.ended)
    reason = rules.check_end(valid_from=title.valid_from, ended=ended, reason=reason, today=clock.today())
    require_open_year(title.region, ended.year)
    title.ended, title.end_reason, title.updated = ended, reason, clock.now()
    activity.record("evaluation.ended", subject=title, actor=actor, on=ended.isoformat(), reason=reason)
    db.session.flush()


def _check(kind: TitleKind, subkind: PatentKind | None, valid_from: date, valid_to: date | None) -> None:
    rules.check_subkind(kind, subkind)
    rules.check_term(kind, valid_from=valid_from, valid_to=valid_to, today=clock.today())


def _check_manages(actor: Any, title: Title) -> None:
    if actor is not None and not access.may_record_in(actor, title.region):
        raise NotPermitted("这项资质不在您负责的区域")


def _set_holder(title: Title, holder: str) -> None:
    text = clean_text(holder)
    if not text:
        raise DomainError("请填写持有单位", field="holder")
    organisation = queries.organisations_named([text]).get(text)
    title.holder = organisation.name if organisation else text
    title.folded_holder = fold_company(title.holder)[:200]
    title.organisation = organisation


def _facts_of(title: Title) -> dict[str, Any]:
    facts = {key: getattr(title, key) for key in ("number", "holder", "co_holders", *FACTS)}
    return {key: value.isoformat() if isinstance(value, date) else value for key, value in facts.items()}


def _years_touched(title: Title, *, number: str, holder: str, co_holders: str, facts: dict[str, Any]) -> set[int]:
    """The years whose numbers a change may alter."""
    years: set[int] = set()
    same = (title.number, title.holder, title.co_holders) == (number, holder, rules.co_holders_of(co_holders))
    if not same or facts["subkind"] != title.subkind:
        years |= {title.valid_from.year, (title.valid_to or title.valid_from).year}
    for key in ("valid_from", "valid_to"):
        if facts[key] != getattr(title, key):
            years |= {day.year for day in (facts[key], getattr(title, key)) if day is not None}
    return years
