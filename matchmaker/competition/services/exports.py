"""What goes into the files of the bureau: the archive of a contest as one ZIP, and the list of prize money."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from matchmaker.activity import services as activity
from matchmaker.competition import access, documents
from matchmaker.competition.models import Contest, ContestStage, Standing
from matchmaker.competition.queries import standings as standing_queries
from matchmaker.competition.rules.states import ContestState
from matchmaker.competition.services import minuting, packages, tallies
from matchmaker.competition.services.results.releasing import notice_of
from matchmaker.competition.services.results.steps import check_officer
from matchmaker.core.db import db
from matchmaker.core.documents import pdf, pdf_list
from matchmaker.core.errors import Conflict
from matchmaker.core.money import yuan
from matchmaker.core.spreadsheets import Export, ExportColumn, write_csv, write_xlsx
from matchmaker.publicity import documents as papers
from matchmaker.publicity.models import Decision

STANDINGS = (
    ExportColumn("group", "组别"),
    ExportColumn("place", "名次", "integer"),
    ExportColumn("code", "代号"),
    ExportColumn("title", "项目"),
    ExportColumn("who", "单位或团队"),
    ExportColumn("score", "得分", "number"),
    ExportColumn("error", "标准误", "number"),
    ExportColumn("outcome", "结果"),
    ExportColumn("marks", "评分"),
)
SIGNATURES = (
    ExportColumn("place", "名次", "integer"),
    ExportColumn("title", "项目"),
    ExportColumn("score", "得分"),
    ExportColumn("outcome", "结果"),
    ExportColumn("judges", "评委签字"),
    ExportColumn("entrant", "参赛者签字"),
)
MINUTES = (
    ExportColumn("step", "事项"),
    ExportColumn("proposed", "提请时间", "moment"),
    ExportColumn("proposer", "提请人"),
    ExportColumn("confirmed", "复核时间", "moment"),
    ExportColumn("confirmer", "复核人"),
    ExportColumn("state", "状态"),
    ExportColumn("reason", "理由"),
)
MONEY = (
    ExportColumn("group", "组别"),
    ExportColumn("prize", "奖项"),
    ExportColumn("title", "项目"),
    ExportColumn("who", "单位或团队"),
    ExportColumn("uscc", "统一社会信用代码"),
    ExportColumn("amount", "奖金（元）", "money"),
)


def archive(contest: Contest, *, actor: Any, issuer: str) -> bytes:
    """Notice, minutes of two-person steps, and for every released stage package, standings and signature sheet."""
    check_officer(actor, contest)
    released = [stage for stage in contest.stages if stage.released is not None]
    if not released:
        raise Conflict("还没有公布的阶段，不能导出归档材料")
    files: dict[str, bytes] = {"minutes.csv": write_csv(MINUTES, _minutes(contest))}
    notice = notice_of(contest)
    if notice is not None:
        files["notice.pdf"] = pdf("notice", papers.notice_paper(notice, issuer=issuer))
    for stage in released:
        rows = _rows(stage)
        name = stage.code.value
        title = f"{contest.title}（{stage.code.label}）"
        files[f"{name}/package.zip"] = packages.archive(tallies.in_force(stage))
        files[f"{name}/standings.xlsx"] = write_xlsx(STANDINGS, [_standing(row) for row in rows], title="成绩")
        sheet = Export(SIGNATURES, [_signature(row) for row in rows], title, subtitle="成绩确认签字表")
        files[f"{name}/signatures.pdf"] = pdf_list(sheet)
        discussed = minuting.of(stage, actor=actor) if access.may_manage(actor, contest) else []
        if discussed:
            files[f"{name}/deliberation.pdf"] = pdf("minutes", documents.minutes_paper(stage, discussed))
    activity.record("competition.exported", subject=contest, actor=actor, what="archive")
    return packages.zipped(files)


def prize_money(contest: Contest, *, actor: Any) -> bytes:
    """The winners with what each prize is worth, for the finance office; no bank data."""
    check_officer(actor, contest)
    if contest.state is not ContestState.ARCHIVED:
        raise Conflict("授奖以后才能导出奖金发放表")
    rows = [row for row in _rows(contest.stages[-1]) if row.prize and row.removed is None]
    activity.record("competition.exported", subject=contest, actor=actor, what="prize_money")
    return write_xlsx(MONEY, [_money(row) for row in rows], title="奖金发放表")


def _rows(stage: ContestStage) -> list[Standing]:
    return list(db.session.execute(standing_queries.of_stage(stage.id)).unique().scalars())


def _outcome(row: Standing) -> str:
    if row.removed is not None:
        return "取消资格"
    return row.prize or ("晋级" if row.advances and not row.stage.last else "")


def _standing(row: Standing) -> list[Any]:
    entry = row.entry
    figures = [row.score, row.error, _outcome(row), " · ".join(row.marks)]
    return [entry.group.title, row.place, row.code, entry.title, entry.who, *figures]


def _signature(row: Standing) -> list[Any]:
    return [row.place, row.entry.title, f"{row.score:.{row.places}f}", _outcome(row), "", ""]


def _money(row: Standing) -> list[Any]:
    entry = row.entry
    worth = next((prize.amount_fen for prize in entry.group.prize_list if prize.title == row.prize), None)
    uscc = entry.organisation.uscc if entry.organisation else ""
    return [entry.group.title, row.prize, entry.title, entry.who, uscc or "", None if worth is None else yuan(worth)]


def _minutes(contest: Contest) -> Iterator[list[Any]]:
    """Every step of two people about the contest, its stages and the lines of their tallies, in order of time."""
    lines = sa.select(Standing.id).where(Standing.contest_id == contest.id)
    about = sa.or_(
        sa.and_(Decision.subject_kind == "contests", Decision.subject_id == contest.id),
        sa.and_(Decision.subject_kind == "contest_stages", Decision.subject_id.in_([s.id for s in contest.stages])),
        sa.and_(Decision.subject_kind == "standings", Decision.subject_id.in_(lines)),
    )
    statement = sa.select(Decision).where(about).order_by(Decision.id)
    for row in db.session.execute(statement).unique().scalars():
        second = row.confirmed_by.name if row.confirmed_by else ""
        yield [row.title, row.proposed, row.proposed_by.name, row.confirmed, second, row.state.label, row.reason]
