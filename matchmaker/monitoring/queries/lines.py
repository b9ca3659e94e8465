"""One record behind a number, as a page lists it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date


@dataclass(frozen=True)
class Line:
    """A record by kind and key; `unit` is what is counted once, `counts` False where it is only shown beside."""

    kind: str
    key: int
    unit: str
    name: str
    detail: str = ""
    document: str = ""
    since: date | None = None
    until: date | None = None
    counts: bool = True

    def counted_by_itself(self) -> Line:
        """The same line where every record counts, whoever holds it."""
        return replace(self, unit=f"{self.kind}:{self.key}")


def gone(kind: str, key: int) -> Line:
    """The place of a record that was erased."""
    return Line(kind, key, unit=f"{kind}:{key}", name="")
