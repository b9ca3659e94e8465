"""The rules for mentors and envoys as data: each set has a document, a first day, and counts from then on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from matchmaker.core.labels import Labelled


class Grade(Labelled):
    """How a year was."""

    EXCELLENT = "excellent", "优秀", "good"
    GOOD = "good", "良好", "good"
    PASS = "pass", "合格", "neutral"
    FAIL = "fail", "不合格", "bad"


@dataclass(frozen=True, slots=True)
class Weights:
    """Points for service, results and satisfaction; together 100."""

    service: int
    results: int
    satisfaction: int

    def __post_init__(self) -> None:
        if self.service + self.results + self.satisfaction != 100:
            raise ValueError("the weights of a yearly review sum to 100")


@dataclass(frozen=True, slots=True)
class RosterRules:
    """One document."""

    doc_no: str
    valid_from: date
    publicity_working_days: int
    mentor_term_months: int
    sessions_a_year: int
    session_minutes: int
    tenants_per_mentor: int
    mentor_weights: Weights
    mentor_results: int
    envoy_term_months: int
    visits_in_term: int
    visit_hours: int
    envoy_weights: Weights
    envoy_results: int
    grades: tuple[tuple[Decimal, Grade], ...]
    ahead_days: int

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> RosterRules:
        """Read one set as the file writes it."""
        mentor, envoy = values["mentor"], values["envoy"]
        grades = [(Decimal(row["from"]), Grade(row["grade"])) for row in values["grades"]]
        return cls(
            doc_no=values["doc_no"],
            valid_from=values["valid_from"],
            publicity_working_days=values["publicity_working_days"],
            mentor_term_months=mentor["term_months"],
            sessions_a_year=mentor["sessions_a_year"],
            session_minutes=mentor["session_minutes"],
            tenants_per_mentor=mentor["tenants_per_mentor"],
            mentor_weights=Weights(**mentor["weights"]),
            mentor_results=mentor["results_full"],
            envoy_term_months=envoy["term_months"],
            visits_in_term=envoy["visits_in_term"],
            visit_hours=envoy["visit_hours"],
            envoy_weights=Weights(**envoy["weights"]),
            envoy_results=envoy["results_full"],
            grades=tuple(sorted(grades, key=lambda row: row[0], reverse=True)),
            ahead_days=values["ahead_days"],
        )

    def grade_of(self, points: Decimal) -> Grade:
        """The grade of so many points; lower bounds are inclusive."""
        return next(grade for least, grade in self.grades if points >= least)


def in_force(sets: tuple[RosterRules, ...], day: date) -> RosterRules:
    """The latest document that was in force on a day; the oldest for days before all of them."""
    newest_first = sorted(sets, key=lambda each: each.valid_from, reverse=True)
    return next((each for each in newest_first if each.valid_from <= day), newest_first[-1])
