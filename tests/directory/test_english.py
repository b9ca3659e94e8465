"""Every Chinese text of the directory and of imports has its English."""

from __future__ import annotations

import ast
import csv
import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
CHINESE = re.compile("[\u4e00-\u9fff]")
SAMPLE = "样例研究者"  # part of a sample profile's name, which is data


def english():
    found = set()
    for path in (ROOT / "matchmaker/translations/en").glob("*.po"):
        with path.open("rb") as file:
            found |= {m.id if isinstance(m.id, str) else m.id[0] for m in read_po(file, locale="en") if m.string}
    return found


def texts_of_code(folder):
    for path in sorted((ROOT / "matchmaker" / folder).rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        bodies = [
            n.body for n in ast.walk(tree) if isinstance(n, ast.Module | ast.FunctionDef | ast.ClassDef) and n.body
        ]
        skipped = {id(body[0].value) for body in bodies if isinstance(body[0], ast.Expr)}  # docstrings
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "ImportField":
                skipped |= {id(each) for alias in node.args[3:4] for each in ast.walk(alias)}  # aliases
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in skipped:
                yield node.value


def texts_of_templates(folder):
    for path in sorted((ROOT / "templates" / folder).rglob("*.html")):
        for found in re.finditer(r"""_\((["'])(.*?)\1""", path.read_text(encoding="utf-8")):
            yield found.group(2)


@pytest.mark.parametrize("folder", ["directory", "imports"])
def test_every_chinese_text_has_its_english(folder):
    wanted = {text for text in (*texts_of_code(folder), *texts_of_templates(folder)) if CHINESE.search(text)}

    missing = sorted(text for text in wanted - english() if SAMPLE not in text)

    assert missing == []


def test_every_key_industry_has_its_english():
    with (ROOT / "seeds/reference/key_industries.csv").open(encoding="utf-8", newline="") as file:
        names = {row["name_zh"] for row in csv.DictReader(file)}

    assert names - english() == set()
