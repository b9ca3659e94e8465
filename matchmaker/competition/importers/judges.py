"""The judges of a contest from a file: each row is an account, found by phone or mail address, or by a unique name.

Who has no account, or is no judge yet, is invited: they sit once they have said yes.
"""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sa

from matchmaker.accounts import queries as accounts
from matchmaker.accounts.models import User
from matchmaker.accounts.rules import Permission, Role, check_mail
from matchmaker.competition import access
from matchmaker.competition.models import Contest, JudgeSeat
from matchmaker.competition.queries import contests, judging
from matchmaker.competition.rules.detection import earlier_units_of
from matchmaker.competition.services import calling, judges
from matchmaker.competition.services.guards import check_unconflicted
from matchmaker.core import clock, folding
from matchmaker.core.db import db
from matchmaker.core.errors import DomainError
from matchmaker.core.importing import ImportOption, ImportRun
from matchmaker.core.tabular import ImportField, MappedRow
from matchmaker.directory.models import Person

YES = {"是", "要", "邀请", "yes", "y", "true", "1", "√"}
PARTS = re.compile(r"[;；、,，|/\n]+")
LONGEST = {"unit": 200, "title": 100}
CALLED = "还不是评委，已发出邀请，同意后生效"
SAME_NAME = "平台上已有叫“{name}”的评委，手机和邮箱都不同，已按另一位邀请；如是同一人，请撤下并改用原账号的号码"


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
    experts = calling.experts_without_account(contest)
    for row in rows:
        try:
            with db.session.begin_nested():
                user, seat = _take(run, contest, row, tracks, seats, experts)
        except DomainError as error:
            run.refuse(row.line, error)
            continue
        if seat is None:
            run.updated(row.line)
            continue
        seats[user.id] = seat
        run.created(row.line, CALLED if not user.has(Permission.BALLOTS_OWN) else "")


def _contest(run: ImportRun) -> Contest:
    contest = db.session.get(Contest, run.options.get("contest") or 0)
    if contest is None or (run.actor is not None and not access.may_manage(run.actor, contest)):
        raise DomainError("请选择要导入的大赛", field="contest")
    check_unconflicted(run.actor, contest)
    return contest


def _take(
    run: ImportRun,
    contest: Contest,
    row: MappedRow,
    tracks: dict[str, str],
    seats: dict[int, JudgeSeat],
    experts: list[Person],
) -> tuple[User, JudgeSeat | None]:
    """The account of a row, and its new seat; None where the judge sat already."""
    values = {key: value for key, value in row.values.items() if value not in (None, "")}
    for key, length in LONGEST.items():
        if len(values.get(key, "")) > length:
            raise DomainError("“{title}”最多 {n} 个字", title=key, n=length)
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
    user = _known_user(values) or _called(run, contest, row, values, experts)
    seat = seats.get(user.id)
    if seat is not None:
        judges.edit(seat, actor=run.actor, **given)
        return user, None
    called = not user.has(Permission.BALLOTS_OWN)
    invite = called or bool(values.get("invite"))
    return user, judges.seat(contest, actor=run.actor, user=user, invite=invite, called=called, **given)


def _called(run: ImportRun, contest: Contest, row: MappedRow, values: dict[str, Any], experts: list[Person]) -> User:
    """An account for somebody who has none."""
    if judges_named(values["name"]):
        run.warn(row.line, SAME_NAME, name=values["name"])
    return calling.make_account(contest, values, calling.expert_of(values, experts), actor=run.actor)


def judges_named(name: str) -> list[User]:
    """Up to two judges of that name."""
    named = accounts.holders_of(Role.JUDGE).where(sa.func.lower(User.name) == name.lower()).limit(2)
    return list(db.session.execute(named).unique().scalars())


def _known_user(values: dict[str, Any]) -> User | None:
    """The account of a row: by phone, by mail, else the only judge of that name; None: there is none."""
    for key in ("phone", "email"):
        user = accounts.by_identifier(values[key]) if values.get(key) else None
        if user is not None:
            if folding.fold(user.name) != folding.fold(values["name"]):
                raise DomainError("该手机号或邮箱的账号姓名不是“{name}”，请核对", name=values["name"])
            return user
    if values.get("phone") or values.get("email"):
        return None
    found = judges_named(values["name"])
    if len(found) > 1:
        raise DomainError("有多位评委叫“{name}”，请填写手机或邮箱", name=values["name"])
    return found[0] if found else None
