"""Making and changing records of the directory so that names, folds and histories always agree."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from matchmaker.core import folding
from matchmaker.core.db import db
from matchmaker.directory.models import FormerName, Organisation, Person
from matchmaker.directory.rules import OrganisationKind, OrganisationState

FACTS = (
    "kind",
    "uscc",
    "stock_code",
    "exchange",
    "name_en",
    "short_name",
    "legal_representative",
    "registered_address",
    "working_address",
    "industry_code",
    "industry_text",
    "fields",
    "key_industries",
    "founded",
    "listed_on",
    "staff_count",
    "revenue_fen",
    "summary",
    "summary_en",
    "contact_name",
    "contact_phone",
    "contact_email",
    "website",
)
PERSON_FACTS = (
    "name_en",
    "organisation_id",
    "unit_text",
    "title",
    "discipline",
    "fields",
    "key_industries",
    "summary",
    "phone",
    "email",
)


def new_organisation(
    name: str, *, region: str, state: OrganisationState, source: str, now: datetime, facts: Mapping[str, Any]
) -> Organisation:
    """A new organisation in the session; nothing is checked here."""
    row = Organisation(
        region=region,
        state=state,
        kind=facts.get("kind") or OrganisationKind.ENTERPRISE,
        name=name,
        folded_name=folding.fold_company(name)[:200],
        pinyin=folding.pinyin_initials(name)[:200],
        source=source[:60],
        created=now,
        updated=now,
        names=[],
        **{key: facts[key] for key in FACTS if key != "kind" and facts.get(key) is not None},
    )
    db.session.add(row)
    return row


def change(row: Organisation | Person, facts: Mapping[str, Any], *, now: datetime) -> dict[str, tuple[Any, Any]]:
    """Set what differs; returns {key: (before, after)}. Keys that are not facts are ignored."""
    known = FACTS if isinstance(row, Organisation) else PERSON_FACTS
    changed = {
        key: (getattr(row, key), facts[key]) for key in known if key in facts and getattr(row, key) != facts[key]
    }
    for key, (_before, after) in changed.items():
        setattr(row, key, after)
    if changed:
        row.updated = now
    return changed


def set_name(row: Organisation, name: str, *, until: date | None, source: str, now: datetime) -> None:
    """Give a new name and keep the old one; a former name that returns leaves the history of former names."""
    remember_name(row, row.name, until=until, source=source)
    row.name = name
    row.folded_name = folding.fold_company(name)[:200]
    row.pinyin = folding.pinyin_initials(name)[:200]
    row.updated = now


def remember_name(row: Organisation, name: str, *, until: date | None = None, source: str) -> bool:
    """Add a former name unless it is known already; says whether it was added."""
    folded = folding.fold_company(name)[:200]
    if any(former.folded_name == folded for former in row.names):
        return False
    row.names.append(FormerName(name=name, folded_name=folded, until=until, source=source[:60]))
    return True


def folds_to(name: str) -> str:
    """The fold of a name as the tables keep it."""
    return folding.fold_company(name)[:200]


def known_folds(row: Organisation) -> set[str]:
    """The folds of the present and all former names."""
    return {row.folded_name, *(former.folded_name for former in row.names)}


def plain(value: Any) -> Any:
    """A value as the activity log keeps it."""
    if isinstance(value, date):
        return value.isoformat()
    return value if value is None or isinstance(value, str | int | bool | list) else str(value)
