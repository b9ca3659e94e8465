"""Entering, changing, renaming and moving organisations."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy.orm.exc import StaleDataError

from matchmaker.activity import services as activity
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.core.folding import clean_text, fold_uscc
from matchmaker.core.regions import check_region, contains
from matchmaker.directory import access, queries, rules
from matchmaker.directory.models import Organisation
from matchmaker.directory.rules import NameSpan, OrganisationState
from matchmaker.directory.services import records

# What an owner may write; changing one of CHECKED asks the bureau for another look.
OWN_FACTS = frozenset(records.FACTS) - {"uscc", "stock_code", "exchange", "listed_on", "kind"}
CHECKED = frozenset({"legal_representative", "registered_address", "industry_code", "founded"})
STALE = "这条记录刚刚被别人改过；请刷新页面，核对后再保存"


def create(
    *,
    actor: Any,
    region: str,
    name: str,
    uscc: str | None = None,
    override: str | None = None,
    source: str = "typed",
    **facts: Any,
) -> Organisation:
    """Enter an organisation. Raises DomainError on the field, Conflict when it is in the directory already."""
    _check_region(actor, region)
    name = _checked_name(name)
    code, reason = admit_code(uscc, override=override)
    _check_unique(name=name, code=code)
    _check_facts(facts)
    row = records.new_organisation(
        name,
        region=region,
        state=OrganisationState.UNCLAIMED,
        source=source,
        now=clock.now(),
        facts={**_given(facts), "uscc": code},
    )
    row.uscc_override = reason
    db.session.flush()
    activity.record("directory.entered", subject=row, actor=actor, name=name, override=reason)
    return row


def edit(
    row: Organisation,
    *,
    actor: Any,
    version: int,
    uscc: str | None = None,
    override: str | None = None,
    **facts: Any,
) -> dict[str, Any]:
    """Change an organisation's facts; returns {key: before}. Raises Conflict when somebody else was faster."""
    _check_may_edit(actor, row)
    _check_version(row, version)
    code, reason = (
        admit_code(uscc, override=override) if fold_uscc(uscc or "") != (row.uscc or "") else (row.uscc, None)
    )
    if code != row.uscc:
        _check_unique(name=None, code=code, but=row.id)
        row.uscc_override = reason
    _check_facts(facts)
    return _change(row, {**_given(facts), "uscc": code}, actor=actor, override=reason)


def edit_own(row: Organisation, *, actor: Any, version: int, **facts: Any) -> dict[str, Any]:
    """An owner's change; what the bureau vouches for goes back to 待核."""
    if not access.owns(actor, row):
        raise NotPermitted("只有单位负责人可以修改单位资料")
    _check_version(row, version)
    facts = {key: value for key, value in facts.items() if key in OWN_FACTS}
    _check_facts(facts)
    before = _change(row, _given(facts), actor=actor)
    if before.keys() & CHECKED:
        _ask_for_check(row)
    return before


def rename(row: Organisation, *, actor: Any, name: str, since: date) -> None:
    """Give a new name from a day on; the old one stays findable for ever."""
    if not (access.may_edit(actor, row) or access.owns(actor, row)):
        raise NotPermitted("您不能修改这家单位")
    rules.renamed((NameSpan(row.name),), name=name, since=since, today=clock.today())
    new = _checked_name(name)
    _check_unique(name=new, code=row.uscc, but=row.id)
    before = row.name
    records.set_name(row, new, until=since, source="typed", now=clock.now())
    if not access.may_edit(actor, row):
        _ask_for_check(row)
    activity.record("directory.renamed", subject=row, actor=actor, name=before, to=new, since=since.isoformat())
    _flush()


def move(row: Organisation, *, actor: Any, to: OrganisationState, reason: str | None = None) -> None:
    """Take a step of the state table; leaving the good states needs a reason."""
    _check_may_edit(actor, row)
    rules.check_move(row.state, to)
    reason = (reason or "").strip()
    if to in rules.NEEDS_REASON and not reason:
        raise DomainError("请写明理由", field="reason")
    before = row.state
    row.state, row.updated = to, clock.now()
    activity.record(
        "directory.moved", subject=row, actor=actor, before=before.value, to=to.value, reason=reason.strip()
    )
    _flush()


def admit_code(uscc: str | None, *, override: str | None = None) -> tuple[str | None, str | None]:
    """(code, reason for the override). Empty is 待补; a wrong check sign passes only with a reviewer's reason."""
    if uscc is None or not fold_uscc(uscc):
        return None, None
    try:
        return rules.check_uscc(uscc), None
    except DomainError:
        if not (override or "").strip():
            raise
        return rules.check_uscc_shape(uscc), (override or "").strip()[:500]


def _given(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Empty texts are nothing."""
    return {key: (None if value == "" else value) for key, value in facts.items() if key in records.FACTS}


def _change(row: Organisation, facts: Mapping[str, Any], *, actor: Any, override: str | None = None) -> dict[str, Any]:
    changed = records.change(row, facts, now=clock.now())
    before = {key: records.plain(old) for key, (old, _new) in changed.items()}
    if before:
        activity.record(
            "directory.edited", subject=row, actor=actor, fields=sorted(before), before=before, override=override
        )
    _flush()
    return before


def _flush() -> None:
    try:
        db.session.flush()
    except StaleDataError:
        raise Conflict(STALE) from None


def _ask_for_check(row: Organisation) -> None:
    if row.state in (OrganisationState.ACTIVE, OrganisationState.UNCLAIMED):
        rules.check_move(row.state, OrganisationState.PENDING)
        row.state = OrganisationState.PENDING
        _flush()


def _checked_name(name: str) -> str:
    cleaned = clean_text(name)
    if not cleaned:
        raise DomainError("请填写单位名称", field="name")
    if len(cleaned) > 200:
        raise DomainError("单位名称最多 200 个字", field="name")
    return cleaned


def _check_facts(facts: Mapping[str, Any]) -> None:
    if facts.get("founded"):
        rules.check_founded(facts["founded"], today=clock.today())


def _check_unique(*, name: str | None, code: str | None, but: int | None = None) -> None:
    if code:
        holder = db.session.execute(queries.by_code(code)).scalar_one_or_none()
        if holder is not None and holder.id != but:
            raise Conflict("这个统一社会信用代码已登记为“{name}”，请打开那条记录修改", field="uscc", name=holder.name)
    if name:
        for other in db.session.execute(queries.same_name(name, but=but)).scalars():
            if not (code and other.uscc and other.uscc != code):
                raise Conflict("“{name}”已在库中（或是其曾用名），请打开那条记录修改", field="name", name=other.name)


def _check_version(row: Organisation, version: int) -> None:
    if row.version != version:
        raise Conflict(STALE)


def _check_may_edit(actor: Any, row: Organisation) -> None:
    if row.merged_into_id is not None:
        raise Conflict("这条记录已并入另一家单位，请修改那一条")
    if not access.may_edit(actor, row):
        raise NotPermitted("您只能修改自己负责区域内的单位")


def _check_region(actor: Any, region: str) -> None:
    check_region(region)
    if not any(contains(code, region) for code in actor.region_codes):
        raise NotPermitted("您只能登记自己负责区域内的单位")


def check_confirmable(row: Organisation, actor: Any) -> None:
    """May this actor confirm this organisation now? Raises what stands in the way."""
    _check_may_edit(actor, row)
    rules.check_move(row.state, OrganisationState.ACTIVE)


def confirm(row: Organisation, actor: Any, reason: str = "") -> dict[str, Any]:
    """Vouch for an organisation's facts; returns what `undo_confirm` needs."""
    before = row.state
    move(row, actor=actor, to=OrganisationState.ACTIVE, reason=reason)
    return {"state": before.value}


def undo_confirm(row: Organisation, actor: Any, before: Mapping[str, Any]) -> None:
    """Take a confirmation back."""
    _check_may_edit(actor, row)
    if row.state is not OrganisationState.ACTIVE:
        raise Conflict("这家单位的状态已经又变了，不能撤销")
    row.state = OrganisationState(before["state"])
    activity.record("directory.confirm_undone", subject=row, actor=actor)
    _flush()
