"""Every Chinese text of files and publicity has its English, with the same values."""

from __future__ import annotations

import ast
import re
from string import Formatter

import pytest
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po

from matchmaker.core.paths import PACKAGE, resource_dir

CHINESE = re.compile("[一-鿿]")
OFFICIAL = {"documents.py"}  # notices and certificates are issued in Chinese
STORED = {
    "公示〔{}〕{} 号",
    "异议处理：{}",
    "撤销证书 {}",
    "至",
    "到",
    "附件",
    "已注销",
    "异议人已撤回异议",
    r"[\u2010-\u2015\u2212]",
}
CALLS = {"_": None, "gettext": None}


def english():
    texts = {}
    for path in (PACKAGE / "translations" / "en").glob("*.po"):
        with path.open("rb") as file:
            texts |= {message.id: message.string for message in read_po(file) if message.id and message.string}
    return texts


def python_texts(path):
    tree = ast.parse(path.read_text("utf-8"))
    hidden = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    hidden |= {part for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        shown = isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in hidden
        if shown and CHINESE.search(node.value) and node.value not in STORED:
            yield node.value


def template_texts(path):
    for _line, text, _comments, _context in extract_from_file("jinja2.ext.babel_extract", path, keywords=CALLS):
        if CHINESE.search(text):
            yield text


SOURCES = [
    *sorted(p for f in ("files", "publicity") for p in (PACKAGE / f).rglob("*.py") if p.name not in OFFICIAL),
    *sorted(p for f in ("files", "publicity") for p in (resource_dir("templates") / f).rglob("*.*")),
]


def places(text):
    named = re.findall(r"%\((\w+)\)", text)
    return sorted(named or [name for _, name, _, _ in Formatter().parse(text.replace("%", "")) if name])


@pytest.mark.parametrize("source", SOURCES, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_every_text_is_worded_in_english(source):
    texts = english()
    found = list(python_texts(source) if source.suffix == ".py" else template_texts(source))

    assert [text for text in found if text not in texts] == []
    assert all(places(texts[text]) == places(text) for text in found)
