"""Nothing grows out of shape: files, functions, docstrings."""

from __future__ import annotations

import ast

import pytest

from tests.architecture import shape


@pytest.mark.parametrize("folder", shape.FOLDERS)
def test_files_stay_short(folder):
    long = {str(f.relative_to(shape.ROOT)): shape.length(f) for f in shape.files(folder)}

    assert {name: lines for name, lines in long.items() if lines > shape.FILE_LIMIT} == {}


@pytest.mark.parametrize("folder", shape.FOLDERS)
def test_functions_stay_short(folder):
    rows = [row for file in shape.files(folder) for row in shape.functions(file)]

    assert [row for row in rows if row[1] > shape.FUNCTION_LIMIT[folder]] == []


@pytest.mark.parametrize("folder", shape.FOLDERS)
def test_every_module_says_what_it_is(folder):
    silent = [
        str(file.relative_to(shape.ROOT))
        for file in shape.files(folder)
        if not ast.get_docstring(ast.parse(file.read_text(encoding="utf-8")))
    ]

    assert silent == []
