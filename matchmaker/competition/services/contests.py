"""Drafting, announcing and leading a contest from one state to the next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from matchmaker.activity import services as activity
from matchmaker.competition import gateways
from matchmaker.competition.models import Contest, ContestGroup, ContestStage, ContestTrack
from matchmaker.competition.rules import editions
from matchmaker.competition.rules.eligibility import EligibilityRules, Group
from matchmaker.competition.rules.entry_rules import rules_of
from matchmaker.competition.rules.results import Feedback, Sharing, items_of
from matchmaker.competition.rules.rubric import check_rubric
from matchmaker.competition.rules.states import ContestState, check_transition
from matchmaker.competition.services import entries, rulebook
from matchmaker.competition.services.guards import check_manages
from matchmaker.competition.services.stages import check_dates, set_stages, set_values
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict, DomainError

EDITABLE = (
    "year", "title", "title_en", "summary", "summary_en", "deadline", "working_days", "recusal_years",
    "contact_name", "contact_phone",
)  # fmt: skip
LIMITS = ("comment_below", "comment_above", "range_limit")


def usual_values() -> dict[str, Any]:
    """What the form of a new contest starts with."""
    return gateways.usual_rules()


def draft(
    *,
    actor: Any,
    region: str,
    eligibility: Mapping[str, Any],
    groups: Sequence[Mapping[str, Any]],
    tracks: Sequence[Mapping[str, Any]],
    stages: Sequence[Mapping[str, Any]],
    **values: Any,
) -> Contest:
    """A new contest that only its organisers see.

    `groups` are {code, prizes, …}, `tracks` {code, title, title_en}, `stages` {code, judging_until, per_entry, …}.
    """
    now = clock.now()
    contest = Contest(
        region=region,
        state=ContestState.PREPARING,
        eligibility=dict(eligibility),
        package=values.get("package", Sharing.SUPERVISOR),
        feedback=values.get("feedback", Feedback.NEVER),
        comments=bool(values.get("comments")),
        diligence=list(values.get("diligence", [])),
        rules={},
        owner_id=actor.id,
        demo=bool(values.get("demo")),
        created=now,
        updated=now,
        **{key: values[key] for key in EDITABLE if key in values},
    )
    check_manages(actor, contest)
    EligibilityRules.from_values(contest.eligibility)
    db.session.add(contest)
    _set_groups(contest, groups)
    _set_tracks(contest, tracks)
    set_stages(contest, stages)
    db.session.flush()
    activity.record("competition.drafted", subject=contest, actor=actor, title=contest.title)
    return contest


def follow(contest: Contest, template: str) -> None:
    """Give the stages of a new contest what the form does not ask for, as a template has it."""
    templates = gateways.usual_rules()["templates"]
    chosen = templates.get(template) or next(iter(templates.values()))
    for stage in contest.stages:
        row = chosen["stages"].get(stage.code.value)
        if row is not None and stage.mode.value == row["mode"]:
            limits = {key: Decimal(row[key]) if row.get(key) is not None else None for key in LIMITS}
            more = {key: row[key] for key in ("ties", "pitch_minutes", "question_minutes") if key in row}
            fewest = min(row.get("minimum_panel", stage.per_entry), stage.per_entry)
            set_values(stage, {**_as_is(stage), **limits, **more, "minimum_panel": fewest})
    db.session.flush()


def take_over(contest: Contest, model: Contest) -> None:
    """Give a new contest what the form does not ask for as an earlier one has it: rubrics, ties, places, limits."""
    for stage in contest.stages:
        before = model.stage_of(stage.code)
        if before is not None:
            keys = ("ties", "places", "pitch_minutes", "question_minutes", "auto_release", *LIMITS)
            fewest = min(before.minimum_panel, stage.per_entry)
            set_values(stage, {**_as_is(stage), **{key: getattr(before, key) for key in keys}, "minimum_panel": fewest})
    for group in contest.groups:
        before_group = next((other for other in model.groups if other.code is group.code), None)
        if before_group is not None:
            rulebook.set_criteria(group, None, rulebook.copies_of(before_group.criteria))
            for stage in contest.stages:
                earlier = model.stage_of(stage.code)
                own = [row for row in earlier.own_criteria if row.group_id == before_group.id] if earlier else []
                if own:
                    rulebook.set_criteria(group, stage, rulebook.copies_of(own))
    db.session.flush()


def _as_is(stage: ContestStage) -> dict[str, Any]:
    return {key: getattr(stage, key) for key in ("judging_until", "aggregation", "per_entry")}


def edit(
    contest: Contest,
    *,
    actor: Any,
    eligibility: Mapping[str, Any],
    groups: Sequence[Mapping[str, Any]],
    tracks: Sequence[Mapping[str, Any]],
    stages: Sequence[Mapping[str, Any]],
    **values: Any,
) -> None:
    """Change a contest that is not announced yet."""
    check_manages(actor, contest)
    editions.check_draft(contest.announced)
    for key in EDITABLE:
        if key in values:
            setattr(contest, key, values[key])
    contest.eligibility = dict(eligibility)
    contest.updated = clock.now()
    EligibilityRules.from_values(contest.eligibility)
    _set_groups(contest, groups)
    _set_tracks(contest, tracks)
    set_stages(contest, stages)
    activity.record("competition.edited", subject=contest, actor=actor)
    db.session.flush()


def diligence_items(contest: Contest) -> list[str]:
    """What is checked about winners: the contest's own list, or the usual one to begin a draft with."""
    own = [item["label"] for item in contest.diligence]
    return own or ([] if contest.announced else list(gateways.usual_rules().get("diligence", [])))


def write_results_rules(
    contest: Contest, *, package: Sharing, feedback: Feedback, comments: bool, diligence: str
) -> None:
    """What is checked about winners before the release, and what entrants and everybody read after it.

    Who may write this and when is the matter of `rulebook.change`.
    """
    contest.package, contest.feedback, contest.comments = package, feedback, comments
    contest.diligence = items_of(diligence)


def write_entry_rules(contest: Contest, *, eligibility: Mapping[str, Any]) -> None:
    """Who may enter and how; what a form does not ask for stays. Called through `rulebook.change` like the above."""
    before = contest.eligibility
    said = {key: value for key, value in eligibility.items() if value is not None or key in before}
    entries_before, entries_said = before.get("entries") or {}, dict(eligibility.get("entries") or {})
    files = {
        kind: {**(entries_before.get("files") or {}).get(kind, {}), **limits}
        for kind, limits in entries_said.get("files", {}).items()
    }
    contest.eligibility = {**before, **said, "entries": {**entries_before, **entries_said, "files": files}}
    EligibilityRules.from_values(contest.eligibility)


def announce(contest: Contest, *, actor: Any) -> None:
    """Open a contest: its rules become one document that no one changes any more, with its fingerprint."""
    check_manages(actor, contest)
    check_transition(contest.state, ContestState.REGISTRATION)
    now = clock.now()
    editions.check_draft(contest.announced)
    editions.check_announceable(deadline=contest.deadline, now=now)
    EligibilityRules.from_values(contest.eligibility).check_in_force(clock.today())
    if not contest.contact_name.strip() or not contest.contact_phone.strip():
        raise DomainError("请填写联系人和联系电话再发布，公示和异议都要用到", field="contact_name")
    if not contest.groups or not contest.tracks:
        raise DomainError("请至少设置一个组别和一条赛道再发布", field="groups")
    for group in contest.groups:
        check_rubric(group.rubric)
        for stage in contest.stages:
            check_rubric(stage.rubric_of(group))
    rulebook.publish(contest)
    contest.state, contest.announced, contest.updated = ContestState.REGISTRATION, now, now
    activity.record("competition.announced", subject=contest, actor=actor, rules_hash=contest.rules_hash)
    db.session.flush()


def extend(contest: Contest, *, actor: Any, deadline: datetime, reason: str) -> None:
    """Move the deadline later, with a reason; a contest in screening takes entries again."""
    check_manages(actor, contest)
    if contest.state not in (ContestState.REGISTRATION, ContestState.SCREENING):
        raise Conflict("大赛已进入评审，报名截止不能再改")
    editions.check_extension(old=contest.deadline, new=deadline, now=clock.now())
    if not reason.strip():
        raise DomainError("请写明顺延的理由，会公开显示", field="reason")
    before, contest.deadline = contest.deadline, deadline
    check_dates(contest)
    contest.state = ContestState.REGISTRATION
    activity.record(
        "competition.extended",
        subject=contest,
        actor=actor,
        before=before.isoformat(),
        after=deadline.isoformat(),
        reason=reason.strip()[:500],
    )
    db.session.flush()


def close_entries(contest: Contest, *, actor: Any) -> None:
    """Go on to screening once the deadline is over."""
    check_manages(actor, contest)
    check_transition(contest.state, ContestState.SCREENING)
    editions.check_closed(deadline=rules_of(contest).latest(contest.deadline), now=clock.now())
    entries.at_closing(contest)
    contest.state = ContestState.SCREENING
    activity.record("competition.closed", subject=contest, actor=actor)
    db.session.flush()


def _set_groups(contest: Contest, groups: Sequence[Mapping[str, Any]]) -> None:
    """Keep, add and drop groups; a new one starts with the usual rubric."""
    wanted = {Group(row["code"]): row for row in groups}
    usual = gateways.usual_rules()["groups"]
    for group in [g for g in contest.groups if g.code not in wanted]:
        contest.groups.remove(group)
        db.session.delete(group)
    present = {group.code: group for group in contest.groups}
    for code, row in wanted.items():
        if code in present:
            group = present[code]
        else:
            defaults = usual[code.value]
            group = ContestGroup(
                code=code,
                title=row.get("title") or code.label,
                title_en=row.get("title_en") or defaults["title_en"],
                requirement=row.get("requirement") or defaults["requirement"],
                requirement_en=row.get("requirement_en") or defaults["requirement_en"],
                prizes=[],
                criteria=rulebook.criteria_from(row.get("criteria") or defaults["criteria"]),
            )
            contest.groups.append(group)
        prizes = editions.prizes_of(row["prizes"])
        group.prizes = [editions.prize_document(prize) for prize in prizes]


def _set_tracks(contest: Contest, tracks: Sequence[Mapping[str, Any]]) -> None:
    wanted = {row["code"]: row for row in tracks}
    if not wanted:
        raise DomainError("请至少填写一条赛道，每行一条", field="tracks")
    for track in [t for t in contest.tracks if t.code not in wanted]:
        contest.tracks.remove(track)
        db.session.delete(track)
    present = {track.code: track for track in contest.tracks}
    for code, row in wanted.items():
        if code not in present:
            contest.tracks.append(ContestTrack(code=code, title=row["title"], title_en=row.get("title_en") or None))
        else:
            track = present[code]
            track.title, track.title_en = row["title"], row.get("title_en") or None
