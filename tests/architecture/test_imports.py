"""Which way imports go: the two tables below are the architecture; a wrong import is told in a sentence."""

from __future__ import annotations

import ast
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from matchmaker.app import FEATURES as INSTALLED

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "matchmaker"

# Inside and across features alike: a layer may import the layers named here (and itself, when it is a folder).
ACROSS = {"rules", "models", "access", "queries", "services"}  # may meet their like in another feature
READING = {"queries", "access", "models", "rules", "taxonomy"}
WRITING = READING | {"services"}
LAYERS: dict[str, set[str]] = {
    "rules": {"rules"},
    "engine": {"rules"},
    "models": {"rules"},
    "access": {"models", "rules"},
    "taxonomy": {"rules"},  # the directory's reference tables, read from seeds/
    "queries": {"access", "models", "rules", "taxonomy"},
    "encoding": {"engine", "queries", "models", "rules"},
    "gateways": {"engine", "rules"},
    "services": READING | {"gateways", "encoding", "engine", "documents"},
    "forms": {"queries", "models", "rules", "taxonomy"},
    "documents": READING,  # what a record looks like on paper
    "calendars": {"models", "rules"},  # what a record looks like in a calendar file
    "lists": WRITING,  # ListSpecs: their bulk actions are services
    "desk": READING,
    "importers": WRITING | {"gateways", "encoding"},
    "jobs": {"services", "queries", "rules"},
    "cli": {"services", "queries", "rules", "engine"},  # a command on files alone needs no service
    "pages": READING,  # the list component, called by views
    "views": WRITING | {"forms", "lists", "pages", "calendars", "documents"},
    "api": WRITING | {"forms", "lists", "documents"},
    "signing": WRITING | {"gateways"},  # the login loader
    "wiring": WRITING | {"views", "api", "jobs", "cli", "lists", "desk", "importers", "signing", "gateways", "pages"},
}

# Between features: a feature may import the features named here.
BASE = {
    "activity",
    "files",
    "notifications",
    "directory",
    "accounts",
    "lists",
    "imports",
    "webhooks",
    "publicity",
    "questionnaires",
}
OF_EVENTS = {"events", "programme", "invitations", "checkin"}  # what an event is made of
BETWEEN: dict[str, set[str]] = {
    "activity": set(),
    "files": {"activity"},
    "notifications": {"activity", "lists"},
    "lists": {"activity"},
    "directory": {"activity", "files", "notifications", "lists"},
    "accounts": {"activity", "files", "notifications", "lists", "directory"},
    "imports": {"activity", "files", "notifications", "lists", "directory", "accounts"},
    "webhooks": {"activity", "files", "notifications", "lists", "directory", "accounts"},
    "publicity": BASE - {"publicity", "questionnaires"},
    "questionnaires": BASE - {"publicity", "questionnaires"},
    "events": BASE,
    "programme": BASE | {"events"},
    "invitations": BASE | {"events"},
    "checkin": BASE | {"events", "programme"},
    "campaigns": BASE | OF_EVENTS,
    "badges": BASE | OF_EVENTS,
    "surveys": BASE | OF_EVENTS,
    "reports": BASE | OF_EVENTS | {"campaigns", "surveys"},
    "retention": BASE | OF_EVENTS | {"campaigns", "badges", "surveys"},
    "rosters": BASE,
    "candidacies": BASE | {"rosters"},
    "evaluation": BASE,
    "envoys": BASE | {"rosters", "candidacies"},
    "competition": BASE | {"rosters", "evaluation"},
    "finals": BASE | {"competition"},
    "voting": BASE | {"competition"},
    "alliances": BASE | {"rosters"},
    "incubation": BASE | {"competition", "rosters", "evaluation"},
    "matching": BASE | {"events", "rosters", "alliances", "incubation"},
    "rounds": BASE | {"rosters", "matching"},
    "mentoring": BASE | {"rosters", "incubation", "matching"},
    "monitoring": set(INSTALLED) - {"monitoring", "portal", "seeding"},
    "portal": set(INSTALLED),
    "seeding": set(INSTALLED),
}
# The words that every feature speaks: permissions and roles are named in views below accounts, too.
VOCABULARY = {("accounts", "rules")}
FREE_INSIDE = {"seeding"}  # loads data through services, like any client; its files have names of their own

# Libraries that a layer may not know.
NO_WEB = {"flask", "flask_babel", "flask_login", "flask_wtf", "wtforms", "apiflask", "werkzeug"}
NO_DATABASE = {"sqlalchemy", "flask_sqlalchemy", "alembic"}
NO_ENGINE = {"sklearn", "scipy"}
NO_OUTSIDE = {"httpx", "smtplib", "socket", "urllib3", "requests"}
FORBIDDEN: dict[str, set[str]] = {
    "rules": NO_WEB | NO_DATABASE | NO_ENGINE | NO_OUTSIDE | {"numpy"},
    "engine": NO_WEB | NO_DATABASE | NO_OUTSIDE,
    "models": NO_WEB | NO_ENGINE | NO_OUTSIDE,
    "access": NO_WEB | NO_DATABASE | NO_ENGINE | NO_OUTSIDE,
    "queries": NO_WEB - {"flask"} | NO_ENGINE | NO_OUTSIDE,
    "services": {"flask_login", "flask_wtf", "wtforms", "apiflask", "werkzeug"} | NO_ENGINE | NO_OUTSIDE,
    "forms": NO_ENGINE | NO_OUTSIDE,
    "views": NO_DATABASE | NO_ENGINE | NO_OUTSIDE,
    "api": NO_DATABASE | NO_ENGINE | NO_OUTSIDE,
    "jobs": NO_WEB | NO_DATABASE | NO_ENGINE | NO_OUTSIDE,
}
# What services and queries may take from Flask: addresses and settings, never the request.
FROM_FLASK = {"services": {"current_app", "url_for"}, "queries": {"current_app"}}
RENDERS_MAIL = "matchmaker/notifications/services.py"  # texts are written when they are queued
# Parts of the kernel that rules and engines may use; they load without Flask and SQLAlchemy.
PURE_KERNEL = {
    "assignment",
    "calendar",
    "errors",
    "feasibility",
    "folding",
    "labels",
    "money",
    "regions",
    "sentences",
    "tabular",
    "transitions",
    "paths",
}


@dataclass(frozen=True)
class Import:
    """One import: who, where, and what it names."""

    file: Path
    line: int
    module: str
    name: str

    @property
    def place(self) -> str:
        return f"{self.file.relative_to(ROOT)}:{self.line}"

    @property
    def target(self) -> list[str]:
        """The parts of what is imported, below the package."""
        return [*self.module.split("."), self.name][1:]


def place_of(file: Path) -> tuple[str, str]:
    """(feature or kernel part, layer) of a file."""
    parts = file.relative_to(PACKAGE).with_suffix("").parts
    return parts[0], parts[1] if len(parts) > 1 else ""


@cache
def imports() -> tuple[Import, ...]:
    """Every import of the package, those inside functions too; those for types alone left out."""
    found: list[Import] = []
    for file in sorted(PACKAGE.rglob("*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        for_types = {child for node in ast.walk(tree) if _is_type_checking(node) for child in ast.walk(node)}
        for node in ast.walk(tree):
            if node in for_types:
                continue
            if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
                found += [Import(file, node.lineno, node.module, alias.name) for alias in node.names]
            elif isinstance(node, ast.Import):
                found += [Import(file, node.lineno, alias.name, "") for alias in node.names]
    return tuple(found)


def _is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def ours() -> list[tuple[Import, str, str, str, str]]:
    """(import, feature, layer, other feature, other layer) of imports from feature to feature."""
    rows = []
    for found in imports():
        feature, layer = place_of(found.file)
        target = found.target
        if found.module.startswith("matchmaker") and feature in INSTALLED and target and target[0] in INSTALLED:
            rows.append((found, feature, layer, target[0], target[1] if len(target) > 1 else ""))
    return rows


def test_every_feature_and_every_layer_has_its_place_in_the_tables():
    files = [file for file in PACKAGE.rglob("*.py") if place_of(file)[0] in INSTALLED]
    layers = {place_of(file)[1] for file in files if place_of(file)[0] not in FREE_INSIDE} - {"__init__", ""}

    assert set(BETWEEN) == set(INSTALLED)
    assert layers - set(LAYERS) == set(), "a new kind of file: say in LAYERS what it may import"


def test_layers_import_only_downwards():
    wrong = [
        f"{found.place}: {layer} may not import {other}.{other_layer}"
        for found, feature, layer, other, other_layer in ours()
        if feature not in FREE_INSIDE
        and layer in LAYERS
        and other_layer in LAYERS
        and other_layer not in LAYERS[layer] | ({layer} if feature == other or layer in ACROSS else set())
    ]

    assert wrong == [], "\n".join(wrong)


def test_features_import_only_what_lies_below_them():
    wrong = [
        f"{found.place}: {feature} may not import {other}"
        for found, feature, _layer, other, other_layer in ours()
        if other != feature and other not in BETWEEN[feature] and (other, other_layer) not in VOCABULARY
    ]

    assert wrong == [], "\n".join(wrong)


def test_features_form_no_cycle():
    order: list[str] = []
    waiting = {name: set(below) - {name} for name, below in BETWEEN.items() if name not in {"portal", "seeding"}}
    while waiting:
        free = sorted(name for name, below in waiting.items() if below <= set(order))
        assert free, f"a cycle among {sorted(waiting)}"
        order += free
        waiting = {name: below for name, below in waiting.items() if name not in free}


def test_the_kernel_knows_no_feature():
    wrong = [
        f"{found.place}: the kernel may not import {found.target[0]}"
        for found in imports()
        if place_of(found.file)[0] == "core" and found.module.startswith("matchmaker.") and found.target[0] in INSTALLED
    ]

    assert wrong == [], "\n".join(wrong)


def test_layers_know_only_the_libraries_of_their_trade():
    wrong = []
    for found in imports():
        feature, layer = place_of(found.file)
        library = found.module.split(".")[0]
        if feature not in INSTALLED or feature in FREE_INSIDE or layer not in FORBIDDEN:
            continue
        if library in FORBIDDEN[layer]:
            wrong.append(f"{found.place}: {layer} may not know {library}")
        if str(found.file.relative_to(ROOT)) == RENDERS_MAIL:
            continue
        if library == "flask" and layer in FROM_FLASK and found.name not in FROM_FLASK[layer]:
            wrong.append(f"{found.place}: {layer} may take only {sorted(FROM_FLASK[layer])} from flask")

    assert wrong == [], "\n".join(wrong)


def test_rules_and_engines_use_the_pure_kernel_only():
    wrong = [
        f"{found.place}: {place_of(found.file)[1]} may not import core.{found.target[1]}"
        for found in imports()
        if place_of(found.file)[0] in INSTALLED
        and place_of(found.file)[1] in {"rules", "engine"}
        and found.module.startswith("matchmaker.core")
        and found.target[1] not in PURE_KERNEL
    ]

    assert wrong == [], "\n".join(wrong)


def calls(names: set[str]) -> list[str]:
    """Where methods or functions of these dotted names are called outside the kernel's own two files."""
    allowed = {"core/db.py", "core/clock.py", "migrations/env.py"}
    found = []
    for file in sorted(PACKAGE.rglob("*.py")):
        if str(file.relative_to(PACKAGE)) in allowed:
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and any(ast.unparse(node.func).endswith(name) for name in names):
                found.append(f"{file.relative_to(ROOT)}:{node.lineno}: {ast.unparse(node.func)}()")
    return found


def test_only_the_kernel_commits():
    assert calls({"session.commit"}) == []


def test_only_the_kernel_reads_the_clock():
    assert calls({"datetime.now", "datetime.utcnow", "date.today", "datetime.today", "time.time"}) == []


BLOCKER = """
import importlib, sys
class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"flask", "sqlalchemy", "flask_sqlalchemy", "wtforms", "flask_babel"}:
            raise ImportError(f"{name} is not for pure modules")
sys.meta_path.insert(0, Blocker())
for module in sys.argv[1:]:
    importlib.import_module(module)
"""


@pytest.mark.slow
def test_pure_modules_load_without_flask_and_sqlalchemy():
    pure = [f for f in PACKAGE.rglob("*.py") if place_of(f)[0] in INSTALLED and place_of(f)[1] in {"rules", "engine"}]
    kernel = [PACKAGE / "core" / name for name in sorted(PURE_KERNEL)]
    modules = [".".join(file.relative_to(ROOT).with_suffix("").parts) for file in [*pure, *kernel]]
    names = sorted(module.removesuffix(".__init__") for module in modules)

    done = subprocess.run([sys.executable, "-c", BLOCKER, *names], cwd=ROOT, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr[-1500:]
