"""The judges of a contest from a file: each row is an account, found by phone or mail address, or by a unique name."""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sa

from matchmaker.accounts import queries as accounts
from matchmaker.accounts.models import User
from matchmaker.accounts.rules import Role, check_mail
from matchmaker.competition import access
from matchmaker.competition.models import Contest, JudgeSeat
from matchmaker.competition.queries import contests, judging
from matchmaker.competition.rules.detection import earlier_units_of
from matchmaker.competition.services import judges
from matchmaker.competition.services.guards import check_unconflicted
from matchmaker.core import clock, folding
from matchmaker.core.db import db
from matchmaker.core.errors import DomainError
from matchmaker.core.importing import ImportOption, ImportRun
from matchmaker.core.tabular import ImportField, MappedRow

YES = {"是", "要", "邀请", "yes", "y", "true", "1", "√"}
PARTS = re.compile(r"[;；、,，|/\n]+")
LONGEST = {"unit": 200, "title": 100}


def text(value: Any) -> str:
    """A cell as clean text."""
    return folding.clean_text(str(value))


FIELDS = (
    ImportField("name", "姓名", required=True, aliases=("评委", "评委姓名", "专家姓名", "name"), parse=text),
    ImportField(
        "unit",
        "工作单位",
        required=True,
        aliases=("单位", "所在单位", "任职单位", "unit"),
        parse=text,
        hint="用来核对回避",
    ),
    ImportField(
        "phone", "手机", aliases=("电话", "联系电话", "手机号", "phone"), parse=lambda v: folding.digits(str(v))
    ),
    ImportField("email", "邮箱", aliases=("电子邮箱", "email"), parse=lambda v: check_mail(str(v))),
    ImportField("title", "职务职称", aliases=("职务", "职称", "title"), parse=text),
    ImportField("tracks", "熟悉的赛道", aliases=("赛道", "领域", "tracks"), parse=text, hint="多个用分号隔开"),
    ImportField("load", "最多评审", aliases=("评审上限", "load"), parse=lambda v: int(str(v).strip())),
    ImportField(
        "earlier",
        "曾任职单位",
        aliases=("曾任职", "履历", "earlier"),
        parse=text,
        hint="如“天山大学，2018-2022”，多个换行",
    ),
    ImportField("invite", "发邀请", aliases=("是否邀请", "invite"), parse=lambda v: folding.fold(str(v)) in YES),
)


def _offered(viewer: Any) -> list[tuple[str, str]]:
    """The contests that still take judges, the latest first."""
    statement = contests.managed_by(viewer).where(Contest.state.in_(judging.UNDECIDED))
    rows = db.session.execute(statement.order_by(Contest.id.desc()).limit(50)).unique().scalars()
    return [(str(row.id), row.title) for row in rows if row.locked is None]


OPTIONS = (ImportOption("contest", "大赛", choices=_offered),)


def load(run: ImportRun) -> None:
    """Seat every row; a judge who sits already has what is known about them changed."""
    contest = _contest(run)
    rows = list(run.rows())
    tracks = {folding.fold(word): track.code for track in contest.tracks for word in (track.code, track.title)}
    seats = {seat.user_id: seat for seat in db.session.execute(judging.roster_of(contest.id)).unique().scalars()}
    for row in rows:
        try:
            with db.session.begin_nested():
                created = _take(run, contest, row, tracks, seats)
        except DomainError as error:
            run.refuse(row.line, error)
            continue
        (run.created if created else run.updated)(row.line)


def _contest(run: ImportRun) -> Contest:
    contest = db.session.get(Contest, run.options.get("contest") or 0)
    if contest is None or (run.actor is not None and not access.may_manage(run.actor, contest)):
        raise DomainError("请选择要导入的大赛", field="contest")
    check_unconflicted(run.actor, contest)
    return contest


def _take(
    run: ImportRun, contest: Contest, row: MappedRow, tracks: dict[str, str], seats: dict[int, JudgeSeat]
) -> bool:
    values = {key: value for key, value in row.values.items() if value not in (None, "")}
    for key, length in LONGEST.items():
        if len(values.get(key, "")) > length:
            raise DomainError("“{title}”最多 {n} 个字", title=key, n=length)
    user = _user(values)
    known = [folding.fold(word) for word in PARTS.split(values.get("tracks", "")) if word.strip()]
    unknown = next((word for word in known if word not in tracks), None)
    if unknown is not None:
        raise DomainError("本届大赛没有赛道“{name}”", field="tracks", name=unknown)
    given = {
        "unit_text": values["unit"],
        "title": values.get("title", ""),
        "load": values.get("load", 20),
        "tracks": [tracks[word] for word in known],
        "earlier_units": earlier_units_of(values.get("earlier", ""), this_year=clock.today().year),
    }
    seat = seats.get(user.id)
    if seat is not None:
        judges.edit(seat, actor=run.actor, **given)
        return False
    seats[user.id] = judges.seat(contest, actor=run.actor, user=user, invite=bool(values.get("invite")), **given)
    return True


def _user(values: dict[str, Any]) -> User:
    """The account of a row: by phone, by mail, else the only judge of that name."""
    for key in ("phone", "email"):
        user = accounts.by_identifier(values[key]) if values.get(key) else None
        if user is not None:
            if folding.fold(user.name) != folding.fold(values["name"]):
                raise DomainError("该手机号或邮箱的账号姓名不是“{name}”，请核对", name=values["name"])
            return user
    named = accounts.holders_of(Role.JUDGE).where(sa.func.lower(User.name) == values["name"].lower()).limit(2)
    found = db.session.execute(named).unique().scalars().all()
    if len(found) == 1 and not values.get("phone") and not values.get("email"):
        return found[0]
    if len(found) > 1:
        raise DomainError("有多位评委叫“{name}”，请填写手机或邮箱", name=values["name"])
    raise DomainError("没有找到“{name}”的账号：请先由本人注册，再由管理员授予评委角色", name=values["name"])
