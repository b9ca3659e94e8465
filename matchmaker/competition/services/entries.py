"""Writing, handing in, withdrawing and screening entries."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from matchmaker.activity import services as activity
from matchmaker.competition import access
from matchmaker.competition.models import Ballot, Contest, ContestGroup, ContestTrack, Entry
from matchmaker.competition.rules.ballots import LIVE
from matchmaker.competition.rules.eligibility import (
    Applicant,
    Finding,
    Group,
    Verdict,
    check_override,
    examine,
    overall,
)
from matchmaker.competition.rules.states import (
    ContestState,
    EntryState,
    check_entry_open,
    check_entry_transition,
)
from matchmaker.competition.services.guards import count_change
from matchmaker.core import clock
from matchmaker.core.calendar import china_today
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.core.labels import Labelled
from matchmaker.directory.services import years
from matchmaker.notifications import services as notifications

FIELDS = (
    "team_name", "title", "summary", "leader", "phone", "email", "members", "revenue_fen", "listed", "sme_number",
    "hnte_number", "hnte_valid_to",
)  # fmt: skip


def save(
    contest: Contest,
    *,
    actor: Any,
    entry: Entry | None = None,
    organisation_id: int | None,
    group_id: int,
    track_id: int,
    number: str | None = None,
    **values: Any,
) -> Entry:
    """Write a draft, or mend a returned entry; decided by the moment of the request against the deadline."""
    now = clock.now()
    if not access.may_enter_for(actor, organisation_id):
        raise NotPermitted("您不是这家单位的成员，请先加入单位再报名")
    years.require_open_year(contest.region, contest.year)
    group, track = _choices(contest, group_id=group_id, track_id=track_id)
    _check_shape(group, organisation_id=organisation_id, team_name=values.get("team_name"))
    state = entry.state if entry else EntryState.DRAFT
    check_entry_open(contest.state, state, deadline=contest.deadline, now=now)
    _check_first(contest, entry, organisation_id=organisation_id, team_name=values.get("team_name"))
    if entry is None:
        entry = Entry(
            contest=contest, region=contest.region, user_id=actor.id, state=state, findings=[], created=now, members=[]
        )
        db.session.add(entry)
    elif not access.owns(actor, entry):
        raise NotPermitted("只有报名人和同单位的同事可以修改")
    entry.group, entry.track, entry.organisation_id = group, track, organisation_id
    entry.number = number or entry.number
    for key in FIELDS:
        if key in values:
            setattr(entry, key, values[key])
    entry.updated = now
    db.session.flush()
    activity.record("competition.entry_saved", subject=entry, actor=actor, title=entry.title)
    return entry


def submit(entry: Entry, *, actor: Any) -> None:
    """Hand an entry in before the deadline; what the checks find is kept for the screening."""
    _check_owns(actor, entry)
    now = clock.now()
    check_entry_open(entry.contest.state, entry.state, deadline=entry.contest.deadline, now=now)
    check_entry_transition(entry.state, EntryState.SUBMITTED)
    _check_complete(entry)
    entry.findings = findings_of(entry)
    entry.state, entry.submitted, entry.updated, entry.reason = EntryState.SUBMITTED, now, now, None
    activity.record("competition.entry_submitted", subject=entry, actor=actor)
    _tell(entry, "competition/mail/submitted")
    db.session.flush()


def withdraw(entry: Entry, *, actor: Any, reason: str) -> None:
    """Take an entry out of the contest; its ballots do not count any more."""
    _check_owns(actor, entry)
    check_entry_transition(entry.state, EntryState.WITHDRAWN, reason=reason)
    if entry.contest.locked is not None:
        raise Conflict("成绩已锁定，弃赛请书面联系主办方办理")
    _count(entry)
    entry.state, entry.reason, entry.updated = EntryState.WITHDRAWN, reason.strip()[:500], clock.now()
    activity.record("competition.entry_withdrawn", subject=entry, actor=actor, reason=entry.reason)
    db.session.flush()


def check_acceptable(entry: Entry, actor: Any) -> None:
    """May this entry be accepted as it is: every check passed, nothing left for a person?"""
    _check_screens(actor, entry)
    check_entry_transition(_screened(entry.state), EntryState.GROUPED)
    if overall_of(entry) is not Verdict.PASS:
        raise DomainError("资格核对有不符合或待核实的项目，请打开该项目逐项办理")


def accept_eligible(entry: Entry, actor: Any, _reason: str = "") -> dict[str, Any]:
    """Accept an entry whose checks all pass; returns what an undo needs."""
    check_acceptable(entry, actor)
    return _accept(entry, actor=actor, note="")


def accept(entry: Entry, *, actor: Any, note: str = "") -> None:
    """Accept an entry; where a check failed or asks for a person, the note says on what grounds."""
    _check_screens(actor, entry)
    check_entry_transition(_screened(entry.state), EntryState.GROUPED)
    for row in entry.findings:
        if row["verdict"] != Verdict.PASS:
            check_override(Finding(row["check"], Verdict(row["verdict"]), row["evidence"]), reason=note)
    _accept(entry, actor=actor, note=note)


def undo_accept(entry: Entry, actor: Any, before: dict[str, Any]) -> None:
    """Put an accepted entry back into screening while no judge has it."""
    _check_screens(actor, entry)
    if entry.state is not EntryState.GROUPED or entry.version != before["version"] or _has_ballots(entry):
        raise Conflict("该项目后来又有变化，不能撤销")
    entry.state, entry.review_note = EntryState(before["state"]), None
    activity.record("competition.entry_acceptance_undone", subject=entry, actor=actor)
    db.session.flush()


def send_back(entry: Entry, *, actor: Any, reason: str) -> None:
    """Ask the entrant to mend the entry while entries are screened."""
    _decide(entry, EntryState.RETURNED, actor=actor, reason=reason)


def reject(entry: Entry, *, actor: Any, reason: str) -> None:
    """Turn an entry down with a reason that the entrant reads."""
    _decide(entry, EntryState.REJECTED, actor=actor, reason=reason)


def disqualify(entry: Entry, *, actor: Any, reason: str) -> None:
    """Take an entry out for what it did; before the lock its ballots are not counted, after it its prize is gone."""
    _check_manages(actor, entry)
    check_entry_transition(entry.state, EntryState.DISQUALIFIED, reason=reason)
    _count(entry)
    entry.state, entry.reason, entry.updated = EntryState.DISQUALIFIED, reason.strip()[:500], clock.now()
    activity.record("competition.entry_disqualified", subject=entry, actor=actor, reason=entry.reason)
    _tell(entry, "competition/mail/decided")
    db.session.flush()


def _count(entry: Entry) -> None:
    """Leaving during judging changes what a proposed lock was about."""
    stage = entry.contest.current
    if stage.opened is not None and stage.locked is None:
        count_change(stage)


def forget(user: Any) -> None:
    """Take a person out of their entries: drafts are withdrawn, contacts and names of a team go; results stay."""
    statement = sa.select(Entry).where(Entry.user_id == user.id).order_by(Entry.id)
    for entry in db.session.execute(statement).unique().scalars():
        if entry.state in (EntryState.DRAFT, EntryState.RETURNED) and entry.organisation_id is None:
            entry.state, entry.reason = EntryState.WITHDRAWN, "账号已注销"
        entry.phone = entry.email = ""
        if entry.organisation_id is None:
            entry.leader = "已注销"
            entry.members = [{"name": "已注销", "phone": "", "email": ""} for _member in entry.members]
    db.session.flush()


def findings_of(entry: Entry) -> list[dict[str, Any]]:
    """What the checks say about an entry, ready to be kept; evidence stays a sentence to be translated."""
    deadline = china_today(entry.contest.deadline)
    findings = examine(_applicant(entry), entry.contest.entry_rules, deadline=deadline)
    return [
        {
            "check": finding.check,
            "verdict": finding.verdict.value,
            "evidence": finding.evidence,
            "values": {name: _plain(value) for name, value in finding.values.items()},
        }
        for finding in findings
    ]


def overall_of(entry: Entry) -> Verdict:
    """The verdict over all kept findings; an entry without any asks for a person."""
    kept = tuple(Finding(row["check"], Verdict(row["verdict"]), row["evidence"]) for row in entry.findings)
    return overall(kept) if kept else Verdict.NEEDS_PERSON


def _applicant(entry: Entry) -> Applicant:
    firm = entry.organisation
    return Applicant(
        group=entry.group.code,
        registered=firm.founded if firm else None,
        revenue_fen=entry.revenue_fen,
        listed=bool(firm.stock_code) or entry.listed if firm else False,
        sme_number=entry.sme_number,
        hnte_number=entry.hnte_number,
        hnte_valid_to=entry.hnte_valid_to,
        core_members=1 + len(entry.members),
        wins=_wins(entry),
    )


def _wins(entry: Entry) -> tuple[Any, ...] | None:
    """Prizes of the same firm in this platform's contests; a team without a firm has none on record."""
    from matchmaker.competition.rules.eligibility import PreviousWin

    if entry.organisation_id is None:
        return ()
    won = (EntryState.AWARDED, EntryState.PAID, EntryState.FOLLOWED)
    statement = sa.select(Contest.year, ContestGroup.code).select_from(Entry)
    statement = statement.join(Contest, Contest.id == Entry.contest_id).join(
        ContestGroup, ContestGroup.id == Entry.group_id
    )
    statement = statement.where(Entry.organisation_id == entry.organisation_id, Entry.state.in_(won))
    return tuple(PreviousWin(year=year, group=code) for year, code in db.session.execute(statement))


def _accept(entry: Entry, *, actor: Any, note: str) -> dict[str, Any]:
    before = {"state": entry.state.value}
    entry.state, entry.review_note, entry.updated = EntryState.GROUPED, note.strip()[:500] or None, clock.now()
    activity.record("competition.entry_accepted", subject=entry, actor=actor, note=entry.review_note)
    _tell(entry, "competition/mail/decided")
    db.session.flush()
    return {**before, "version": entry.version}


def _decide(entry: Entry, target: EntryState, *, actor: Any, reason: str) -> None:
    _check_screens(actor, entry)
    check_entry_transition(_screened(entry.state), target, reason=reason)
    entry.state, entry.reason, entry.updated = target, reason.strip()[:500], clock.now()
    activity.record(f"competition.entry_{target.value}", subject=entry, actor=actor, reason=entry.reason)
    _tell(entry, "competition/mail/decided")
    db.session.flush()


def _screened(state: EntryState) -> EntryState:
    """Opening a handed-in entry is the first step of its screening."""
    return EntryState.SCREENING if state is EntryState.SUBMITTED else state


def _check_screens(actor: Any, entry: Entry) -> None:
    _check_manages(actor, entry)
    if entry.contest.state not in (ContestState.REGISTRATION, ContestState.SCREENING):
        raise Conflict("资格审查已经结束，不能再办理；如需取消资格请使用“取消资格”")


def _check_manages(actor: Any, entry: Entry) -> None:
    if not access.may_manage(actor, entry.contest) or access.owns(actor, entry):
        raise NotPermitted("这个项目不由您办理：不在您负责的区域，或与您有关")
    years.require_open_year(entry.contest.region, entry.contest.year)


def _check_owns(actor: Any, entry: Entry) -> None:
    if not access.owns(actor, entry):
        raise NotPermitted("只有报名人和同单位的同事可以办理")
    years.require_open_year(entry.contest.region, entry.contest.year)


def _choices(contest: Contest, *, group_id: int, track_id: int) -> tuple[ContestGroup, ContestTrack]:
    group = next((g for g in contest.groups if g.id == group_id), None)
    track = next((t for t in contest.tracks if t.id == track_id), None)
    if group is None:
        raise DomainError("请选择本届大赛的组别", field="group_id")
    if track is None:
        raise DomainError("请选择本届大赛的赛道", field="track_id")
    return group, track


def _check_shape(group: ContestGroup, *, organisation_id: int | None, team_name: str | None) -> None:
    if group.code is Group.TEAM and organisation_id is not None:
        raise DomainError("团队组以团队名义报名，代表单位请选“以团队名义”", field="organisation_id")
    if group.code is not Group.TEAM and organisation_id is None:
        raise DomainError("企业组须代表企业报名，请选择您的单位", field="organisation_id")
    if group.code is Group.TEAM and not (team_name or "").strip():
        raise DomainError("请填写团队名称", field="team_name")


def _check_first(contest: Contest, entry: Entry | None, *, organisation_id: int | None, team_name: str | None) -> None:
    same = Entry.organisation_id == organisation_id if organisation_id else Entry.team_name == team_name
    gone = (EntryState.WITHDRAWN, EntryState.DISQUALIFIED)
    statement = sa.select(Entry.id).where(Entry.contest_id == contest.id, same, Entry.state.not_in(gone))
    if entry is not None:
        statement = statement.where(Entry.id != entry.id)
    if db.session.execute(statement.limit(1)).first() is not None:
        raise Conflict("您的单位或团队在本届大赛已有参赛项目，请打开原项目修改", field="organisation_id")


def _check_complete(entry: Entry) -> None:
    if len(entry.summary.strip()) < 20:
        raise DomainError("项目介绍至少写 20 个字再提交，方便评委了解", field="summary")
    if entry.group.code is not Group.TEAM and entry.revenue_fen is None:
        raise DomainError("请填写上年度营业收入再提交，没有收入请填 0", field="revenue_wan")


def _has_ballots(entry: Entry) -> bool:
    statement = sa.select(Ballot.id).where(Ballot.entry_id == entry.id, Ballot.state.in_(LIVE)).limit(1)
    return db.session.execute(statement).first() is not None


def _plain(value: object) -> object:
    if isinstance(value, Labelled):
        return {"label": value.label}
    return value if isinstance(value, (int, str, type(None))) else str(value)


def _tell(entry: Entry, template: str) -> None:
    notifications.enqueue(
        template, to=entry.user, about=entry, url=f"/contests/entries/{entry.id}", entry=entry, contest=entry.contest
    )
