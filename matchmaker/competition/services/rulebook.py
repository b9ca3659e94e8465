"""The rules of a contest as one document: published with a fingerprint, amended by two people, every version kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from matchmaker.activity import services as activity
from matchmaker.competition import access
from matchmaker.competition.models import Ballot, Contest, ContestGroup, ContestStage, CriterionRow, RulesVersion
from matchmaker.competition.rules import amending, editions
from matchmaker.competition.rules.amending import Change
from matchmaker.competition.rules.results import Feedback, Sharing
from matchmaker.competition.rules.rubric import check_rubric
from matchmaker.competition.rules.states import RESULTS_OUT, ContestState
from matchmaker.competition.services import checks, rechecking, stages
from matchmaker.competition.services.guards import check_manages, check_unconflicted
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.publicity import queries as publicity
from matchmaker.publicity.models import Decision
from matchmaker.publicity.rules import DecisionState
from matchmaker.publicity.services import decisions

AMEND = "competition.amend"
NUMBERS = ("comment_below", "comment_above", "range_limit")


def document_of(contest: Contest) -> dict[str, Any]:
    """Everything that decides about results, as plain values."""
    return {
        "doc_no": contest.eligibility.get("doc_no", ""),
        "eligibility": contest.eligibility,
        "working_days": contest.working_days,
        "recusal_years": contest.recusal_years,
        "stages": [stages.document_of(stage) for stage in contest.stages],
        "groups": [_group_document(group) for group in contest.groups],
        "tracks": [{"code": track.code, "title": track.title} for track in contest.tracks],
        "results": _results_document(contest),
    }


def publish(contest: Contest, *, reason: str = "", decision: Decision | None = None) -> RulesVersion:
    """Keep the rules as they are now as the next version; the contest shows its fingerprint from now on."""
    contest.rules = document_of(contest)
    contest.rules_hash = editions.fingerprint(contest.rules)
    latest = sa.select(sa.func.max(RulesVersion.number)).where(RulesVersion.contest_id == contest.id)
    version = RulesVersion(
        contest_id=contest.id,
        number=(db.session.execute(latest).scalar() or 0) + 1,
        document=contest.rules,
        digest=contest.rules_hash,
        reason=reason.strip()[:500],
        decision_id=decision.id if decision else None,
        published=clock.now(),
    )
    db.session.add(version)
    db.session.flush()
    return version


def check_unchanged(contest: Contest) -> None:
    """The rules in force are the ones published; anything else was changed behind the platform's back."""
    now = document_of(contest)
    if editions.fingerprint(now if _has_stages(contest) else _of_one_stage(now)) != contest.rules_hash:
        raise Conflict("评分规则与发布时不一致，不能计算成绩，请联系管理员核对")


def in_force(contest: Contest) -> dict[str, Any]:
    """The published rules as a document of today's form."""
    return contest.rules if _has_stages(contest) else document_of(contest)


def _has_stages(contest: Contest) -> bool:
    return "stages" in contest.rules


def _of_one_stage(document: Mapping[str, Any]) -> dict[str, Any]:
    """The form that rules were published in before contests had stages."""
    (stage,) = document["stages"]
    kept = {key: document[key] for key in ("doc_no", "eligibility", "working_days", "groups", "tracks")}
    return {**kept, "aggregation": stage["aggregation"], "per_entry": stage["per_entry"], "stage": stage["code"]}


def versions_of(contest: Contest) -> Sequence[RulesVersion]:
    """Every published version, the newest first."""
    statement = (
        sa.select(RulesVersion).where(RulesVersion.contest_id == contest.id).order_by(RulesVersion.number.desc())
    )
    return db.session.execute(statement).scalars().all()


def change(contest: Contest, *, actor: Any, reason: str, edit: Callable[[], None]) -> Decision | None:
    """Let `edit` change the rules: at once while the contest is drafted, else as an amendment for a second person.

    Nothing that `edit` wrote stays in the latter case; the proposal keeps the new document.
    """
    check_manages(actor, contest)
    if contest.announced is None:
        edit()
        contest.updated = clock.now()
        activity.record("competition.edited", subject=contest, actor=actor)
        db.session.flush()
        return None
    check_unconflicted(actor, contest)
    if contest.state in RESULTS_OUT:
        raise Conflict("大赛结果已公布，规则不能再改")
    if not reason.strip():
        raise DomainError("大赛已发布，修改规则要发补充通知，请写明理由", field="reason")
    check_unchanged(contest)
    db.session.flush()
    with db.session.begin_nested() as nested:
        edit()
        db.session.flush()
        document = document_of(contest)
        nested.rollback()
    db.session.expire_all()
    _check_amendment(contest, document)
    return decisions.propose(
        AMEND,
        subject=contest,
        actor=actor,
        title=f"补充通知：{contest.title}",
        reason=reason,
        url=f"/contests/manage/{contest.id}/amendment",
        data={"before": contest.rules_hash, "document": document},
    )


def _check_amendment(contest: Contest, document: Mapping[str, Any]) -> None:
    """Raises where the change comes too late: see `amending.check_amendment`."""
    amending.check_amendment(
        in_force(contest),
        document,
        begun=begun_stages(contest),
        closed=contest.state is not ContestState.REGISTRATION or clock.now() > contest.deadline,
        locked=any(stage.tallies for stage in contest.stages),
    )


def open_amendment(contest: Contest) -> Decision | None:
    """The amendment that waits for a second person."""
    decision = publicity.decision_of(contest, kind=AMEND)
    return decision if decision is not None and decision.state is DecisionState.PROPOSED else None


def confirm_amendment(contest: Contest, *, actor: Any) -> RulesVersion:
    """The second person agrees: the new rules hold and are published beside the old ones."""
    decision = _amendment(contest, actor)
    if decision.data["before"] != contest.rules_hash:
        raise Conflict("提请以后规则又有变化，请退回，由主办方重新提请")
    document, entered_by = decision.data["document"], contest.eligibility
    _check_amendment(contest, document)
    decisions.confirm(decision, actor=actor)
    _apply(contest, document)
    version = publish(contest, reason=decision.reason, decision=decision)
    if version.document != document:
        raise Conflict("补充通知与提请的内容不一致，没有生效，请重新提请")
    if document["eligibility"] != entered_by:
        checks.refresh_all(contest)
        rechecking.after_amendment(contest, number=version.number)
    activity.record(
        "competition.amended", subject=contest, actor=actor, number=version.number, rules_hash=version.digest
    )
    db.session.flush()
    return version


def return_amendment(contest: Contest, *, actor: Any, reason: str) -> None:
    """The second person does not agree and says why; the rules stay."""
    decisions.give_back(_amendment(contest, actor), actor=actor, reason=reason)


def changes_of(contest: Contest, decision: Decision) -> list[Change]:
    """What a proposed amendment would change."""
    return amending.differences(in_force(contest), decision.data["document"])


def begun_stages(contest: Contest) -> frozenset[str]:
    """The stages that have a ballot."""
    statement = (
        sa.select(ContestStage.code)
        .join(Ballot, Ballot.stage_id == ContestStage.id)
        .where(ContestStage.contest_id == contest.id)
        .distinct()
    )
    opened = {stage.code.value for stage in contest.stages if stage.opened is not None}
    return frozenset(code.value for code in db.session.execute(statement).scalars()) | opened


def set_criteria(group: ContestGroup, stage: ContestStage | None, rows: Sequence[CriterionRow]) -> None:
    """Replace the rubric of a group: in one stage, where no rows mean the group's own, or in all others."""
    if stage is None:
        group.criteria.clear()
        db.session.flush()
        group.criteria.extend(rows)
        check_rubric(group.rubric)
        return
    for row in [row for row in stage.own_criteria if row.group_id == group.id]:
        stage.own_criteria.remove(row)
    db.session.flush()
    for row in rows:
        row.group_id = group.id
        stage.own_criteria.append(row)
    check_rubric(stage.rubric_of(group))
    db.session.flush()


def criteria_from(rows: Sequence[Mapping[str, Any]]) -> list[CriterionRow]:
    """Lines of a rubric from plain values."""
    return [
        CriterionRow(
            position=position,
            key=row["key"],
            label=row["label"],
            label_en=row.get("label_en"),
            hint=row.get("hint") or "",
            hint_en=row.get("hint_en"),
            weight=Decimal(str(row["weight"])),
            maximum=Decimal(str(row["maximum"])),
            step=Decimal(str(row.get("step", "0.5"))),
            levels=[{"minimum": str(level["minimum"]), "text": level["text"]} for level in row.get("levels") or ()],
        )
        for position, row in enumerate(rows, start=1)
    ]


def copies_of(rows: Sequence[CriterionRow]) -> list[CriterionRow]:
    """The same lines for another contest."""
    texts = ("label_en", "hint", "hint_en")
    return criteria_from(
        [{**stages.criterion_document(row), **{key: getattr(row, key) for key in texts}} for row in rows]
    )


def _amendment(contest: Contest, actor: Any) -> Decision:
    if not access.may_decide(actor, contest):
        raise NotPermitted("您没有复核这件事的权限")
    check_unconflicted(actor, contest)
    decision = open_amendment(contest)
    if decision is None:
        raise Conflict("没有等待复核的提请，请刷新页面")
    return decision


def _apply(contest: Contest, document: Mapping[str, Any]) -> None:
    """Write the values of a document into the rows; texts that are not part of the rules (hints, English) stay."""
    contest.working_days = document["working_days"]
    contest.eligibility = dict(document["eligibility"])
    said = document["results"]
    contest.package, contest.feedback = Sharing(said["package"]), Feedback(said["feedback"])
    contest.comments, contest.diligence = said["comments"], said["diligence"]
    wanted = {part["code"]: part for part in document["stages"]}
    for stage in contest.stages:
        part = dict(wanted[stage.code.value])
        part |= {key: None if part[key] is None else Decimal(part[key]) for key in NUMBERS}
        stages.set_values(stage, {**part, "judging_until": datetime.fromisoformat(part["judging_until"])})
        for group in contest.groups:
            own = [row for row in part["criteria"] if row["group"] == group.code.value]
            had = [row for row in stage.own_criteria if row.group_id == group.id]
            if own or had:
                _write_criteria(group, stage, own, had)
    groups = {part["code"]: part for part in document["groups"]}
    for group in contest.groups:
        part = groups[group.code.value]
        group.prizes = part["prizes"]
        _write_criteria(group, None, part["criteria"], group.criteria)
    contest.updated = clock.now()
    db.session.flush()


def _write_criteria(
    group: ContestGroup,
    stage: ContestStage | None,
    wanted: Sequence[Mapping[str, Any]],
    present: Sequence[CriterionRow],
) -> None:
    kept = {row.key: {"label_en": row.label_en, "hint": row.hint, "hint_en": row.hint_en} for row in present}
    if [stages.criterion_document(row) for row in present] == [_without_group(row) for row in wanted]:
        return
    set_criteria(group, stage, criteria_from([{**kept.get(row["key"], {}), **row} for row in wanted]))


def _without_group(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key != "group"}


def _group_document(group: ContestGroup) -> dict[str, Any]:
    return {
        "code": group.code.value,
        "prizes": group.prizes,
        "criteria": [stages.criterion_document(row) for row in group.criteria],
    }


def _results_document(contest: Contest) -> dict[str, Any]:
    return {
        "package": contest.package.value,
        "feedback": contest.feedback.value,
        "comments": contest.comments,
        "diligence": contest.diligence,
    }
