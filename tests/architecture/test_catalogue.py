"""Chinese first, English complete: every text that people see has one English wording, and none is
left over.

Texts are found three ways: in calls (`_()`, `lazy_gettext`, refusals …) by Babel's extractors, in
labels of enumerations and in what features declare (links, lists, jobs …) by asking the running
objects, and in rule files as any Chinese string literal that a catalogue knows.
"""

from __future__ import annotations

import ast
import dataclasses
import importlib
import pkgutil
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po

import matchmaker
from matchmaker.core.labels import Labelled

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "matchmaker" / "translations" / "en"
CALLS = {
    "_": None,
    "_l": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "DomainError": None,
    "Conflict": None,
    "NotPermitted": None,
    "Missing": None,
}
CHINESE = re.compile(r"[\u4e00-\u9fff]")
FOREIGN = re.compile(r"[^\x00-\x7f]")
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|\{(\w+)\}")


@cache
def catalogues() -> dict[str, list[tuple[str, str]]]:
    """id → (feature, English) of every catalogue file."""
    found: dict[str, list[tuple[str, str]]] = {}
    for path in sorted(FOLDER.glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale="en", charset="utf-8"):
                if message.id:
                    key = message.id if isinstance(message.id, str) else message.id[0]
                    text = message.string if isinstance(message.string, str) else message.string[-1]
                    found.setdefault(key, []).append((path.stem, text))
    return found


def called() -> Iterator[tuple[str, str]]:
    """Texts handed to a translating call: (where, id)."""
    for folder, methods in (
        (ROOT / "matchmaker", {".py": "python"}),
        (ROOT / "templates", {".html": "jinja2", ".txt": "jinja2"}),
    ):
        for path in sorted(folder.rglob("*")):
            if path.suffix in methods and "migrations" not in path.parts:
                for line, text, _comments, _context in extract_from_file(
                    methods[path.suffix], str(path), keywords=CALLS
                ):
                    key = text[0] if isinstance(text, tuple) else text
                    if key and FOREIGN.search(key):
                        yield f"{path.relative_to(ROOT)}:{line}", key


def labelled() -> Iterator[tuple[str, str]]:
    """Labels of every enumeration."""
    for module in pkgutil.walk_packages(matchmaker.__path__, "matchmaker."):
        if "migrations" not in module.name and not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    waiting = list(Labelled.__subclasses__())
    while waiting:
        kind = waiting.pop()
        waiting.extend(kind.__subclasses__())
        for member in kind if kind.__module__.startswith("matchmaker.") else ():
            if CHINESE.search(member.label):
                yield f"{kind.__module__}.{kind.__name__}", member.label


def declared(application) -> Iterator[tuple[str, str]]:
    """Titles that features declare."""
    for feature in application.extensions["matchmaker.features"].all:
        for kind in ("links", "lists", "panels", "jobs", "desk", "search", "importers"):
            for thing in getattr(feature, kind):
                yield from _texts(f"{feature.name}.{kind}", thing)
        if feature.activities:
            yield from _texts(f"{feature.name}.activities", (feature.title, *feature.activities.values()))


def _texts(where: str, thing: object) -> Iterator[tuple[str, str]]:
    if isinstance(thing, str):
        if CHINESE.search(thing):
            yield where, thing
    elif isinstance(thing, (list, tuple, frozenset)):
        for part in thing:
            yield from _texts(where, part)
    elif dataclasses.is_dataclass(thing) and not isinstance(thing, type):
        for spec in dataclasses.fields(thing):
            if spec.name not in {"aliases", "name", "key", "fields_from"}:
                yield from _texts(f"{where}.{spec.name}", getattr(thing, spec.name))


def test_every_text_has_an_english_wording(application):
    known = catalogues()
    missing = sorted(
        {
            f"{text}    ({where})"
            for source in (called(), labelled(), declared(application))
            for where, text in source
            if text not in known
        }
    )

    assert missing == []


def test_a_text_reads_the_same_in_every_feature():
    differing = {text: rows for text, rows in catalogues().items() if len({english for _feature, english in rows}) > 1}

    assert differing == {}


def test_placeholders_survive_translation():
    def names(text: str) -> set[str]:
        return {first or second for first, second in PLACEHOLDER.findall(text)}

    lost = {
        text: rows for text, rows in catalogues().items() for _feature, english in rows if names(text) != names(english)
    }

    assert lost == {}


def test_english_is_english():
    empty = sorted(
        text
        for text, rows in catalogues().items()
        for _feature, english in rows
        if not english.strip() and text.strip()
    )
    chinese = sorted(
        f"{text}: {english}"
        for text, rows in catalogues().items()
        for _f, english in rows
        if CHINESE.search(english) and english != text
    )

    assert empty == []
    assert [line for line in chinese if not re.search(r"科创通|GB/T|〔", line)] == []


@pytest.fixture(scope="module")
def literals() -> set[str]:
    """Every Chinese string literal of the package, for texts that reach gettext by way of data."""
    found: set[str] = set()
    for path in (ROOT / "matchmaker").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and FOREIGN.search(node.value):
                found.add(node.value)
    return found


def test_no_wording_is_left_over(application, literals):
    used = {text for source in (called(), labelled(), declared(application)) for _where, text in source} | literals
    seeds = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "seeds" / "reference").glob("*.*"))

    assert sorted(text for text in catalogues() if text not in used and text not in seeds) == []
