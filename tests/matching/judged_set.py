"""The judged needs: reading, halves, words in common, and how well an engine answers them."""

from __future__ import annotations

import csv
import hashlib
import json
import re
from pathlib import Path

from sklearn.feature_extraction.text import TfidfVectorizer

from matchmaker.matching.engine import evaluation
from matchmaker.matching.engine.pairs import Pairs
from matchmaker.matching.engine.profiles import Need, Profile

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


def profiles():
    """The judged profiles as the engine sees them, in the order of the file."""
    return [Profile(row["id"], "", tuple((text, 1.0) for text in row["texts"])) for row in read("profiles").values()]


def plain(needs):
    """Scores of each need and profile by the plainest engine: TF-IDF of characters and pairs, one text a profile."""
    vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(1, 2), sublinear_tf=True)
    offered = vectorizer.fit_transform(["\n".join(row["texts"]).lower() for row in read("profiles").values()])
    asked = vectorizer.transform(["\n".join(row["texts"]).lower() for row in needs])
    return (asked @ offered.T).toarray()


def ours(needs, encoder=None):
    """Scores of each need and profile by the engine, from words alone or with meaning."""
    return list(Pairs(profiles(), encoder=encoder).scores([Need("\n".join(row["texts"])) for row in needs]))


def figures(needs, scores):
    """{"hit@1": one figure a need, "nDCG@10": one figure a need}."""
    ids, judged = list(read("profiles")), truth()
    found = {"hit@1": [], "nDCG@10": []}
    for need, row in zip(needs, scores, strict=True):
        ranking = [ids[place] for place in sorted(range(len(ids)), key=lambda place: (-row[place], ids[place]))]
        gains = judged[need["id"]]
        found["hit@1"].append(float(gains.get(ranking[0], 0) > 0))
        found["nDCG@10"].append(evaluation.ndcg(ranking, gains, k=10))
    return found
