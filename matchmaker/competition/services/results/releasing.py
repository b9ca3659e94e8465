"""Publishing a stage: the pending list becomes public, entries go on or are out, winners stand in a notice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from matchmaker.activity import services as activity
from matchmaker.competition.models import Contest, ContestStage, Standing
from matchmaker.competition.queries import standings as standing_queries
from matchmaker.competition.rules.results import Sharing
from matchmaker.competition.rules.states import ContestState, EntryState, check_release, check_transition
from matchmaker.competition.services import counting, tallies
from matchmaker.competition.services.guards import check_manages, check_unconflicted
from matchmaker.competition.services.results.removing import check_winners
from matchmaker.competition.services.results.steps import REMOVE, move
from matchmaker.core import clock
from matchmaker.core.calendar import china_today
from matchmaker.core.db import claim, db
from matchmaker.core.errors import Conflict
from matchmaker.notifications import services as notifications
from matchmaker.publicity import queries as publicity
from matchmaker.publicity.models import Notice
from matchmaker.publicity.rules import DecisionState
from matchmaker.publicity.services import notices


def release(stage: ContestStage, *, actor: Any) -> Notice | None:
    """Publish a stage: its scores become visible and entries go on or are out.

    After the last stage the winners stand in a public notice counted in working days, which is returned.
    """
    contest = stage.contest
    check_manages(actor, contest)
    check_unconflicted(actor, contest)
    if stage.locked is None:
        raise Conflict("成绩还没有锁定，不能发布")
    check_release(released=stage.released, unfinished=0)
    rows = db.session.execute(standing_queries.of_stage(stage.id)).unique().scalars().all()
    if stage.last:
        check_transition(contest.state, ContestState.PUBLICITY)
        check_winners(contest, rows)
    _check_nothing_waits(rows)
    now = clock.now()
    once = sa.update(ContestStage).where(
        ContestStage.id == stage.id, ContestStage.locked.is_not(None), ContestStage.released.is_(None)
    )
    if not claim(once.values(released=now)):
        raise Conflict("本阶段成绩已经发布，不能重复发布")
    db.session.refresh(stage)
    _move_on(stage, rows)
    tally = tallies.in_force(stage)
    tally.released = now
    notice = None
    if stage.last:
        notice = publish_notice(contest, rows, actor=actor)
        tally.notice_id, contest.state = notice.id, ContestState.PUBLICITY
    activity.record(
        "competition.released",
        subject=contest,
        actor=actor,
        stage=stage.code.value,
        version=tally.version,
        notice=notice.id if notice else None,
    )
    _tell(stage, rows)
    db.session.flush()
    return notice


def _move_on(stage: ContestStage, rows: Sequence[Standing]) -> None:
    """Entries go on or are out; off-topic ones end here, with the reason that their entrant reads."""
    following = stage.contest.after(stage)
    onward = EntryState.PROPOSED if following is None else EntryState(following.code.value)
    for row in rows:
        if row.removed is None:
            move(row.entry, onward if (row.prize if stage.last else row.advances) else EntryState.NOT_ADVANCED)
    for place in counting.places_of(stage).values():
        if place.vetoed is not None and place.entry.state is EntryState(stage.code.value):
            move(place.entry, EntryState.NOT_ADVANCED)
            place.entry.reason = place.veto_reason


def _tell(stage: ContestStage, rows: Sequence[Standing]) -> None:
    for row in rows:
        if row.removed is None:
            notifications.enqueue(
                "competition/mail/released",
                to=row.entry.user,
                about=row.entry,
                url=f"/contests/entries/{row.entry_id}",
                standing=row,
                contest=stage.contest,
                stage=stage,
            )


def notice_of(contest: Contest) -> Notice | None:
    """The public notice of the results."""
    return db.session.get(Notice, contest.notice_id) if contest.notice_id else None


def publish_notice(contest: Contest, rows: Sequence[Standing], *, actor: Any, correction: str = "") -> Notice:
    """The winners in a new notice, which becomes the contest's; `correction` says what it replaces and why."""
    content = _notice_of(contest, rows, correction=correction or _correction(contest))
    notice = notices.draft(actor=actor, subject=contest, **content)
    notices.publish(notice, actor=actor)
    contest.notice_id = notice.id
    db.session.flush()
    return notice


def _check_nothing_waits(rows: Sequence[Standing]) -> None:
    for row in rows:
        decision = publicity.decision_of(row, kind=REMOVE)
        if decision is not None and decision.state is DecisionState.PROPOSED:
            raise Conflict("项目“{entry}”的递补还在等待复核，请先办理", entry=row.entry.title)


def _correction(contest: Contest) -> str:
    """The locks of the last stage that were public or opened again before this one, in words."""
    lines = [
        f"第 {tally.version} 次锁定的成绩已重新打开（{china_today(tally.reopened)}），理由：{tally.reopen_reason}。"
        for tally in tallies.of_stage(contest.stages[-1])
        if tally.reopened is not None
    ]
    return "".join(lines)


def _notice_of(contest: Contest, rows: Sequence[Standing], *, correction: str) -> dict[str, Any]:
    tally = tallies.in_force(contest.stages[-1])
    package = f"成绩包指纹：{tally.sha256}（/contests/{contest.id}/{tally.stage.code.value}/package）。"
    return {
        "region": contest.region,
        "title": f"关于{contest.title}拟获奖项目的公示{'（更正）' if correction else ''}",
        "body": (
            f"经报名、资格审查和专家评审，现将{contest.title}拟获奖项目予以公示。"
            f"评分规则文件号：{contest.rules.get('doc_no', '')}；规则指纹：{contest.rules_hash}。"
            f"{package if contest.package is Sharing.PUBLIC else ''}"
            f"{correction}"
            "对公示内容有异议的，请在公示期内实名书面提出。"
        ),
        "items": [
            {
                "name": row.entry.who,
                "uscc": row.entry.organisation.uscc or "" if row.entry.organisation else "",
                "detail": (f"{row.entry.group.title} {row.prize}《{row.entry.title}》{row.score:.{row.places}f} 分"),
                "organisation_id": row.entry.organisation_id,
                "user_id": row.entry.user_id,
            }
            for row in rows
            if row.prize
        ],
        "working_days": contest.working_days,
        "contact_name": contest.contact_name,
        "contact_phone": contest.contact_phone,
    }
