"""Commands of the competition: `matchmaker judging …`.

The group is loaded without the application (`matchmaker.cli.LIGHT`): what a command needs is imported inside it.
"""

from __future__ import annotations

import csv
import io
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click
from flask.cli import with_appcontext

from matchmaker.competition.cli.assigning import assign
from matchmaker.competition.cli.output import Refused, names, write

if TYPE_CHECKING:
    from matchmaker.competition.engine.calibration import Gate
    from matchmaker.competition.engine.ranking import Ranking

RULES = ("mean", "trimmed", "standard", "calibrated", "scaled")
COLUMNS = ("entry", "score", "se", "rank")


@click.group("judging")
def judging() -> None:
    """Judging a competition: who judges what, ranks from ballots."""


judging.add_command(assign)


@judging.command("rank")
@click.argument("ballots", type=click.Path(path_type=Path))
@click.option("--rule", required=True, type=click.Choice(RULES))
@click.option("--out", type=click.Path(path_type=Path), help="write here instead of to standard output")
@click.option("--stage", help="the stage to rank, where the file has several")
@click.option("--by-track", is_flag=True, help="a ranking for each track instead of one over all")
def rank(ballots: Path, rule: str, out: Path | None, stage: str | None, by_track: bool) -> None:
    """Rank the entries of BALLOTS, a CSV or XLSX file with the columns entry, judge, score and, where there are any,
    criterion, weight, track and stage. Needs no database."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # small matrices: more threads only wait for each other
    from matchmaker.competition.engine.ranking import Rule
    from matchmaker.competition.engine.ranking import rank as ranked
    from matchmaker.competition.engine.reading import read_ballots
    from matchmaker.core.errors import DomainError
    from matchmaker.core.tabular import read_table

    if out is not None and out.exists() and ballots.exists() and out.samefile(ballots):
        raise Refused("--out 与评分文件是同一个文件，请换一个文件名")
    try:
        given = read_ballots(read_table(ballots, ballots.name), stage=stage, by_track=by_track)
        ranking = ranked(given, Rule(rule), by_track=by_track)
    except (DomainError, OSError) as error:
        raise Refused(error) from None
    for note in _notes(ranking):
        click.echo(note, err=True)
    write(_table(ranking, by_track=by_track), out)


def _table(ranking: Ranking, *, by_track: bool) -> str:
    """Four columns; with a ranking for each track a fifth says which."""
    from matchmaker.core.spreadsheets import csv_cell

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow((*COLUMNS, "track") if by_track else COLUMNS)
    for line in ranking.lines:
        figures = [csv_cell(figure, "number") for figure in (line.score, line.error, line.rank)]
        names = [csv_cell(name, "text") for name in (line.entry, line.track)]
        writer.writerow([names[0], *figures, *(names[1:] if by_track else [])])
    return text.getvalue()


def _notes(ranking: Ranking) -> list[str]:
    """What a person should know about the figures, for the error output."""
    notes = []
    if ranking.unplaced:
        notes.append(f"这些评委的评分不足 3 份或全部相同，标准分按 50 计：{names(ranking.unplaced)}")
    fit = ranking.fit
    if fit is None:
        return notes
    gate = fit.gate
    if gate.statistic is None:
        notes.append("评分之间的交叉不够，无法检验评委宽严；未作校准，按平均分计")
    else:
        tail = f"p = {gate.probability:.2g}" if (gate.probability or 0) >= 1e-12 else "p < 1e-12"
        found = f"F({gate.judges}, {gate.residual}) = {gate.statistic:.2f}，{tail}"
        notes.append(f"评委宽严{'显著，已校准' if gate.corrected else '不显著，未作校准，按平均分计'}：{found}")
    if gate.corrected:
        v = fit.variances
        notes.append(f"方差：项目 {v.entry:g}，评委 {v.judge:g}，赛道 {v.track:g}，残差 {v.residual:g}")
    if ranking.scales is not None:
        notes.append(_of_scales(ranking.scales.gate, severe=gate.corrected))
    if not fit.connected:
        notes.append(f"评委与项目分成互不相连的 {len(fit.components)} 部分，各部分之间的比较只能凭平均水平")
    return notes


def _of_scales(test: Gate, *, severe: bool) -> str:
    """Whether judges' scales were taken out, and why not."""
    if test.corrected:
        told = "有显著差别，已扣除"
    else:
        told = "没有显著差别，按校准分计" if severe else "不另扣除，因为评委宽严不显著"
    found = "" if test.statistic is None else f"：F({test.judges}, {test.residual}) = {test.statistic:.2f}"
    return f"评委打分尺度{told}{found}"


@judging.command("verify")
@click.argument("contest_id", type=int)
@with_appcontext
def verify(contest_id: int) -> None:
    """Follow the chain of marks of every stage of CONTEST_ID: has anything that judges signed been changed since?"""
    from matchmaker.competition.services import chain

    found = chain.verify_contest(contest_id)
    if not found:
        raise Refused(f"没有编号为 {contest_id} 的大赛")
    for stage, broken in found:
        if broken is None:
            click.echo(f"{stage.code.label}：{stage.chain_length} 条记录，完好，指纹 {stage.chain_head or '—'}")
        else:
            click.echo(f"{stage.code.label}：第 {broken.sequence} 条起不符：{broken.reason}")
    if any(broken for _stage, broken in found):
        raise SystemExit(1)
