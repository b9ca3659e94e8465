"""Setting up: lists with their rules, gates, who stands there, and the short codes that open one gate."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from matchmaker.accounts import queries as accounts
from matchmaker.accounts.models import User
from matchmaker.accounts.services import limits
from matchmaker.activity import services as activity
from matchmaker.checkin import access, gateways, queries
from matchmaker.checkin.models import CheckinList, Gate, GateCode, GateSteward, Scan
from matchmaker.checkin.rules import (
    GATE_CODE_LENGTH,
    GRACE,
    LATE_SYNC,
    ListKind,
    ListRule,
    Repeat,
    Way,
    new_gate_code,
    normal_gate_code,
)
from matchmaker.checkin.services.snapshot import milliseconds
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.events.models import Attendee, Event, SeatPool, new_code
from matchmaker.events.rules import EventState, PoolKind

TRIES, MINUTES = 10, 15  # of one address at typing codes
USUAL_LIST, USUAL_GATE = "入场", "主入口"


def start(event: Event, *, actor: Any) -> Gate:
    """What most events need, in one press: one list for everybody, one gate. Once only."""
    _check(actor, event)
    if db.session.execute(queries.gates_of_event(event.id)).first() is not None:
        raise Conflict("签到已经设置过")
    entry = save_list(None, event=event, actor=actor, name=USUAL_LIST, name_en="Entry")
    return save_gate(None, event=event, actor=actor, name=USUAL_GATE, name_en="Main entrance", list_ids=[entry.id])


def save_list(
    entry: CheckinList | None,
    *,
    event: Event,
    actor: Any,
    name: str,
    name_en: str = "",
    kind: ListKind = ListKind.ENTRY,
    pool_id: int | None = None,
    repeat: Repeat = Repeat.ONCE,
    audience_ids: Collection[int] = (),
    tags: Collection[str] = (),
    opens: datetime | None = None,
    closes: datetime | None = None,
    early_tags: Collection[str] = (),
    early_minutes: int | None = None,
) -> CheckinList:
    """Make or change a list. `early_tags` may come `early_minutes` before it opens: a second way in."""
    _check(actor, event)
    ways = _ways(event, audience_ids, tags, opens, closes, early_tags, early_minutes)
    pool = _session_pool(event, kind, pool_id)
    rule = ListRule(repeat=repeat, ways=tuple(ways))
    entry = entry or CheckinList(event=event, created=clock.now())
    entry.name, entry.name_en, entry.kind = name, name_en or None, kind
    entry.pool_id = pool.id if pool else None
    entry.rules = {key: value for key, value in rule.written().items() if key != "pool"}
    db.session.add(entry)
    _flush_unique("已有同名的签到名单")
    activity.record("checkin.list_saved", subject=event, actor=actor, list=entry.id, rules=entry.rules)
    return entry


def _ways(
    event: Event,
    audience_ids: Collection[int],
    tags: Collection[str],
    opens: datetime | None,
    closes: datetime | None,
    early_tags: Collection[str],
    early_minutes: int | None,
) -> list[Way]:
    if opens and closes and closes <= opens:
        raise DomainError("结束时间应晚于开始时间", field="closes")
    if early_tags and not (opens and early_minutes):
        raise DomainError("提前入场需要填写开始时间和提前的分钟数", field="early_minutes")
    known = {audience.id for audience in event.audiences}
    audiences = tuple(sorted(set(audience_ids) & known))
    start_ms, end_ms = (milliseconds(opens) if opens else None), (milliseconds(closes) if closes else None)
    ways = [Way(audiences, tuple(tags), start_ms, end_ms)]
    if early_tags and start_ms is not None:
        ways.append(Way(audiences, tuple(early_tags), start_ms - (early_minutes or 0) * 60_000, end_ms))
    return ways


def _session_pool(event: Event, kind: ListKind, pool_id: int | None) -> SeatPool | None:
    if kind is not ListKind.SESSION:
        return None
    pool = next((one for one in event.pools if one.id == pool_id and one.kind is PoolKind.SESSION), None)
    if pool is None:
        raise DomainError("请选择场次", field="pool_id")
    return pool


def drop_list(entry: CheckinList, *, actor: Any) -> None:
    """Remove a list on which nobody has been scanned."""
    _check(actor, entry.event)
    if db.session.execute(sa.select(Scan.id).where(Scan.list_id == entry.id).limit(1)).first():
        raise Conflict("这张名单已有签到记录，不能删除")
    for gate in db.session.execute(queries.gates_of_event(entry.event_id)).unique().scalars():
        if entry in gate.lists:
            gate.lists.remove(entry)
    activity.record("checkin.list_dropped", subject=entry.event, actor=actor, name=entry.name)
    db.session.delete(entry)
    db.session.flush()


def save_gate(
    gate: Gate | None,
    *,
    event: Event,
    actor: Any,
    name: str,
    name_en: str = "",
    list_ids: Collection[int] = (),
    may_force: bool = True,
    may_add: bool = True,
    stewards: str = "",
) -> Gate:
    """Make or change a gate. `stewards`: mail addresses or mobile numbers of people with an account, one a line."""
    _check(actor, event)
    lists = [one for one in db.session.execute(queries.lists_of_event(event.id)).scalars() if one.id in set(list_ids)]
    if not lists:
        raise DomainError("请至少选择一张签到名单", field="list_ids")
    gate = gate or Gate(event=event, created=clock.now())
    gate.name, gate.name_en, gate.lists = name, name_en or None, lists
    gate.may_force, gate.may_add = may_force, may_add
    people = _people(stewards)
    kept = {one.user_id: one for one in gate.stewards}
    gate.stewards = [kept.get(user.id) or GateSteward(user_id=user.id, created=clock.now()) for user in people]
    db.session.add(gate)
    _flush_unique("已有同名的入口")
    activity.record("checkin.gate_saved", subject=event, actor=actor, gate=gate.id, stewards=[u.id for u in people])
    return gate


def _people(text: str) -> list[User]:
    found: dict[int, User] = {}
    for line in text.splitlines():
        if not line.strip():
            continue
        user = accounts.by_identifier(line.strip())
        if user is None or not user.is_active:
            raise DomainError("没有找到账号“{name}”，请填写登录用的邮箱或手机号", field="stewards", name=line.strip())
        found[user.id] = user
    return list(found.values())


def new_gate_code_for(gate: Gate, *, actor: Any, hours: int | None = None) -> tuple[GateCode, str]:
    """A code that opens this gate, until the event is over at the latest; returned once, kept as a hash."""
    _check(actor, gate.event)
    now, latest = clock.now(), gate.event.ends + GRACE
    expires = min(latest, now + timedelta(hours=hours)) if hours else latest
    if expires <= now:
        raise Conflict("活动已经结束，不能再发口令；请用账号登录后打开入口页面")
    text = new_gate_code()
    row = GateCode(
        gate=gate,
        code_hash=gateways.gate_code_hash(text),
        hint=text[-2:],
        created=now,
        created_by_id=actor.id,
        expires=expires,
    )
    db.session.add(row)
    db.session.flush()
    activity.record("checkin.code_made", subject=gate.event, actor=actor, gate=gate.id, code=row.id)
    return row, text


def revoke(code: GateCode, *, actor: Any) -> None:
    """End a code now; devices behind it forget their guests when they next ask."""
    _check(actor, code.gate.event)
    if code.revoked is None:
        code.revoked = clock.now()
        activity.record("checkin.code_revoked", subject=code.gate.event, actor=actor, gate=code.gate_id, code=code.id)
        db.session.flush()


def spend_try(address: str) -> bool:
    """One try at typing a code; False when this address has had too many."""
    return limits.spend("checkin.code", address, limit=TRIES, minutes=MINUTES)


def enter(text: str, *, address: str) -> GateCode | None:
    """The code that was typed, when it opens a gate now; a right one gives the try back."""
    code = normal_gate_code(text)
    if len(code) != GATE_CODE_LENGTH:
        return None
    row = db.session.execute(queries.code_by_hash(gateways.gate_code_hash(code))).unique().scalar_one_or_none()
    if row is None or not opens(row):
        return None
    row.last_used = clock.now()
    limits.give_back("checkin.code", address)
    db.session.flush()
    return row


def opens(code: GateCode) -> bool:
    """Does this code open its gate now?"""
    published = code.gate.event.state is not EventState.CANCELLED
    return code.revoked is None and clock.now() < code.expires and published


def may_hand_in(code: GateCode) -> bool:
    """May a device behind this code still hand in what it holds? Also for some days after the code's end."""
    return code.revoked is None and clock.now() < code.expires + LATE_SYNC


def rotate(attendee: Attendee, *, actor: Any) -> None:
    """A new ticket code; the old picture opens no gate any more."""
    attendee.code = new_code()
    activity.record("checkin.ticket_renewed", subject=attendee.registration, actor=actor, attendee=attendee.id)
    db.session.flush()


def copy(source: Event, copied: Event, shift: timedelta) -> None:
    """Lists and gates come along with a copied event, moved in time; codes, stewards and scans do not."""
    audiences = {a.name: a.id for a in copied.audiences}
    names = {a.id: a.name for a in source.audiences}
    pools = {(p.kind, p.name): p.id for p in copied.pools}
    twins: dict[int, CheckinList] = {}
    for entry in db.session.execute(queries.lists_of_event(source.id)).scalars():
        ways = tuple(
            Way(
                tuple(audiences[names[a]] for a in way.audiences if names.get(a) in audiences),
                way.tags,
                _moved(way.opens, shift),
                _moved(way.closes, shift),
            )
            for way in entry.rule.ways
        )
        rule = ListRule(repeat=entry.rule.repeat, ways=ways).written()
        twins[entry.id] = CheckinList(
            event=copied,
            name=entry.name,
            name_en=entry.name_en,
            kind=entry.kind,
            pool_id=pools.get((entry.pool.kind, entry.pool.name)) if entry.pool else None,
            rules={key: value for key, value in rule.items() if key != "pool"},
            created=clock.now(),
        )
    db.session.add_all(twins.values())
    for gate in db.session.execute(queries.gates_of_event(source.id)).unique().scalars():
        db.session.add(
            Gate(
                event=copied,
                name=gate.name,
                name_en=gate.name_en,
                may_force=gate.may_force,
                may_add=gate.may_add,
                lists=[twins[one.id] for one in gate.lists],
                created=clock.now(),
            )
        )
    db.session.flush()


def _moved(moment: int | None, shift: timedelta) -> int | None:
    return None if moment is None else moment + round(shift.total_seconds() * 1000)


def _check(actor: Any, event: Event) -> None:
    if not access.may_run(actor, event):
        raise NotPermitted("这个活动的签到不由您负责")


def _flush_unique(sentence: str) -> None:
    try:
        with db.session.begin_nested():
            db.session.flush()
    except IntegrityError:
        raise Conflict(sentence, field="name") from None
