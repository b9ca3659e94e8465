"""Which rows of an organisations file speak of one firm, and which existing record that is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from matchmaker.core.db import db
from matchmaker.core.folding import fold_company, share_stem
from matchmaker.core.tabular import MappedRow
from matchmaker.directory.models import FormerName, HeldRecord, Organisation

CHUNK = 400


@dataclass
class Group:
    """The rows of one firm in the order of the file; the first bears the present name."""

    rows: list[MappedRow] = field(default_factory=list)
    uscc: str | None = None
    stock_code: str | None = None

    @property
    def names(self) -> list[str]:
        return [row.values["name"] for row in self.rows]

    @property
    def folds(self) -> list[str]:
        return [fold_company(name)[:200] for name in self.names]

    @property
    def key(self) -> str:
        """What a held record of this group is known by."""
        if self.uscc:
            return f"organisations:uscc:{self.uscc}"
        return (
            f"organisations:stock:{self.stock_code}" if self.stock_code else f"organisations:name:{self.folds[0]}"[:200]
        )

    def fits(self, *, uscc: str | None, stock_code: str | None) -> bool:
        """Could a row with these codes be the same firm?"""
        return _agree(self.uscc, uscc) and _agree(self.stock_code, stock_code)


def _agree(one: str | None, other: str | None) -> bool:
    return one is None or other is None or one == other


def grouped(rows: Iterable[MappedRow]) -> list[Group]:
    """Rows that share the credit code, else the stock code, else the folded full name."""
    groups: list[Group] = []
    found: dict[tuple[str, str], Group] = {}
    for row in rows:
        uscc, stock, fold = row.values.get("uscc"), row.values.get("stock_code"), fold_company(row.values["name"])
        keys = [(kind, key) for kind, key in (("uscc", uscc), ("stock", stock)) if key]
        group = next((found[key] for key in keys if key in found), None)
        if group is None:
            named = found.get(("name", fold))
            group = named if named is not None and named.fits(uscc=uscc, stock_code=stock) else None
        if group is None:
            group = Group()
            groups.append(group)
        group.rows.append(row)
        group.uscc, group.stock_code = group.uscc or uscc, group.stock_code or stock
        for key in (*keys, ("name", fold)):
            found.setdefault(key, group)
    return groups


def contradicts_itself(group: Group) -> str | None:
    """Why the rows cannot be one firm, or None."""
    if len({row.values.get("uscc") for row in group.rows} - {None}) > 1:
        return "同一证券代码或名称对应了不同的统一社会信用代码"
    if len({row.values.get("stock_code") for row in group.rows} - {None}) > 1:
        return "同一统一社会信用代码或名称对应了不同的证券代码"
    if not share_one_stem(group.names):
        return "同一代码下的名称没有共同的字号，可能是不同的单位"
    return None


def share_one_stem(names: Sequence[str]) -> bool:
    """Whether every name is linked to the first one by steps from stem to stem."""
    linked, waiting = [names[0]], list(names[1:])
    while waiting:
        near = [name for name in waiting if any(share_stem(name, known) for known in linked)]
        if not near:
            return False
        linked.extend(near)
        waiting = [name for name in waiting if name not in near]
    return True


class Known:
    """The organisations and held records that a file's groups may mean, fetched in a few queries."""

    def __init__(self, groups: Sequence[Group]) -> None:
        folds = {fold for group in groups for fold in group.folds}
        codes = {group.uscc for group in groups} - {None}
        stocks = {group.stock_code for group in groups} - {None}
        ids: set[int] = set()
        for column, wanted in (
            (Organisation.uscc, codes),
            (Organisation.stock_code, stocks),
            (Organisation.folded_name, folds),
        ):
            ids.update(_values(Organisation.id, column, wanted))
        ids.update(_values(FormerName.organisation_id, FormerName.folded_name, folds))
        self.by_id = _organisations(ids)
        while kept := {row.merged_into_id for row in self.by_id.values() if row.merged_into_id} - self.by_id.keys():
            self.by_id.update(_organisations(kept))
        self.by_uscc = {row.uscc: row for row in self.by_id.values() if row.uscc}
        self.by_stock = {row.stock_code: row for row in self.by_id.values() if row.stock_code}
        self.by_name: dict[str, list[Organisation]] = {}
        for row in self.by_id.values():
            if row.merged_into_id is None:
                for fold in {row.folded_name, *(former.folded_name for former in row.names)}:
                    self.by_name.setdefault(fold, []).append(row)
        self.held = {
            row.key: row
            for keys in chunks(sorted(group.key for group in groups))
            for row in db.session.execute(sa.select(HeldRecord).where(HeldRecord.key.in_(keys))).scalars()
        }

    def match(self, group: Group) -> list[Organisation]:
        """The records this group may be: one is a match, more a question; merged ones lead to the kept one."""
        coded = [self.by_uscc.get(group.uscc or ""), self.by_stock.get(group.stock_code or "")]
        found = {kept.id: kept for row in coded if row is not None for kept in [self._kept(row)]}
        if not found:
            found = {row.id: row for fold in group.folds[:1] for row in self.by_name.get(fold, ())}
        return list(found.values())

    def translate(self, group: Group) -> None:
        """Speak of a merged record's codes by those of the record that was kept."""
        for key, known in (("uscc", self.by_uscc), ("stock_code", self.by_stock)):
            row = known.get(getattr(group, key) or "")
            if row is not None and row.merged_into_id is not None:
                code = getattr(self._kept(row), key)
                setattr(group, key, code)
                for mapped in group.rows:
                    mapped.values[key] = code

    def _kept(self, row: Organisation) -> Organisation:
        while row.merged_into_id is not None:
            row = self.by_id[row.merged_into_id]
        return row


def _values(wanted: Any, column: Any, keys: Iterable[Any]) -> Iterator[int]:
    for part in chunks(sorted(keys)):
        yield from db.session.execute(sa.select(wanted).where(column.in_(part))).scalars()


def _organisations(ids: Iterable[int]) -> dict[int, Organisation]:
    found: dict[int, Organisation] = {}
    for part in chunks(sorted(ids)):
        statement = sa.select(Organisation).options(selectinload(Organisation.names)).where(Organisation.id.in_(part))
        found.update({row.id: row for row in db.session.execute(statement).scalars()})
    return found


def chunks(keys: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """Pieces that fit into one statement."""
    return (keys[start : start + CHUNK] for start in range(0, len(keys), CHUNK))
