"""Guest lists from a file: into invitations, or straight into the registrations; both read the same columns."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from matchmaker.accounts.rules import check_mail
from matchmaker.activity import services as activity
from matchmaker.core import clock, folding
from matchmaker.core.db import db
from matchmaker.core.errors import DomainError
from matchmaker.core.importing import ImportOption, ImportRun
from matchmaker.core.tabular import ImportField, MappedRow
from matchmaker.directory.models import Organisation
from matchmaker.events.models import Attendee, Audience, Event, Registration
from matchmaker.events.rules import LIVE, AttendeeLine, EventState, Source
from matchmaker.events.services import registrations
from matchmaker.invitations import access, queries, rules
from matchmaker.invitations.models import Invitation
from matchmaker.invitations.rules import Guest
from matchmaker.invitations.services import inviting

YES = {"是", "可", "可以", "y", "yes", "true", "1", "√"}
NO = {"否", "不", "不可", "不可以", "n", "no", "false", "0"}


def _flag(text: Any) -> bool:
    word = folding.fold(str(text))
    if word not in YES | NO:
        raise ValueError(text)
    return word in YES


def _line(text: Any) -> str:
    return rules.one_line(str(text), 1000)


FIELDS = (
    ImportField("name", "姓名", aliases=("嘉宾", "嘉宾姓名", "联系人", "参会人"), parse=_line),
    ImportField("position", "职务", aliases=("职位", "职称", "岗位"), parse=_line),
    ImportField(
        "phone",
        "手机号",
        aliases=("手机", "电话", "联系电话", "手机号码", "联系方式"),
        parse=lambda text: rules.check_phone(str(text)),
    ),
    ImportField(
        "email", "邮箱", aliases=("电子邮箱", "邮件", "电子邮件", "Email"), parse=lambda text: check_mail(str(text))
    ),
    ImportField("organisation", "单位名称", aliases=("单位", "公司", "企业", "企业名称", "工作单位"), parse=_line),
    ImportField("uscc", "统一社会信用代码", aliases=("信用代码", "社会信用代码"), parse=folding.fold_uscc),
    ImportField("external_id", "编号", aliases=("序号编码", "嘉宾编号", "外部编号", "ID"), parse=_line),
    ImportField("audience", "人群", aliases=("类别", "嘉宾类别", "分组"), parse=_line),
    ImportField(
        "party",
        "可来人数",
        aliases=("可带人数", "人数", "参会人数"),
        parse=lambda t: int(str(t)),
        hint="请填写 1 到 20 的整数",
    ),
    ImportField("delegable", "可转交", aliases=("可否转交", "允许转交"), parse=_flag, hint="请填写“是”或“否”"),
    ImportField("tags", "标签", aliases=("标记",), parse=lambda text: rules.split_tags(str(text))),
)


def _offered(viewer: Any) -> list[tuple[str, str]]:
    """The events that one may import into, the latest first."""
    statement = queries.events_of(viewer).where(Event.state != EventState.CANCELLED, Event.ends >= clock.now())
    rows = db.session.execute(statement.order_by(Event.starts.desc(), Event.id).limit(200)).unique().scalars()
    return [(str(row.id), row.title) for row in rows]


OPTIONS = (
    ImportOption("event", "活动", choices=_offered),
    ImportOption("audience", "人群", hint="名单里没有“人群”一列时，都归入这一组；不填为第一组", parse=str),
)


class _Import:
    """One guest list on its way into one event: everything that is there is read once, not row by row."""

    def __init__(self, run: ImportRun) -> None:
        self.run = run
        self.event = _event(run)
        self.groups = {folding.fold(row.name): row for row in self.event.audiences}
        self.usual = self._group(run.options.get("audience"))
        self.rows = list(run.rows())
        names = [folding.fold_company(row.values.get("organisation") or "") for row in self.rows]
        self.by_name = queries.organisations_by_name(names)
        self.by_code = queries.organisations_by_code([row.values.get("uscc") or "" for row in self.rows])
        self.stems = queries.names_by_stem() if any(name not in self.by_name for name in names if name) else {}

    def _group(self, name: str | None) -> Audience:
        if not name:
            return self.event.audiences[0]
        group = self.groups.get(folding.fold(name))
        if group is None:
            known = "、".join(row.name for row in self.event.audiences)
            raise DomainError("这个活动没有“{name}”这一人群；现有：{known}", field="audience", name=name, known=known)
        return group

    def audience(self, row: MappedRow) -> Audience:
        """The group of a row, as far as the duty of who imports reaches."""
        name = row.values.get("audience")
        group = self._group(name) if name else self.usual
        if self.run.actor is not None and not access.may_invite(self.run.actor, self.event, group):
            raise DomainError("您的分工不包括“{name}”这一人群", field="audience", name=group.name)
        return group

    def firm(self, row: MappedRow) -> tuple[Organisation | None, str]:
        """The company of the directory, or its typed name's nearest one as a hint."""
        code, name = row.values.get("uscc"), row.values.get("organisation") or ""
        found = self.by_code.get(code or "") or self.by_name.get(folding.fold_company(name))
        if found is not None or not name:
            return found, ""
        hint = self.stems.get(folding.company_stem(name), "")
        if hint:
            self.run.warn(row.line, "主体库里没有“{name}”，是不是“{near}”？", name=name, near=hint)
        return None, hint


def _event(run: ImportRun) -> Event:
    wanted = run.options.get("event")
    if not wanted:
        raise DomainError("请选择活动", field="event")
    statement = queries.events_of(run.actor) if run.actor is not None else sa.select(Event)
    event = db.session.execute(statement.where(Event.id == wanted)).unique().scalar_one_or_none()
    if event is None:
        raise DomainError("没有这个活动，或不归您负责", field="event")
    if event.state is EventState.CANCELLED:
        raise DomainError("活动已取消，不能再导入名单", field="event")
    return event


def _guest(row: MappedRow, known: Guest) -> Guest:
    """The guest of a row; empty cells erase nothing of what is known."""
    given = {key: row.values.get(key) for key in ("name", "position", "phone", "email", "external_id")}
    given["organisation_name"] = row.values.get("organisation")
    return rules.checked(replace(known, **{key: value for key, value in given.items() if value}))


def _sought(row: MappedRow) -> tuple[str, list[str]]:
    """By what a row's guest may be known already: the number of the other system, and name with contact."""
    values = {key: row.values.get(key) or "" for key in ("name", "phone", "email")}
    guest = Guest(**values, organisation_name=row.values.get("organisation") or "")
    return row.values.get("external_id") or "", rules.keys_of(guest)


class _Index:
    """What is there already, found by external id, else by name with number or address."""

    def __init__(self) -> None:
        self.by_id: dict[str, Any] = {}
        self.by_key: dict[str, Any] = {}
        self.line: dict[int, int] = {}

    def put(self, thing: Any, guest: Guest) -> None:
        if guest.external_id:
            self.by_id[guest.external_id] = thing
        for key in rules.keys_of(guest):
            self.by_key.setdefault(key, thing)

    def find(self, row: MappedRow) -> Any | None:
        """Raises DomainError when the id names one and the person another."""
        external, keys = _sought(row)
        by_id = self.by_id.get(external) if external else None
        by_key = next((self.by_key[key] for key in keys if key in self.by_key), None)
        if by_id is not None and by_key is not None and by_id is not by_key:
            raise DomainError("编号和姓名电话分别对应两个人，请核对", field="external_id")
        other = getattr(by_key, "external_id", None)
        if by_id is None and external and other and other != external:
            raise DomainError("这位嘉宾已在名单里，编号是 {id}，请核对", field="external_id", id=other)
        return by_id or by_key


def load_invitations(run: ImportRun) -> None:
    """Each row an invitation; known ones are brought up to date. Nothing is sent."""
    work, index = _Import(run), _Index()
    for invitation in db.session.execute(queries.live_of_event(work.event.id)).unique().scalars():
        index.put(invitation, inviting.guest_of(invitation))
    registered = _registered(work.event.id)
    with db.session.no_autoflush:
        for row in work.rows:
            try:
                _take_invitation(work, index, row, registered)
            except DomainError as error:
                run.refuse(row.line, error)
    db.session.flush()
    activity.record(
        "invitations.imported", subject=work.event, actor=run.actor, source=run.source[-200:], counts=run.counts
    )


def _take_invitation(work: _Import, index: _Index, row: MappedRow, registered: set[str]) -> None:
    known = index.find(row)
    if known is not None:
        _renew(work, index, row, known)
        return
    group, (firm, hint) = work.audience(row), work.firm(row)
    guest = _guest(row, Guest(organisation_name=firm.name if firm else ""))
    if set(rules.keys_of(guest)) & registered:
        work.run.skipped(row.line, "已在报名名单里，不必邀请")
        return
    invitation = inviting.new(
        work.event,
        group,
        guest,
        party_most=row.values.get("party") or 1,
        delegable=bool(row.values.get("delegable")),
        run=work.run.source,
    )
    inviting.bind(invitation, firm, hint=hint)
    inviting.set_tags(invitation, row.values.get("tags") or [])
    db.session.add(invitation)
    index.put(invitation, guest)
    index.line[id(invitation)] = row.line
    work.run.created(row.line)


def _renew(work: _Import, index: _Index, row: MappedRow, invitation: Invitation) -> None:
    """A row about somebody who is invited already."""
    guest = _guest(row, inviting.guest_of(invitation))
    changed = bool(inviting.apply(invitation, guest))
    firm, hint = work.firm(row)
    if firm is not None and invitation.organisation_id != firm.id and invitation.organisation is not firm:
        inviting.bind(invitation, firm, hint=hint)
        changed = True
    if row.values.get("audience") and invitation.audience is not work.audience(row):
        invitation.audience, changed = work.audience(row), True
    party, delegable = row.values.get("party"), row.values.get("delegable")
    if party is not None and party != invitation.party_most:
        invitation.party_most = rules.check_party(party, largest=invitation.audience.largest_party)
        changed = True
    if delegable is not None and delegable is not invitation.delegable:
        invitation.delegable, changed = delegable, True
    before = [tag.text for tag in invitation.tags]
    after = list(dict.fromkeys([*before, *(row.values.get("tags") or [])]))
    if after != before:
        inviting.set_tags(invitation, after)
        changed = True
    index.put(invitation, guest)
    if (line := index.line.get(id(invitation))) is not None:
        work.run.merged(row.line, "与第 {line} 行是同一位嘉宾", line=line)
    elif changed:
        work.run.updated(row.line)
    else:
        work.run.unchanged(row.line)


def _registered(event_id: int) -> set[str]:
    """The keys of the guests who are on the list of registrations."""
    return {key for row in _guests_of(event_id) for key in rules.keys_of(_registered_guest(row))}


def _guests_of(event_id: int) -> list[Registration]:
    statement = sa.select(Registration).where(
        Registration.event_id == event_id, Registration.user_id.is_(None), Registration.state.in_(LIVE)
    )
    return list(db.session.execute(statement).unique().scalars())


def _registered_guest(row: Registration) -> Guest:
    return Guest(
        name=row.name,
        phone=row.phone,
        email=row.email,
        organisation_name=row.organisation_name,
        external_id=row.external_id or "",
    )


def load_registrations(run: ImportRun) -> None:
    """Each row a registration that needs no approval; seats are claimed like everywhere, a full event refuses."""
    work, index = _Import(run), _Index()
    for known in _guests_of(work.event.id):
        index.put(known, _registered_guest(known))
    ended = _ended_ids(work.event.id)
    arrived: list[tuple[Registration, str]] = []
    with db.session.no_autoflush:  # a refusal comes before anything of its row is in the session
        for row in work.rows:
            try:
                _take_registration(work, index, row, ended, arrived)
            except DomainError as error:
                run.refuse(row.line, error)
    db.session.flush()
    positions = [{"id": each.attendees[0].id, "position": position} for each, position in arrived if position]
    if positions:
        db.session.execute(sa.update(Attendee), positions)
    activity.record(
        "invitations.registered", subject=work.event, actor=run.actor, source=run.source[-200:], counts=run.counts
    )


def _ended_ids(event_id: int) -> set[str]:
    """External ids that ended registrations of the event bear; a new one cannot bear them again."""
    statement = sa.select(Registration.external_id).where(
        Registration.event_id == event_id, Registration.external_id.is_not(None), Registration.state.not_in(LIVE)
    )
    return {text for text in db.session.execute(statement).scalars() if text}


def _take_registration(
    work: _Import, index: _Index, row: MappedRow, ended: set[str], arrived: list[tuple[Registration, str]]
) -> None:
    known = index.find(row)
    if known is not None:
        _renew_registration(work, index, row, known)
        return
    guest = _guest(row, Guest())
    if not guest.name:
        raise DomainError("直接登记报名需要姓名", field="name")
    group, (firm, _hint) = work.audience(row), work.firm(row)
    if (row.values.get("party") or 1) != 1:
        work.run.warn(row.line, "直接登记按一人一行计，可来人数未采用")
    registration = registrations.register_guest(
        work.event,
        audience=group,
        actor=work.run.actor,
        source=Source.IMPORT,
        name=guest.name,
        people=[AttendeeLine(guest.name, guest.phone)],
        phone=guest.phone,
        email=guest.email,
        organisation_id=firm.id if firm else None,
        organisation_name=firm.name if firm else guest.organisation_name,
        external_id=None if guest.external_id in ended else guest.external_id or None,
        silent=True,
    )
    arrived.append((registration, guest.position))
    index.put(registration, guest)
    index.line[id(registration)] = row.line
    work.run.created(row.line)


def _renew_registration(work: _Import, index: _Index, row: MappedRow, registration: Registration) -> None:
    guest = _guest(row, _registered_guest(registration))
    before = _registered_guest(registration)
    registration.name, registration.phone, registration.email = guest.name, guest.phone, guest.email
    registration.organisation_name, registration.external_id = guest.organisation_name, guest.external_id or None
    registration.guest_key = registrations.guest_key(guest.name, phone=guest.phone, email=guest.email)
    for person in registration.attendees[:1]:
        person.name, person.phone = guest.name, guest.phone
        person.position = guest.position or person.position
    index.put(registration, guest)
    if (line := index.line.get(id(registration))) is not None:
        work.run.merged(row.line, "与第 {line} 行是同一位嘉宾", line=line)
    elif replace(guest, position="") != before:
        work.run.updated(row.line)
    else:
        work.run.unchanged(row.line)
