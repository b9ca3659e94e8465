"""The judges of a contest and their recusals, as lists: page, export and bulk settling."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext

from matchmaker.accounts.models import User
from matchmaker.accounts.rules import Permission
from matchmaker.competition.models import Entry, JudgeInvitation, JudgeSeat, Recusal
from matchmaker.competition.queries import judging
from matchmaker.competition.rules.ballots import RecusalSource
from matchmaker.competition.rules.conflicts import RecusalReason, RecusalState
from matchmaker.competition.rules.detection import earlier_text
from matchmaker.competition.rules.invitations import Answer
from matchmaker.competition.services import recusals
from matchmaker.core import folding
from matchmaker.core.i18n import current_locale
from matchmaker.core.lists import Ask, BulkAction, Column, Filter, ListSpec
from matchmaker.core.sentences import fill
from matchmaker.directory.models import Organisation


def evidence_of(recusal: Recusal) -> str:
    """The sentence that proves it, in the reader's language."""
    if not recusal.evidence:
        return recusal.note
    values = {key: gettext(v) if key == "kind" else v for key, v in recusal.values.items()}
    return fill(gettext(recusal.evidence), values)


def _choices(kind: Any) -> Any:
    return lambda _viewer: [(member.value, gettext(member.label)) for member in kind]


def _people(text: str) -> sa.ColumnElement[bool]:
    """Judges found by name, unit or title."""
    units = sa.select(Organisation.id).where(
        Organisation.folded_name.contains(folding.fold_company(text), autoescape=True)
    )
    return sa.or_(
        JudgeSeat.user_id.in_(sa.select(User.id).where(User.name.icontains(text, autoescape=True))),
        JudgeSeat.unit_text.icontains(text, autoescape=True),
        JudgeSeat.title.icontains(text, autoescape=True),
        JudgeSeat.organisation_id.in_(units),
    )


def _tracks(seat: JudgeSeat) -> str:
    english = current_locale() == "en"
    known = {t.code: t.title_en if english and t.title_en else t.title for t in seat.contest.tracks}
    return "、".join(known[code] for code in seat.tracks if code in known)


def _tracks_of(_viewer: Any, scope: Mapping[str, str]) -> list[tuple[str, str]]:
    contest = judging.contest_of(scope.get("contest_id", ""))
    return [(track.code, track.title) for track in contest.tracks] if contest else []


def _knows(statement: sa.Select[Any], code: str) -> sa.Select[Any]:
    return statement.where(sa.cast(JudgeSeat.tracks, sa.String).contains(f'"{code}"', autoescape=True))


def _answered(statement: sa.Select[Any], text: str) -> sa.Select[Any]:
    if text == Answer.ACCEPTED.value:
        return statement.where(judging.sitting())
    return statement.where(JudgeInvitation.answer == text)


def _pledged(statement: sa.Select[Any], text: str) -> sa.Select[Any]:
    signed = judging.has_pledged()
    return statement.where(signed if text == "yes" else sa.not_(signed))


JUDGES = ListSpec(
    name="judges",
    title="评委",
    permission=Permission.CONTESTS_MANAGE,
    select=judging.roster,
    key=JudgeSeat.id,
    order=(JudgeSeat.id,),
    columns=(
        Column("name", "评委", lambda row: row.JudgeSeat.user.name, sort=User.name),
        Column("unit", "工作单位", lambda row: row.JudgeSeat.unit),
        Column("title", "职务职称", lambda row: row.JudgeSeat.title, sort=JudgeSeat.title),
        Column("tracks", "熟悉的赛道", lambda row: _tracks(row.JudgeSeat)),
        Column("answer", "邀请答复", lambda row: row.answer or Answer.ACCEPTED, "state"),
        Column("pledged", "承诺书", lambda row: row.pledged, "moment"),
        Column("assigned", "任务", lambda row: row.assigned or 0, "number"),
        Column("submitted", "已提交", lambda row: row.submitted or 0, "number"),
        Column("load", "最多评审", lambda row: row.JudgeSeat.load, "number", sort=JudgeSeat.load),
        Column("away", "回避", lambda row: row.away or 0, "number"),
        Column("earlier", "曾任职单位", lambda row: earlier_text(row.JudgeSeat.earlier_units), export_only=True),
        Column("reason", "谢绝原因", lambda row: row.reason, export_only=True),
        Column("phone", "联系电话", lambda row: row.JudgeSeat.user.phone, export_only=True),
        Column("email", "邮箱", lambda row: row.JudgeSeat.user.email, export_only=True),
    ),
    filters=(
        Filter("q", "搜索", lambda s, v: s.where(_people(v)), "search"),
        Filter("track", "赛道", _knows, choices_in=_tracks_of),
        Filter("answer", "邀请答复", _answered, choices=_choices(Answer)),
        Filter(
            "pledged", "承诺书", _pledged, choices=lambda _v: [("yes", gettext("已签署")), ("no", gettext("未签署"))]
        ),
    ),
    url=lambda row: url_for("competition.edit_judge", contest_id=row.JudgeSeat.contest_id, seat_id=row.JudgeSeat.id),
    empty_title="还没有评委",
    empty_text="在下面添加；添加时自动核对回避情形。",
)

NOTE = (Ask("note", "核实情况", hint="写入每一条；例如“已电话核实，同名不同人”"),)

RECUSALS = ListSpec(
    name="recusals",
    title="回避",
    permission=Permission.CONTESTS_MANAGE,
    select=lambda viewer, scope: judging.recusals_of(viewer, judging.contest_id_of(scope)).order_by(None),
    key=Recusal.id,
    order=(judging.waiting_first(), Recusal.id),
    columns=(
        Column("judge", "评委", lambda r: r.seat.user.name),
        Column("unit", "评委单位", lambda r: r.seat.unit, export_only=True),
        Column("entry", "项目", lambda r: r.entry.title, hint=lambda r: r.entry.who),
        Column("who", "单位或团队", lambda r: r.entry.who, export_only=True),
        Column("reason", "情形", lambda r: r.reason, "state", sort=Recusal.reason),
        Column("evidence", "核对依据", evidence_of),
        Column("source", "来源", lambda r: r.source, sort=Recusal.source),
        Column("state", "状态", lambda r: r.state, "state", sort=Recusal.state),
        Column("note", "核实情况", lambda r: r.note, export_only=True),
        Column("settled", "核实时间", lambda r: r.settled, "moment", sort=Recusal.settled, export_only=True),
    ),
    filters=(
        Filter(
            "q",
            "搜索",
            lambda s, v: s.where(
                sa.or_(
                    Recusal.seat_id.in_(sa.select(JudgeSeat.id).where(_people(v))),
                    Recusal.entry_id.in_(sa.select(Entry.id).where(Entry.title.icontains(v, autoescape=True))),
                )
            ),
            "search",
        ),
        Filter("state", "状态", lambda s, v: s.where(Recusal.state == v), choices=_choices(RecusalState)),
        Filter("reason", "情形", lambda s, v: s.where(Recusal.reason == v), choices=_choices(RecusalReason)),
        Filter("source", "来源", lambda s, v: s.where(Recusal.source == v), choices=_choices(RecusalSource)),
    ),
    url=lambda r: url_for("competition.recusal", contest_id=r.seat.contest_id, recusal_id=r.id),
    bulk=(
        BulkAction(
            "confirm",
            "确认回避",
            Permission.CONTESTS_MANAGE,
            "评委不再评审这些项目，已打的分不再计入",
            recusals.check_confirmable,
            recusals.confirm_many,
            recusals.undo_settled,
            asks=NOTE,
        ),
        BulkAction(
            "ignore",
            "不需回避",
            Permission.CONTESTS_MANAGE,
            "评委可以评审这些项目；有新的依据时会再次提出。必须回避的情形不能忽略",
            recusals.check_ignorable,
            recusals.ignore_many,
            recusals.undo_settled,
            asks=NOTE,
        ),
    ),
    empty_title="没有发现回避情形",
    empty_text="添加评委、提交项目时自动比对；也可以重新比对。",
)
