"""Every template is used, says nothing inline, escapes everything, and protects its forms."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "templates"
PAGES = {str(path.relative_to(TEMPLATES)): path.read_text(encoding="utf-8") for path in TEMPLATES.rglob("*.html")}
MAIL = {
    str(path.relative_to(TEMPLATES)): path for path in TEMPLATES.rglob("mail/*") if path.suffix in {".txt", ".html"}
}
CODE = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "matchmaker").rglob("*.py"))

FORBIDDEN = {  # a script of the type ld+json is data that no browser runs
    "an inline script": re.compile(r"<script(?![^>]*\bsrc=)(?! type=\"application/ld\+json\">)", re.I),
    "an inline style": re.compile(r"<style|\sstyle\s*=", re.I),
    "an inline handler": re.compile(r"<[^>{]*\son[a-z]+\s*=", re.I),
    "unescaped text": re.compile(r"\|\s*safe\b|autoescape\s+false", re.I),
    "something loaded from another site": re.compile(r"""\ssrc=["']https?://""", re.I),
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_template_holds(what):
    assert [name for name, text in PAGES.items() if FORBIDDEN[what].search(text)] == []


def test_every_template_is_used():
    everything = CODE + "\n".join(PAGES.values())
    pages = [name for name in PAGES if not name.startswith(("errors/", "layouts/")) and "/mail/" not in name]

    assert [name for name in pages if f'"{name}"' not in everything and f"'{name}'" not in everything] == []


def test_every_mail_is_sent_by_somebody():
    names = {name.rsplit(".", 1)[0] for name in MAIL if not Path(name).name.startswith("_")}

    assert [name for name in sorted(names) if name not in CODE and name.rsplit("/", 1)[1] not in CODE] == []


def test_every_form_that_posts_carries_its_token():
    unprotected = []
    for name, text in PAGES.items():
        for form in re.findall(r"<form\b[^>]*\bmethod=[\"']post[\"'].*?</form>", text, re.I | re.S):
            if not re.search(r"csrf_token|csrf\(|hidden_tag|token\(", form):
                unprotected.append(name)

    assert unprotected == []
