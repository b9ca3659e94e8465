"""The judged needs: reading, halves, and the words that a need and a profile share."""

from __future__ import annotations

import csv
import hashlib
import json
import re
from pathlib import Path

FOLDER = Path(__file__).parent / "judged"
LATIN = re.compile(r"[a-z][a-z0-9]*|\d+[a-z]+")
CHINESE = re.compile(r"[\u4e00-\u9fff]+")


def read(name):
    """Texts by id, in the order of the file."""
    with (FOLDER / f"{name}.jsonl").open(encoding="utf-8") as lines:
        return {row["id"]: row for row in map(json.loads, lines)}


def truth():
    """Relevance of each listed profile, by need."""
    judged: dict[str, dict[str, int]] = {}
    with (FOLDER / "truth.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            judged.setdefault(row["need"], {})[row["profile"]] = int(row["relevance"])
    return judged


def for_choosing(need_id):
    """Whether a need belongs to the half on which parameters are chosen; the other half is reported."""
    return hashlib.sha256(need_id.encode()).digest()[0] % 2 == 0


def words(texts):
    """Pairs of neighbouring Chinese characters and Latin words, whatever they mean."""
    text = " | ".join(texts).lower()
    pairs = {run[i : i + 2] for run in CHINESE.findall(text) for i in range(len(run) - 1)}
    return pairs | set(LATIN.findall(text))


def language(texts):
    """zh, en or mixed."""
    text = " ".join(texts)
    if not CHINESE.search(text):
        return "en"
    return "mixed" if re.search(r"[A-Za-z]{2,}", text) else "zh"
