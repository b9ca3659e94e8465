"""Sizes of files and functions: the gates of `test_shape`, and the figures that `make shape` prints."""

from __future__ import annotations

import ast
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[2]
FILE_LIMIT = 400
FUNCTION_LIMIT = {"matchmaker": 50, "tests": 80}  # a journey tells a whole story
FOLDERS = tuple(FUNCTION_LIMIT)


def files(folder: str) -> list[Path]:
    """The Python files of a top folder; generated migrations have the shape of the schema."""
    return [file for file in sorted((ROOT / folder).rglob("*.py")) if "versions" not in file.parts]


def length(file: Path) -> int:
    """Lines of a file."""
    return len(file.read_text(encoding="utf-8").splitlines())


def functions(file: Path) -> list[tuple[str, int]]:
    """(place, lines) of each function of a file."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return [
        (f"{file.relative_to(ROOT)}:{node.lineno} {node.name}", (node.end_lineno or node.lineno) - node.lineno + 1)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def percentile(values: list[int], share: float) -> int:
    """The value below which `share` of all lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def main() -> None:
    """Print what is never a gate: medians and tails."""
    for folder in FOLDERS:
        sizes = [length(file) for file in files(folder)]
        lengths = [lines for file in files(folder) for _place, lines in functions(file)]
        print(f"{folder}: {len(sizes)} files, {sum(sizes)} lines; file median {median(sizes):.0f}", end=", ")
        print(f"p90 {percentile(sizes, 0.9)}; function median {median(lengths):.0f}, p90 {percentile(lengths, 0.9)}")
    views = [n for f in files("matchmaker") if "views" in str(f) for _place, n in functions(f)]
    print(f"views: function p90 {percentile(views, 0.9)}")
    ours, proofs = (sum(map(length, files(folder))) for folder in FOLDERS)
    print(f"tests per line: {proofs / ours:.2f}")
    longest = sorted((row for f in files("matchmaker") for row in functions(f)), key=lambda row: -row[1])[:8]
    print("longest functions:", *(f"{lines:4} {place}" for place, lines in longest), sep="\n  ")


if __name__ == "__main__":
    main()
