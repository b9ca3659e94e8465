"""Every Chinese sentence of rules, engine and assignment has its English, with the same values."""

import ast
import re
from string import Formatter

import pytest
from babel.messages.pofile import read_po

from matchmaker.core.paths import PACKAGE

SOURCES = [
    *sorted((PACKAGE / "matching" / "rules").glob("*.py")),
    *sorted((PACKAGE / "matching" / "engine").glob("*.py")),
    *sorted((PACKAGE / "core" / "assignment").glob("*.py")),
    PACKAGE / "core" / "feasibility.py",
]
NOT_SHOWN = {"HOLLOW_CHINESE", "PARTICLES", "COMMONPLACES", "CJK", "PRIOR", "QUANTITIES"}
OF_TEXTS = {
    "SAYING_WORDS",
    "MASKS",
    "QUOTED",
    "TRADEMARK",
    "CHINESE",
}  # of masking: compared with texts or put into them


def is_hidden(node):
    """Docstrings, and constants that no reader sees."""
    return isinstance(node, ast.Expr) or (
        isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in NOT_SHOWN | OF_TEXTS
    )


def shown_texts(source):
    tree = ast.parse(source.read_text("utf-8"))
    hidden = {part for node in ast.walk(tree) if is_hidden(node) for part in ast.walk(node.value)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and node not in hidden and re.search("[一-鿿、]", str(node.value)):
            yield node.value


def places(text):
    return sorted(name for _, name, _, _ in Formatter().parse(text) if name)


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_every_text_is_worded_in_english(source):
    english = {}
    for path in sorted((PACKAGE / "translations" / "en").glob("*.po")):  # one wording across all features
        with path.open("rb") as file:
            english |= {message.id: message.string for message in read_po(file) if isinstance(message.id, str)}

    for text in shown_texts(source):
        assert places(english[text]) == places(text)
