"""What pages load: vendored files match their record, icons exist, templates compile, the first page stays light."""

import gzip
import hashlib
import io
import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from jinja2 import Environment, FileSystemLoader, TemplateSyntaxError
from jinja2.ext import babel_extract

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "static"
TEMPLATES = ROOT / "templates"
BROWSER = ROOT / "tests/browser/vendor"
FIRST_PAGE = [
    "css/tokens.css",
    "css/site.css",
    "js/theme.js",
    "js/app.js",
    "js/drafts.js",
    "vendor/htmx.min.js",
    "img/icons.svg",
    "img/mark.svg",
]


def recorded(vendor_file: Path, folder: Path) -> list[tuple[Path, str]]:
    """The (file, sha256) pairs of a VENDOR.md table."""
    rows = re.findall(r"^\|.*\| ([\w./-]+) \| ([0-9a-f]{64}) \|$", vendor_file.read_text(), re.M)
    return [(folder / name, digest) for name, digest in rows]


@pytest.mark.parametrize(
    ("vendor_file", "folder", "count"),
    [
        (STATIC / "vendor/VENDOR.md", STATIC, 2),
        (ROOT / "tests/browser/vendor/VENDOR.md", ROOT / "tests/browser/vendor", 1),
    ],
    ids=["served", "tests"],
)
def test_vendored_files_are_the_recorded_ones(vendor_file, folder, count):
    rows = recorded(vendor_file, folder)

    assert len(rows) >= count
    assert [(path.name, hashlib.sha256(path.read_bytes()).hexdigest()) for path, _ in rows] == [
        (path.name, digest) for path, digest in rows
    ]


def test_every_template_compiles():
    environment = Environment(loader=FileSystemLoader(TEMPLATES), extensions=["jinja2.ext.i18n"], autoescape=True)

    def error(path):
        try:
            environment.parse(path.read_text(encoding="utf-8"), str(path.relative_to(TEMPLATES)))
        except TemplateSyntaxError as refused:
            return f"{refused.name}:{refused.lineno}: {refused.message}"
        return None

    assert [said for path in sorted(TEMPLATES.rglob("*.html")) if (said := error(path))] == []


def test_every_icon_named_is_in_the_sprite():
    known = set(re.findall(r'symbol id="([\w-]+)"', (STATIC / "img/icons.svg").read_text()))
    texts = [path.read_text(encoding="utf-8") for path in TEMPLATES.rglob("*.html")]

    named = {name for text in texts for name in re.findall(r'(?:icon\(|symbol=)"([\w-]+)"', text)}

    assert named - known == set()


def test_first_page_assets_leave_room_under_100_kilobytes():
    weight = sum(len(gzip.compress((STATIC / name).read_bytes(), mtime=0)) for name in FIRST_PAGE)

    assert weight < 60_000


def test_layouts_components_and_errors_have_their_english():
    with (ROOT / "matchmaker/translations/en/core.po").open("rb") as file:
        english = {
            message.id if isinstance(message.id, str) else message.id[0] for message in read_po(file) if message.string
        }

    shown = {
        text if isinstance(text, str) else text[0]
        for folder in ("layouts", "components", "errors")
        for path in (TEMPLATES / folder).glob("*.html")
        for _, _, text, _ in babel_extract(io.BytesIO(path.read_bytes()), ("_", "ngettext"), [], {"encoding": "utf-8"})
        if text
    }

    assert shown - english == set()
