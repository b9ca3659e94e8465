"""Loading reference data (any number of times) and demo data (once). Both open their own transactions."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from matchmaker.core.db import transaction
from matchmaker.seeding import (
    demo_alliances,
    demo_contests,
    demo_directory,
    demo_events,
    demo_incubation,
    demo_matching,
    demo_people,
    demo_rosters,
    demo_titles,
    reference,
    reference_plan,
)
from matchmaker.seeding.demo import Demo, Loader

Progress = Callable[[str, int, int], None]  # title, steps done, steps in all

REFERENCE: Sequence[tuple[str, Callable[[], int]]] = (
    ("regions", reference.load_regions),
    ("industries", reference.load_industries),
    ("disciplines", reference.load_disciplines),
    ("high_tech_fields", reference.load_high_tech_fields),
    ("key_industries", reference.load_key_industries),
    ("workdays", reference.load_workdays),
    ("plan", reference_plan.load_plan),
)
# Each file after those it refers to.
DEMO: Sequence[tuple[str, Loader]] = (
    ("organisations", demo_directory.load_organisations),
    ("accounts", demo_directory.load_accounts),
    ("mentors", demo_people.load_mentors),
    ("envoys", demo_rosters.load_envoys),
    ("researchers", demo_people.load_researchers),
    ("results", demo_people.load_results),
    ("investors", demo_people.load_investors),
    ("events", demo_events.load_events),
    ("registrations", demo_events.load_registrations),
    ("invitations", demo_events.load_invitations),
    ("event_days", demo_events.load_event_days),
    ("needs", demo_matching.load_needs),
    ("help_requests", demo_matching.load_help_requests),
    ("service_records", demo_matching.load_service_records),
    ("carriers", demo_rosters.load_carriers),
    ("tenancies", demo_incubation.load_tenancies),
    ("titles", demo_titles.load_titles),
    ("contests", demo_contests.load_contests),
    ("entries", demo_contests.load_entries),
    ("judges", demo_contests.load_judges),
    ("recusals", demo_contests.load_recusals),
    ("ballots", demo_contests.load_ballots),
    ("alliances", demo_alliances.load_alliances),
    ("alliance_members", demo_alliances.load_alliance_members),
    ("joint_projects", demo_alliances.load_joint_projects),
)


def load_reference(progress: Progress | None = None) -> dict[str, int]:
    """Insert or update the published lists and the plan; returns how many rows of each were new or changed."""
    counts: dict[str, int] = {}
    for step, (name, load) in enumerate(REFERENCE, start=1):
        with transaction():
            counts[name] = load()
        _tell(progress, name, step, len(REFERENCE))
    return counts


def load_demo(progress: Progress | None = None) -> dict[str, int]:
    """Lay the demo through the services, file by file; returns how many rows of each were loaded, 0 the second time.

    Reference data must be loaded before. Each file is one transaction, so a run that was cut off goes on where it was.
    """
    counts: dict[str, int] = {}
    for step, (name, load) in enumerate(DEMO, start=1):
        with transaction():
            counts[name] = load(Demo())
        _tell(progress, name, step, len(DEMO))
    return counts


def _tell(progress: Progress | None, name: str, step: int, steps: int) -> None:
    if progress is not None:
        progress(name, step, steps)
