"""What helpers show of themselves: publications and results, past deals."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from matchmaker.activity import services as activity
from matchmaker.core import clock, folding
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.directory.models import Person, PersonDocument
from matchmaker.directory.rules import DocumentKind
from matchmaker.rosters import access
from matchmaker.rosters.models import InvestorDeal
from matchmaker.rosters.rules import InvestmentStage

FIRST_YEAR = 1949
MOST_WORKS = 500


def key_of(title: str) -> str:
    """What the same work is known by when it comes again."""
    return f"title:{folding.fold(title)}"[:80]


def add_work(
    person: Person,
    *,
    actor: Any | None,
    kind: DocumentKind,
    title: str,
    text: str = "",
    keywords: list[str] | None = None,
    year: int | None = None,
) -> PersonDocument:
    """A publication or result; matching reads it at once. The same title is refused."""
    _check_own(person, actor)
    check_year(year)
    if not title.strip():
        raise DomainError("请填写题名", field="title")
    if find(person, title) is not None:
        raise Conflict("《{title}》已经登记过", field="title", title=title.strip())
    held = sa.select(sa.func.count(PersonDocument.id)).where(PersonDocument.person_id == person.id)
    if db.session.execute(held).scalar_one() >= MOST_WORKS:
        raise Conflict("最多登记 {n} 项，请删去不重要的", field="title", n=MOST_WORKS)
    row = PersonDocument(
        person_id=person.id,
        kind=kind,
        title=title.strip()[:500],
        text=text.strip(),
        keywords=keywords or [],
        year=year,
        language="zh" if any("\u4e00" <= char <= "\u9fff" for char in title) else "en",
        source_key=key_of(title),
    )
    db.session.add(row)
    db.session.flush()
    activity.record("rosters.work_added", subject=person, actor=actor, title=row.title)
    return row


def find(person: Person, title: str) -> PersonDocument | None:
    """The work of that title."""
    statement = sa.select(PersonDocument).where(
        PersonDocument.person_id == person.id, PersonDocument.source_key == key_of(title)
    )
    return db.session.execute(statement).scalars().first()


def drop_work(row: PersonDocument, *, actor: Any) -> None:
    """Take a work off."""
    _check_own(row.person, actor)
    activity.record("rosters.work_dropped", subject=row.person, actor=actor, title=row.title)
    db.session.delete(row)
    db.session.flush()


def add_deal(
    person: Person,
    *,
    actor: Any,
    company: str,
    year: int,
    stage: InvestmentStage | None,
    amount_fen: int | None,
    note: str = "",
) -> InvestorDeal:
    """A past deal."""
    _check_own(person, actor)
    check_year(year)
    if amount_fen is not None and amount_fen < 0:
        raise DomainError("投资金额不能是负数", field="amount_fen")
    row = InvestorDeal(
        person_id=person.id,
        company=company.strip()[:200],
        year=year,
        stage=stage,
        amount_fen=amount_fen,
        note=note.strip()[:500],
        created=clock.now(),
    )
    db.session.add(row)
    db.session.flush()
    activity.record("rosters.deal_added", subject=person, actor=actor, company=row.company)
    return row


def drop_deal(row: InvestorDeal, *, actor: Any) -> None:
    """Take a deal off."""
    person = db.session.get_one(Person, row.person_id)
    _check_own(person, actor)
    activity.record("rosters.deal_dropped", subject=person, actor=actor, company=row.company)
    db.session.delete(row)
    db.session.flush()


def check_year(year: int | None) -> None:
    """A year that has been."""
    if year is not None and not FIRST_YEAR <= year <= clock.today().year:
        raise DomainError(
            "年份应在 {first} 至 {last} 之间", field="year", first=str(FIRST_YEAR), last=str(clock.today().year)
        )


def _check_own(person: Person, actor: Any | None) -> None:
    if actor is not None and not access.may_edit_profile(actor, person):
        raise NotPermitted("只能修改自己的资料")
