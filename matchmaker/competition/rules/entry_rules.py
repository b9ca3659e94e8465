"""How entries are handed in to one contest, as values: the grace period, entries a person, limits of files.

They stand in the contest's entry rules under `entries`, so the announcement freezes them with everything else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Self

from matchmaker.competition.rules.uploads import USUAL, FileLimit, Material
from matchmaker.core.errors import DomainError

LONGEST_GRACE = 120  # minutes
USUAL_ENTRIES_A_PERSON = 2


@dataclass(frozen=True, slots=True)
class EntryRules:
    """`grace_minutes` is not shown to entrants: what comes in it is taken and registered as late."""

    grace_minutes: int = 0
    entries_per_person: int | None = USUAL_ENTRIES_A_PERSON
    files: Mapping[Material, FileLimit] = field(default_factory=lambda: dict(USUAL))

    @classmethod
    def from_values(cls, values: Mapping[str, Any] | None) -> Self:
        """Read stored rules; what is not said is as usual."""
        values = values or {}
        files = values.get("files") or {}
        per_person = values.get("entries_per_person", USUAL_ENTRIES_A_PERSON)
        grace = int(values.get("grace_minutes") or 0)
        if not 0 <= grace <= LONGEST_GRACE:
            raise DomainError("宽限时间应在 0 到 {most} 分钟之间", field="grace_minutes", most=LONGEST_GRACE)
        return cls(
            grace_minutes=grace,
            entries_per_person=None if per_person in (None, "", 0) else int(per_person),
            files={kind: FileLimit.from_values(files.get(kind.value) or {}, usual=USUAL[kind]) for kind in Material},
        )

    def latest(self, deadline: datetime) -> datetime:
        """The last moment at which an entry is taken."""
        return deadline + timedelta(minutes=self.grace_minutes)


def rules_of(contest: Any) -> EntryRules:
    """The rules of a contest: the frozen ones once it is announced."""
    return EntryRules.from_values((contest.rules.get("eligibility") or contest.eligibility).get("entries"))
