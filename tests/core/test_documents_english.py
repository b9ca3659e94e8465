"""Every refusal of a file or a document has its English wording, with the same values."""

import ast
import re
from string import Formatter

import pytest
from babel.messages.pofile import read_po

from matchmaker.core.paths import PACKAGE

CORE = PACKAGE / "core"
SOURCES = [*sorted((CORE / "tabular").glob("*.py")), *(CORE / f"{name}.py" for name in ("spreadsheets", "documents"))]
REFUSALS = {"refused", "DomainError", "Missing", "RowError"}


def refusals(source):
    for node in ast.walk(ast.parse(source.read_text("utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in REFUSALS:
            texts = [each.value for each in node.args if isinstance(each, ast.Constant) and isinstance(each.value, str)]
            yield from (text for text in texts if re.search("[一-鿿]", text))


def places(text):
    return sorted(name for _, name, _, _ in Formatter().parse(text) if name)


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_refusals_are_worded_in_english(source):
    with (PACKAGE / "translations" / "en" / "documents.po").open("rb") as file:
        english = {message.id: message.string for message in read_po(file) if message.id}

    for text in refusals(source):
        assert places(english[text]) == places(text)
