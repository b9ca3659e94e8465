"""Demo needs, questions to helpers with their answers, and the services that followed."""

from __future__ import annotations

import sqlalchemy as sa

from matchmaker.accounts.models import User
from matchmaker.core.db import db
from matchmaker.directory.models import Person
from matchmaker.matching.access import LinkBearer
from matchmaker.matching.models import HelpRequest, Need
from matchmaker.matching.rules import DeclineReason, NeedKind, Result, Side
from matchmaker.matching.services import impressions, many, needs, outcomes, requests
from matchmaker.seeding import gateways
from matchmaker.seeding.demo import Demo, fen_of_wan, number, several
from matchmaker.seeding.demo_directory import contact_of

# What goes with the points of a rating.
SENTENCES = {
    5: "讲得具体，当场就能用。",
    4: "帮助很大，还想再约一次。",
    3: "有些启发，离解决还差一步。",
    2: "准备得不够，没谈到要点。",
    1: "没有帮上忙。",
}


def load_needs(demo: Demo) -> int:
    """Needs in the words of the enterprises, each on its day; the answers below bring them to their states."""
    rows = sorted(demo.new("needs"), key=lambda row: -int(row["posted_days_ago"]))
    for row in rows:
        with demo.on(demo.ago(row["posted_days_ago"])):
            need = needs.state(
                actor=_owner(row, demo),
                region=row["region"],
                kind=NeedKind(row["kind"]),
                title=row["title"],
                text=row["text"],
                organisation_id=demo.ids[row["organisation"]],
                fields=several(row["fields"]),
                budget_fen=fen_of_wan(row["budget_wan"]),
                deadline=demo.ahead(row["wanted_in_days"]) if row["wanted_in_days"] else None,
                listed=row["state"] != "draft",
                kept_reason="演示数据中的名称",
                draft=row["state"] == "draft",
                demo=True,
            )
        demo.note(row["key"], need.id)
    return len(rows)


def _owner(row: dict[str, str], demo: Demo) -> User:
    """Who posted it: a login of the firm, else the handler who took it down."""
    return demo.user(row["account"]) if row["account"] else demo.staff(row["region"])


def load_help_requests(demo: Demo) -> int:
    """Questions to helpers; who has no login answers by the link of the mail."""
    rows = sorted(demo.new("help_requests"), key=lambda row: -int(row["asked_days_ago"]))
    shown = _rankings(demo, rows)
    for row in rows:
        need, person = demo.get(Need, row["need"]), demo.get(Person, row["helper"])
        with demo.on(demo.ago(row["asked_days_ago"]), "09:00"):
            impressions.write(impressions.unwritten(shown[need.id], side=Side.OWNER), side=Side.OWNER)
            asker = db.session.get_one(User, need.user_id)
            requests.ask(need, actor=asker, person_ids=[person.id], message=row["message"])
        latest = sa.select(HelpRequest).where(HelpRequest.need_id == need.id, HelpRequest.person_id == person.id)
        request = db.session.execute(latest.order_by(HelpRequest.id.desc())).scalars().first()
        if request is None:
            raise LookupError(f"{row['key']}: this helper cannot be asked")
        if row["answered_days_ago"]:
            _answer(request, row, demo)
        demo.note(row["key"], request.id)
    return len(rows)


def _rankings(demo: Demo, rows: list[dict[str, str]]) -> dict[int, list[impressions.Shown]]:
    """What the owners saw before they asked: the ranking of each need, as the page would show it."""
    asked = [demo.get(Need, key) for key in sorted({row["need"] for row in rows})]
    if not asked:
        return {}
    return {
        need.id: [(need.id, person, {"raw": score}) for person, score in ranking]
        for need, ranking in zip(asked, many.rank_many(asked), strict=True)
    }


def _answer(request: HelpRequest, row: dict[str, str], demo: Demo) -> None:
    helper = _helper(request)
    with demo.on(demo.ago(row["answered_days_ago"]), "16:00"):
        if row["state"] == "declined":
            requests.decline(request, actor=helper, reason=DeclineReason(row["reason"]), note=row["answer"])
        else:
            requests.accept(request, actor=helper, note=row["answer"])


def _helper(request: HelpRequest) -> User | LinkBearer:
    user_id = request.person.user_id
    return db.session.get_one(User, user_id) if user_id else LinkBearer(request.id, request.person.name)


def load_service_records(demo: Demo) -> int:
    """Services written down by the firm, with its rating; the one that closes the need closes the request."""
    rows = sorted(demo.new("service_records"), key=lambda row: -int(row["served_days_ago"]))
    firms = {demo.ids[row["key"]]: row["organisation"] for row in gateways.rows("demo", "needs")}
    for row in rows:
        request = demo.get(HelpRequest, row["request"])
        served = demo.ago(row["served_days_ago"])
        closes = row["closes_need"] == "1"
        organisation = firms[request.need_id]
        with demo.on(served, "18:00"):
            actor, rating = contact_of(demo, organisation), number(row["rating"])
            session = outcomes.record_service(
                request,
                actor=actor,
                demo=True,
                served=served,
                minutes=int(row["minutes"]),
                place=row["place"],
                content=row["content"],
                rating=rating,
                rating_note=SENTENCES.get(rating or 0, ""),
            )
            if rating:
                outcomes.confirm(request, session, actor=_helper(request))
            if closes:
                outcomes.conclude(request, actor=actor, result=Result.ADVICE, closes_need=True)
        demo.note(row["key"], session.record.id)
    return len(rows)
