"""What a feature declares in its `wiring.py`, and the registry the application keeps of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import click
from flask import Flask, current_app

if TYPE_CHECKING:
    from flask import Blueprint

    from matchmaker.core.importing import ImportOption, ImportRun
    from matchmaker.core.lists import ListSpec
    from matchmaker.core.tabular import ImportField


@dataclass(frozen=True)
class Job:
    """Recurring work: `run()` opens its own transaction(s) and returns how much was done.

    Either `every` (an interval, slots counted from the epoch) or `daily_at` ("HH:MM" Beijing time).
    """

    name: str
    title: str
    run: Callable[[], int]
    every: timedelta | None = None
    daily_at: str | None = None


@dataclass(frozen=True)
class Link:
    """An entry of the navigation, shown to those who hold `permission` (None: anybody signed in; "public": all)."""

    title: str
    endpoint: str
    permission: str | None
    icon: str = "circle"
    group: str = "工作"
    order: int = 50
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Panel:
    """A part of another feature's record page: `endpoint` takes the record's id and answers a fragment."""

    on: str
    title: str
    endpoint: str
    permission: str | None = None
    order: int = 50


@dataclass(frozen=True)
class Tab:
    """A page of this feature about another feature's record, reached from a row of tabs on the record's pages.

    `endpoint` takes the record's id as `argument`; `shown(viewer, record)` runs no query of its own.
    """

    on: str
    title: str
    endpoint: str
    argument: str
    shown: Callable[[Any, Any], bool]
    order: int = 50


@dataclass(frozen=True)
class Part:
    """A part of another feature's page that is rendered with it: `template` gets what `data(viewer, record)` answers;
    None leaves it out."""

    on: str
    template: str
    data: Callable[[Any, Any], dict[str, Any] | None]
    order: int = 50


@dataclass(frozen=True)
class DeskItem:
    """One line of "what waits for me": a title, a number, where to go, and whether it is late."""

    title: str
    url: str
    count: int | None = None
    due: Any = None
    late: bool = False


@dataclass(frozen=True)
class DeskSource:
    """Where a desk gets its lines: `items(viewer)` runs at most a query or two; shown to holders of one of `roles`."""

    name: str
    roles: frozenset[str]
    items: Callable[[Any], Sequence[DeskItem]]
    section: str = "waiting"
    order: int = 50


@dataclass(frozen=True)
class SearchSource:
    """A kind of record the search in the top bar finds: `find(viewer, words)` gives (title, hint, url) rows."""

    title: str
    find: Callable[[Any, str], Sequence[tuple[str, str, str]]]
    order: int = 50


@dataclass(frozen=True)
class AgendaEntry:
    """One appointment in a person's calendar; `uid` is stable, `sequence` rises with every change."""

    uid: str
    title: str
    starts: datetime
    ends: datetime
    place: str
    url: str
    sequence: int
    updated: datetime
    tentative: bool = False
    cancelled: bool = False


@dataclass(frozen=True)
class Importer:
    """A kind of file that can be imported, declared by the feature that gets the rows (docs/import.md).

    `load(run)` gets a `core.importing.ImportRun` inside `transaction()` and reports an outcome for every line.
    `fields` may depend on the options: then it is a function of them.
    """

    key: str
    title: str
    permission: str
    fields: Sequence[ImportField] | Callable[[Mapping[str, Any]], Sequence[ImportField]]
    load: Callable[[ImportRun], None]
    options: Sequence[ImportOption] = ()
    hint: str = ""

    def fields_for(self, options: Mapping[str, Any]) -> tuple[ImportField, ...]:
        """The fields of a file that is read with these options."""
        return tuple(self.fields(options) if callable(self.fields) else self.fields)


@dataclass(frozen=True)
class Feature:
    """Everything a feature plugs into the application.

    `merges` are called as `merge(kept_id, dropped_id)` before every foreign key to an organisation is moved from the
    dropped record to the kept one: only tables where that would break a unique constraint need one.
    """

    name: str
    title: str
    blueprints: Sequence[Blueprint] = ()
    jobs: Sequence[Job] = ()
    commands: Sequence[click.Command] = ()
    links: Sequence[Link] = ()
    panels: Sequence[Panel] = ()
    tabs: Sequence[Tab] = ()
    parts: Sequence[Part] = ()
    lists: Sequence[ListSpec] = ()
    desk: Sequence[DeskSource] = ()
    search: Sequence[SearchSource] = ()
    importers: Sequence[Importer] = ()
    file_access: Mapping[str, Callable[[Any, int], bool]] = field(default_factory=dict)  # table: (viewer, subject id)
    questionnaire_access: Mapping[str, Callable[[Any, int], bool]] = field(default_factory=dict)
    """Who may edit the questionnaires of a record of that table: (viewer, record's id)."""
    answer_access: Mapping[str, Callable[[Any, int], bool]] = field(default_factory=dict)
    """Who sees the answers (and their files) that belong to a record of that table: (viewer, record's id)."""
    questionnaire_home: Mapping[str, Callable[[int], tuple[str, str]]] = field(default_factory=dict)
    """The title and address of the page a questionnaire of that table's record belongs to."""
    option_places: Mapping[str, Callable[[Any, Sequence[Any]], Mapping[str, int]]] = field(default_factory=dict)
    """Keeps the limited places of options: (questionnaire, wanted rules.places.Wanted) → option id → pool id."""
    places_left: Mapping[str, Callable[[Sequence[int]], Mapping[int, int]]] = field(default_factory=dict)
    """How many places the pools of options have left: (pool ids) → pool id → places."""
    merges: Sequence[Callable[[int, int], None]] = ()
    copies: Mapping[str, Callable[[Any, Any, timedelta], None]] = field(default_factory=dict)
    """What comes along when a record of that table is copied: called as `copy(source, copied, shift in time)`."""
    calendar_entries: Callable[[Sequence[Any], str], Sequence[Any]] | None = None
    """What belongs into a calendar beside registrations: (registrations, language) → calendar entries."""
    agenda: Callable[[Any], Sequence[AgendaEntry]] | None = None
    """What a person has in front of them and behind, for their own calendar: (user) → entries."""
    machine_data: Mapping[str, Callable[[Any, str], dict[str, Any]]] = field(default_factory=dict)
    """What machines (schema.org) are told of a record of that table: (record, language) → properties."""
    help_given: Callable[[Sequence[int]], Sequence[tuple[int, int, int | None, int | None]]] | None = None
    """Whom people of the directory helped: (ids) → (person, year, organisation's id, account's id)."""
    hidden_activities: Callable[[Any], Any] | None = None
    """Lines of the activity log that this viewer must not read, as a condition: (viewer) → SQL expression or None."""
    hidden_messages: Callable[[Any], Any] | None = None
    """Lines of the delivery log that this viewer must not read, as a condition: (viewer) → SQL expression or None."""
    activities: Mapping[str, str] = field(default_factory=dict)
    """What this feature writes into the activity log: kind → title in words."""
    after_record: Callable[[Any], None] | None = None
    """Called with every new line of the activity log, inside the transaction that writes it."""
    personal_data: Callable[[Any], dict[str, Any]] | None = None
    """What this feature holds about a user, JSON-ready: part of the person's own download."""
    forget: Callable[[Any], None] | None = None
    """Erase or make nameless what this feature holds about a user, inside the running transaction."""
    setup: Callable[[Flask], None] | None = None


class Features:
    """The installed features of an application, in import order."""

    def __init__(self, features: Iterable[Feature]) -> None:
        self.all = tuple(features)

    def each(self, attribute: str) -> list[Any]:
        """All declared things of one kind, e.g. `each("jobs")`."""
        return [thing for feature in self.all for thing in getattr(feature, attribute)]

    def merged(self, attribute: str) -> dict[str, Any]:
        """All declared mappings of one kind as one, e.g. `merged("file_access")`."""
        return {key: value for feature in self.all for key, value in getattr(feature, attribute).items()}

    def find(self, attribute: str, name: str, key: str = "name") -> Any | None:
        """The declared thing with that name, or None."""
        return next((thing for thing in self.each(attribute) if getattr(thing, key) == name), None)


def features() -> Features:
    """The registry of the running application."""
    registry: Features = current_app.extensions["matchmaker.features"]
    return registry


def activity_title(kind: str) -> str:
    """A kind of activity in words; a kind that a removed feature once wrote stays as it is."""
    return next((f.activities[kind] for f in features().all if kind in f.activities), kind)
