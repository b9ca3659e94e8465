"""Writing, handing in, taking back, withdrawing and deciding on entries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from matchmaker.activity import queries as activity_queries
from matchmaker.activity import services as activity
from matchmaker.competition import access
from matchmaker.competition.models import Ballot, Contest, ContestGroup, ContestTrack, Entry
from matchmaker.competition.rules.ballots import LIVE
from matchmaker.competition.rules.completeness import Written, missing
from matchmaker.competition.rules.eligibility import Group, Verdict
from matchmaker.competition.rules.entry_rules import rules_of
from matchmaker.competition.rules.likeness import sketch
from matchmaker.competition.rules.states import (
    ContestState,
    EntryState,
    check_entry_open,
    check_entry_transition,
)
from matchmaker.competition.services import checks, rechecking, settling, teams, versions
from matchmaker.competition.services.guards import count_change
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict, DomainError, NotPermitted, Refusals
from matchmaker.directory.models import Organisation
from matchmaker.directory.services import years
from matchmaker.notifications import services as notifications

FIELDS = (
    "team_name", "title", "summary", "leader", "phone", "email", "revenue_fen", "listed", "sme_number",
    "hnte_number", "hnte_valid_to", "ip_clear", "good_record",
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
    members: Iterable[Mapping[str, str]] | None = None,
    seen: int | None = None,
    at: datetime | None = None,
    **values: Any,
) -> Entry:
    """Write a draft, or mend a returned entry; decided by the moment the request came in (`at`) against the deadline.

    `seen` is the version that the page has shown: Conflict when the entry was changed elsewhere since.
    """
    now = at or clock.now()
    if not access.may_enter_for(actor, organisation_id):
        raise NotPermitted("您不是这家单位的成员，请先加入单位再报名")
    years.require_open_year(contest.region, contest.year)
    teams.one_at_a_time(contest.id)
    group, track = _choices(contest, group_id=group_id, track_id=track_id)
    _check_shape(group, organisation_id=organisation_id, team_name=values.get("team_name"))
    state = entry.state if entry else EntryState.DRAFT
    check_entry_open(contest.state, state, deadline=rules_of(contest).latest(contest.deadline), now=now)
    _check_first(contest, entry, organisation_id=organisation_id, team_name=values.get("team_name"))
    if entry is None:
        entry = Entry(
            contest=contest, region=contest.region, user_id=actor.id, state=state, findings=[], created=now, team=[]
        )
        db.session.add(entry)
    elif not access.owns(actor, entry):
        raise NotPermitted("只有报名人和同单位的同事可以修改")
    elif seen is not None and seen != entry.version:
        raise Conflict("这个项目在别的页面改过，刚才的内容没有保存；请复制要保留的文字，刷新页面后再改")
    entry.group, entry.track, entry.organisation_id = group, track, organisation_id
    entry.organisation = db.session.get(Organisation, organisation_id) if organisation_id else None
    entry.number = number or entry.number
    for key in FIELDS:
        if key in values:
            setattr(entry, key, values[key])
    if members is not None:
        teams.keep(entry, members)
    entry.mark = sketch(entry.title, entry.summary)
    entry.updated = now
    db.session.flush()
    activity.record("competition.entry_saved", subject=entry, actor=actor, title=entry.title)
    return entry


def gaps(entry: Entry) -> tuple[DomainError, ...]:
    """What is still missing before the entry can be handed in."""
    written = Written(
        firm=entry.group.code is not Group.TEAM,
        summary=entry.summary,
        revenue_fen=entry.revenue_fen,
        files=[row.kind for row in entry.files] if entry.id is not None else [],
    )
    return missing(written, rules_of(entry.contest).files)


def submit(entry: Entry, *, actor: Any, at: datetime | None = None) -> None:
    """Hand an entry in before the deadline, or within the grace period as a late one; the version is kept,
    its people are asked, what the checks find is kept for the screening."""
    _check_owns(actor, entry)
    now, contest = at or clock.now(), entry.contest
    check_entry_open(contest.state, entry.state, deadline=rules_of(contest).latest(contest.deadline), now=now)
    check_entry_transition(entry.state, EntryState.SUBMITTED)
    lacking = gaps(entry)
    if lacking:
        raise Refusals(lacking)
    teams.one_at_a_time(contest.id)
    teams.check_leader(entry)
    entry.late = now > contest.deadline and contest.state is ContestState.REGISTRATION
    entry.state, entry.submitted, entry.updated, entry.reason = EntryState.SUBMITTED, now, now, None
    versions.keep(entry, actor=actor)
    entry.findings = checks.findings_of(entry)
    activity.record("competition.entry_submitted", subject=entry, actor=actor, number=entry.versions, late=entry.late)
    teams.ask(entry, actor=actor)
    _tell(entry, "competition/mail/submitted")
    db.session.flush()


def take_back(entry: Entry, *, actor: Any) -> None:
    """Change what was handed in, before the deadline; when it is not handed in again the last version counts."""
    _check_owns(actor, entry)
    check_entry_transition(entry.state, EntryState.DRAFT)
    if entry.contest.state is not ContestState.REGISTRATION or clock.now() > entry.contest.deadline:
        raise Conflict("报名已截止，不能再撤回修改；需要改动请联系主办方退回")
    entry.state, entry.updated = EntryState.DRAFT, clock.now()
    activity.record("competition.entry_taken_back", subject=entry, actor=actor)
    db.session.flush()


def at_closing(contest: Contest) -> int:
    """Entries close: unfinished changes fall back to the last version handed in, and everybody is checked anew.

    Returns how many were put back.
    """
    statement = sa.select(Entry).where(Entry.contest_id == contest.id).order_by(Entry.id)
    rows = list(db.session.execute(statement).unique().scalars())
    unfinished = [row for row in rows if row.state is EntryState.DRAFT and row.versions]
    for row in unfinished:
        versions.put_back(row)
    for row in rows:
        if row.state in (EntryState.SUBMITTED, EntryState.SCREENING):
            checks.refresh(row)
    db.session.flush()
    return len(unfinished)


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


def withdraw_for(entry: Entry, *, actor: Any, reason: str) -> None:
    """Note that an entrant has left by a signed statement, or never came; before the lock, by who runs the contest."""
    _check_manages(actor, entry)
    check_entry_transition(entry.state, EntryState.WITHDRAWN, reason=reason)
    if entry.contest.locked is not None:
        raise Conflict("成绩已锁定，不能再登记弃赛；请按取消资格或异议程序办理")
    _count(entry)
    entry.state, entry.reason, entry.updated = EntryState.WITHDRAWN, reason.strip()[:500], clock.now()
    activity.record("competition.entry_withdrawn", subject=entry, actor=actor, reason=entry.reason)
    _tell(entry, "competition/mail/decided")
    db.session.flush()


def check_acceptable(entry: Entry, actor: Any) -> None:
    """May this entry be accepted as it is: every check passed, nothing left for a person?"""
    _check_screens(actor, entry)
    check_entry_transition(_screened(entry.state), EntryState.GROUPED)
    if checks.overall_of(entry) is not Verdict.PASS:
        raise DomainError("资格核对有不符合或待核实的项目，请打开该项目逐项办理")


def accept_eligible(entry: Entry, actor: Any, _reason: str = "") -> dict[str, Any]:
    """Accept an entry whose checks all pass; returns what an undo needs."""
    checks.refresh(entry)
    check_acceptable(entry, actor)
    return _accept(entry, actor=actor, note="")


def accept(entry: Entry, *, actor: Any, note: str = "") -> None:
    """Accept an entry whose findings all pass or were settled; a note settles what is still open."""
    _check_screens(actor, entry)
    check_entry_transition(_screened(entry.state), EntryState.GROUPED)
    checks.refresh(entry)
    settling.settle_rest(entry, actor=actor, note=note)
    _accept(entry, actor=actor, note=note)


def undo_accept(entry: Entry, actor: Any, before: dict[str, Any]) -> None:
    """Put an accepted entry back into screening while no judge has it."""
    _check_screens(actor, entry)
    if entry.state is not EntryState.GROUPED or entry.version != before["version"] or _has_ballots(entry):
        raise Conflict("该项目后来又有变化，不能撤销")
    entry.state, entry.review_note = EntryState(before["state"]), None
    activity.record("competition.entry_acceptance_undone", subject=entry, actor=actor)
    db.session.flush()


def recheck(entry: Entry, *, actor: Any) -> None:
    """Look again at what the platform knows: lists were imported, people answered."""
    _check_screens(actor, entry)
    checks.refresh(entry)
    db.session.flush()


UNDOABLE = {
    EntryState.GROUPED: "competition.entry_accepted",
    EntryState.RETURNED: "competition.entry_returned",
    EntryState.REJECTED: "competition.entry_rejected",
}


def undoable(entry: Entry, actor: Any) -> bool:
    """Is the last thing that happened a decision that may still be undone?"""
    if entry.state not in UNDOABLE or entry.contest.state not in (ContestState.REGISTRATION, ContestState.SCREENING):
        return False
    if not access.may_manage(actor, entry.contest) or _has_ballots(entry):
        return False
    latest = activity_queries.of(entry, limit=1)
    return bool(latest) and latest[0].kind == UNDOABLE[entry.state]


def reconsider(entry: Entry, *, actor: Any) -> None:
    """Undo a decision while nothing followed: the entrant changed nothing, no judge has it."""
    _check_screens(actor, entry)
    if not undoable(entry, actor):
        raise Conflict("该项目后来又有变化，不能撤销")
    entry.state, entry.review_note, entry.reason = EntryState.SCREENING, None, None
    entry.updated = clock.now()
    activity.record("competition.entry_reconsidered", subject=entry, actor=actor)
    _tell(entry, "competition/mail/decided")
    db.session.flush()


def send_back(entry: Entry, *, actor: Any, reason: str) -> None:
    """Ask the entrant to mend the entry while entries are screened, or an accepted one that amended rules question."""
    _check_screens(actor, entry)
    rechecking.returned(entry, actor=actor)
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
            for member in entry.team:
                member.name, member.phone, member.email = f"已注销 {member.id}", "", ""
        versions.forget(entry)
    teams.forget(user)
    db.session.flush()


def _accept(entry: Entry, *, actor: Any, note: str) -> dict[str, Any]:
    before = {"state": entry.state.value}
    rechecking.accepted(entry)
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


def _has_ballots(entry: Entry) -> bool:
    statement = sa.select(Ballot.id).where(Ballot.entry_id == entry.id, Ballot.state.in_(LIVE)).limit(1)
    return db.session.execute(statement).first() is not None


def _tell(entry: Entry, template: str) -> None:
    notifications.enqueue(
        template, to=entry.user, about=entry, url=f"/contests/entries/{entry.id}", entry=entry, contest=entry.contest
    )
