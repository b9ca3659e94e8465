"""Reads the seed files."""

from __future__ import annotations

import csv
from typing import Any

import yaml

from matchmaker.core import paths


def rows(folder: str, name: str) -> list[dict[str, str]]:
    """The rows of `seeds/FOLDER/NAME.csv` as text."""
    path = paths.resource_dir("seeds") / folder / f"{name}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def document(folder: str, name: str) -> dict[str, Any]:
    """The content of `seeds/FOLDER/NAME.yaml`."""
    text = (paths.resource_dir("seeds") / folder / f"{name}.yaml").read_text(encoding="utf-8")
    content: dict[str, Any] = yaml.safe_load(text)
    return content
