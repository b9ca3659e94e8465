"""`matchmaker judging assign`: who judges what, from files to a file."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from matchmaker.competition.cli.output import Refused, names, write

if TYPE_CHECKING:
    from matchmaker.competition.engine.assigning import Pair, Plan, Task
    from matchmaker.competition.engine.linking import Linked
    from matchmaker.core.tabular import Table

PROPOSAL_SECONDS = 10  # links and anchors are proposals: no long proof


@click.command("assign")
@click.option("--entries", required=True, type=click.Path(path_type=Path), help="columns entry, track")
@click.option(
    "--judges", required=True, type=click.Path(path_type=Path), help="columns judge, track, min, max[, standby]"
)
@click.option("--conflicts", type=click.Path(path_type=Path), help="columns judge, entry: never together")
@click.option("--affinity", type=click.Path(path_type=Path), help="columns judge, entry, score")
@click.option("--per-entry", required=True, metavar="K", help="judges for each entry")
@click.option("--seed", default="1", show_default=True, help="chooses among equally good plans")
@click.option(
    "--keep", type=click.Path(path_type=Path), help="an earlier plan (entry, judge), kept as far as it may be"
)
@click.option("--signed", type=click.Path(path_type=Path), help="pairs (entry, judge) that must stay")
@click.option("--cross", metavar="PERCENT", help="let at least so many of the scores cross tracks")
@click.option("--anchors", metavar="N", help="let nearly all judges score N entries besides")
@click.option("--seconds", default="60", show_default=True, help="for the proof in hard cases")
@click.option("--out", type=click.Path(path_type=Path), help="write here instead of to standard output")
def assign(out: Path | None, **given: Any) -> None:
    """Give every entry K judges: no conflict, every load kept, the entry that fares worst as well off as possible,
    then the largest sum, then the seed. Needs no database."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from matchmaker.competition.engine.assigning import plan
    from matchmaker.core.errors import DomainError, Refusals

    files = [given[name] for name in ("entries", "judges", "conflicts", "affinity", "keep", "signed") if given[name]]
    if out is not None and out.exists() and any(file.exists() and out.samefile(file) for file in files):
        raise Refused("--out 与输入文件是同一个文件，请换一个文件名")
    try:
        task = _task(given)
        found = plan(task)
        chosen, notes = _linked(task, found, given)
    except Refusals as refused:
        for line in refused.all[:-1]:
            click.echo(line, err=True)
        raise Refused(refused.all[-1]) from None
    except (DomainError, OSError) as error:
        raise Refused(error) from None
    for note in notes:
        click.echo(note, err=True)
    write(_written(chosen.pairs), out)


def _written(pairs: Iterable[Pair]) -> str:
    """The plan as CSV."""
    from matchmaker.core.spreadsheets import csv_cell

    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("entry", "judge"))
    writer.writerows([csv_cell(name, "text") for name in pair] for pair in pairs)
    return out.getvalue()


def _task(given: dict[str, Any]) -> Task:
    """What the files say."""
    from matchmaker.competition.engine import planfiles
    from matchmaker.competition.engine.assigning import Judge, Task

    entries = planfiles.read_entries(_opened(given["entries"]))
    judges = planfiles.read_judges(_opened(given["judges"]))
    known = {judge.id for judge in judges}
    conflicts, affinity, keep, signed = (
        _opened(given[name]) if given[name] else None for name in ("conflicts", "affinity", "keep", "signed")
    )
    stands = planfiles.read_pairs(signed) if signed else frozenset()
    gone = sorted({judge for entry, judge in stands if entry in entries} - known)
    return Task(
        entries=entries,
        judges=[*judges, *(Judge(name, left=True) for name in gone)],
        per_entry=_whole(given["per_entry"], "--per-entry", least=1),
        conflicts=planfiles.read_conflicts(conflicts, entries, known) if conflicts else frozenset(),
        affinity=planfiles.read_affinity(affinity, entries, known) if affinity else {},
        signed=stands,
        existing=planfiles.read_pairs(keep) if keep else frozenset(),
        seed=_whole(given["seed"], "--seed", least=None),
        seconds=_whole(given["seconds"], "--seconds", least=1),
    )


def _opened(file: Path) -> Table:
    """A table, whatever the file is called; what is wrong is said with its name."""
    from matchmaker.core.errors import DomainError
    from matchmaker.core.tabular import SUFFIXES, read_table

    try:
        return read_table(file, file.name if file.name.lower().endswith(SUFFIXES) else f"{file.name}.csv")
    except OSError as error:
        raise Refused(f"无法读取 {file}：{error.strerror}") from None
    except DomainError as error:
        raise Refused(f"{file.name}：{error}") from None


def _whole(text: str, option: str, *, least: int | None) -> int:
    try:
        number = int(text)
    except ValueError:
        raise Refused(f"{option} 应为整数：“{text[:30]}”") from None
    if least is not None and number < least:
        raise Refused(f"{option} 至少为 {least}")
    return number


def _linked(task: Task, base: Plan, given: dict[str, Any]) -> tuple[Plan, list[str]]:
    """The plan that was asked for, and what to know about it: floor, proof, connection, precision, links."""
    from matchmaker.competition.engine import linking

    percent = _whole(given["cross"], "--cross", least=0) if given["cross"] else 0
    count = _whole(given["anchors"], "--anchors", least=0) if given["anchors"] else 0
    notes = _about(task, base)
    chosen = base
    if given["keep"]:
        notes.append(f"保留原有 {len(base.kept)} 对，放弃 {len(base.dropped)} 对，新增 {len(base.new)} 对")
    task = replace(task, seconds=min(task.seconds, PROPOSAL_SECONDS))
    crossed = linking.with_links(task, base, share=(percent or 100 * linking.CROSSING) / 100)
    if crossed and percent:
        chosen, task = crossed.plan, crossed.task
    if crossed:
        done = "已安排" if percent else "建议（--cross）"
        notes.append(f"{done}跨赛道评审 {len(crossed.links)} 份：{_compared(crossed)}")
    anchored = linking.with_anchors(task, chosen, count=count) if count else None
    if anchored:
        chosen = anchored.plan
        notes.append(f"已安排共同项目 {names(anchored.anchors)}，多评 {anchored.more_scores} 份：{_compared(anchored)}")
    elif count:
        raise Refused("评委的上限不容许增加共同项目，请提高上限或减少共同项目")
    return chosen, notes


def _about(task: Task, found: Plan) -> list[str]:
    from matchmaker.competition.engine.linking import connectivity
    from matchmaker.competition.engine.precision import expected

    state, precision = connectivity(task.entries, found.pairs), expected(task.entries, found.pairs)
    proof = "已证明最优" if found.proved else f"限时内未能证明最优，最低不可能超过 {found.ceiling:.7g}"
    parts = "连通" if state.connected else f"分成互不相连的 {len(state.components)} 部分"
    return [
        f"共 {len(found.pairs)} 对；项目最低合计 {found.floor:.7g}，总计 {found.total:.10g}（{proof}）",
        f"评委与项目{parts}，跨赛道评分占 {state.share:.1%}；预计信度 {precision.reliability:.3f}，"
        f"两项之差的标准误 {precision.calibrated:.2f} 分（直接平均 {precision.plain:.2f} 分）",
    ]


def _compared(linked: Linked) -> str:
    parts = "连通" if linked.connectivity.connected else f"仍分成 {len(linked.connectivity.components)} 部分"
    return (
        f"{parts}，跨赛道占 {linked.connectivity.share:.1%}，标准误 {linked.precision.calibrated:.2f} 分，"
        f"最低合计少 {linked.floor_lost:.7g}，总计少 {linked.total_lost:.7g}"
    )
