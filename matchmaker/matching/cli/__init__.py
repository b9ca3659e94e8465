"""Commands of matching: `matchmaker match …`, on files alone.

The group is loaded without the application (`matchmaker.cli.LIGHT`): what a command needs is imported inside it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from matchmaker.matching.cli.files import Entry, Refused, needs_in, profiles_in, truth_in, write

if TYPE_CHECKING:
    import numpy as np

    from matchmaker.matching.engine.semantic import Encoder

AT = (1, 5, 10)
NAMED, LONGEST_NAME = 5, 40  # ids on one line of the screen
FILE = click.Path(path_type=Path)
NO_ENCODER = "没有安装语义扩展，请运行 pip install 'shuimo-matchmaker[semantic]'，或去掉 --semantic"
profiles_option = click.option(
    "--profiles", required=True, type=FILE, help="JSON Lines: id, texts and, if any, tags, kind"
)
needs_option = click.option("--needs", required=True, type=FILE, help="JSON Lines: id, texts and, if any, tags, kind")
semantic_option = click.option("--semantic", is_flag=True, help="compare meanings too (needs the extra `semantic`)")
out_option = click.option("--out", type=FILE, help="write here instead of to standard output")


@click.group("match")
def match() -> None:
    """Matching needs with helpers: rankings from files, and how good they are."""


@match.command("rank")
@profiles_option
@needs_option
@click.option("--top", type=click.IntRange(min=1), help="only the best so many of each need; default: every pair")
@semantic_option
@out_option
def rank(profiles: Path, needs: Path, top: int | None, semantic: bool, out: Path | None) -> None:
    """Score each profile for each need and write the CSV columns need, profile, score, best first.

    A score lies in [0, 1] and depends on that need, that profile and the file of profiles only, so it can be compared
    between needs. Whoever has no text that can be compared scores 0 and is named. Needs no database."""
    from matchmaker.core.spreadsheets import csv_cell

    _keep_apart(out, profiles, needs)
    helpers, wishes = profiles_in(profiles), needs_in(needs)
    names = {entry.id: _quoted(csv_cell(entry.id, "text")) for entry in [*helpers, *wishes]}
    lines = ["need,profile,score"]
    for wish, order, scores in _ranked(helpers, wishes, semantic=semantic):
        lines += (f"{names[wish.id]},{names[helpers[row].id]},{scores[row]:.12f}" for row in order[:top])
    write("\n".join(lines) + "\n", out)


@match.command("evaluate")
@profiles_option
@needs_option
@click.option("--truth", required=True, type=FILE, help="CSV: need, profile and, where there is any, relevance")
@semantic_option
@out_option
def evaluate(profiles: Path, needs: Path, truth: Path, semantic: bool, out: Path | None) -> None:
    """How well the right profiles stand at the top: R@1, R@5, R@10, MRR and nDCG@10, as CSV measure,value.

    Needs without any right profile in the truth are left out. Needs no database."""
    _keep_apart(out, profiles, needs, truth)
    helpers, wishes = profiles_in(profiles), needs_in(needs)
    known = truth_in(truth, needs={wish.id for wish in wishes}, profiles={helper.id for helper in helpers})
    judged = [wish for wish in wishes if wish.id in known]
    if len(judged) < len(wishes):
        click.echo(f"{len(wishes) - len(judged)} 条需求在标准答案里没有合适的服务者，未计入", err=True)
    rankings = [
        [helpers[row].id for row in order] for _wish, order, _scores in _ranked(helpers, judged, semantic=semantic)
    ]
    figures = _measured(rankings, [known[wish.id] for wish in judged])
    write("".join(f"{name},{value}\n" for name, value in [("measure", "value"), *figures]), out)


def _measured(rankings: list[list[str]], gains: list[dict[str, float]]) -> list[tuple[str, str]]:
    from matchmaker.matching.engine import evaluation

    relevant = [{profile for profile, gain in given.items() if gain > 0} for given in gains]
    found = {f"R@{k}": evaluation.recall_at(rankings, relevant, k=k) for k in AT}
    found["MRR"] = evaluation.mean_reciprocal_rank(rankings, relevant)
    each = [evaluation.ndcg(ids, given, k=10) for ids, given in zip(rankings, gains, strict=True)]
    found["nDCG@10"] = sum(each) / len(each)
    return [("needs", str(len(gains))), *((name, f"{value:.6f}") for name, value in found.items())]


def _ranked(
    helpers: Sequence[Entry], wishes: Sequence[Entry], *, semantic: bool
) -> Iterator[tuple[Entry, list[int], np.ndarray]]:
    """Each need with the rows of the profiles, best first, and their scores; a silent need keeps the file's order."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # the same digits on any number of cores
    import numpy as np

    from matchmaker.matching.engine import ranking
    from matchmaker.matching.engine import semantic as meaning
    from matchmaker.matching.engine.pairs import Pairs

    encoder = meaning.encoder() if semantic else None
    if semantic and encoder is None:
        raise Refused(NO_ENCODER)
    _name_silent(helpers, "位服务者")
    _name_silent(wishes, "条需求")
    pairs = Pairs([helper.profile() for helper in helpers], encoder=encoder and Watched(encoder))
    by_id = np.argsort(np.argsort([helper.id for helper in helpers], kind="stable"), kind="stable")
    for wish, scores in zip(wishes, pairs.scores([wish.need() for wish in wishes]), strict=True):
        order = np.lexsort((by_id, -np.round(scores, ranking.SAME))).tolist() if wish.texts else range(len(helpers))
        yield wish, list(order), scores


def _name_silent(entries: Sequence[Entry], what: str) -> None:
    """One line on those that say nothing and so score 0: how many, and the first of them."""
    names = [entry.id for entry in entries if not entry.texts]
    if names:
        first = "、".join(f"{name[:LONGEST_NAME]}…" if len(name) > LONGEST_NAME else name for name in names[:NAMED])
        more = " 等" if len(names) > NAMED else ""
        click.echo(f"{len(names)} {what}没有可以比较的文字，得分记为 0：{first}{more}", err=True)


class Watched:
    """An encoder that shows how far it is where there is much to encode."""

    MUCH, AT_ONCE = 200, 64

    def __init__(self, encoder: Encoder) -> None:
        self.name, self.dimensions = encoder.name, encoder.dimensions
        self._encoder = encoder

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """See `Encoder`."""
        import numpy as np

        from matchmaker.core import progress

        if len(texts) < self.MUCH:
            return self._encoder.encode(texts)
        found = []
        with progress.shown("语义向量") as step:
            for start in range(0, len(texts), self.AT_ONCE):
                step("", start, len(texts))
                found.append(self._encoder.encode(texts[start : start + self.AT_ONCE]))
        return np.concatenate(found)


def _keep_apart(out: Path | None, *given: Path) -> None:
    if out is not None and out.exists() and any(path.exists() and out.samefile(path) for path in given):
        raise Refused("--out 与输入文件是同一个文件，请换一个文件名")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"' if any(sign in name for sign in ',"\r\n') else name
