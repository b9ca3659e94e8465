"""Organisations and people."""

from __future__ import annotations

from itertools import count
from typing import Any

from matchmaker.core import clock, folding
from matchmaker.core.db import transaction
from matchmaker.directory.models import Organisation, Person
from matchmaker.directory.rules import OrganisationKind, OrganisationState, demo_uscc

_serial = count(1)


def an_organisation(**values: Any) -> Organisation:
    """An enterprise of the district with a valid code."""
    serial = next(_serial) % 9999
    name = values.pop("name", f"测试企业{serial}有限公司")
    given = {
        "region": "650105",
        "kind": OrganisationKind.ENTERPRISE,
        "uscc": demo_uscc(serial),
        "created": clock.now(),
        "updated": clock.now(),
        **values,
    }
    given.setdefault("state", next(iter(s for s in OrganisationState if s.label == "有效")))
    row = Organisation(name=name, folded_name=folding.fold_company(name), pinyin=folding.pinyin_initials(name), **given)
    with transaction() as session:
        session.add(row)
    return row


def a_person(**values: Any) -> Person:
    """A person of the directory with a phone."""
    serial = next(_serial)
    name = values.pop("name", f"人员{serial}")
    given = {"region": "650105", "phone": f"130{serial:08d}", "created": clock.now(), "updated": clock.now(), **values}
    row = Person(name=name, folded_name=folding.fold(name), pinyin=folding.pinyin_initials(name), **given)
    with transaction() as session:
        session.add(row)
    return row
