"""Demo alliances: founded, signed by owners, filed; and a joint project with its split."""

from __future__ import annotations

from decimal import Decimal

from matchmaker.accounts import services as accounts
from matchmaker.accounts.models import User
from matchmaker.accounts.rules import MembershipLevel
from matchmaker.alliances.models import Alliance, AllianceMember
from matchmaker.alliances.rules import MemberRole
from matchmaker.alliances.services import alliances, members, projects
from matchmaker.seeding.demo import Demo, fen_of_wan, password_hash

TEXTS = ("summary", "summary_en", "goal", "task_division", "ip_clause", "income_clause", "liability_clause")
MORE_TEXTS = ("funding_rule", "openness", "document")


def load_alliances(demo: Demo) -> int:
    """Alliances with the lead's agreement; members and filing follow with the next file."""
    rows = demo.new("alliances")
    for row in rows:
        with demo.on(demo.ago(row["established_days_ago"])):
            alliance = alliances.found(
                actor=_owner(row["lead"], demo),
                organisation_id=demo.ids[row["lead"]],
                title=row["name"],
                title_en=row["name_en"],
                starts=demo.ago(row["agreement_from_days_ago"]) if row["agreement_from_days_ago"] else None,
                ends=demo.ahead(row["agreement_to_in_days"]) if row["agreement_to_in_days"] else None,
                demo=True,
                **{name: row[name] for name in (*TEXTS, *MORE_TEXTS)},
            )
        demo.note(row["key"], alliance.id)
    return len(rows)


def load_alliance_members(demo: Demo) -> int:
    """Members join and their owners sign; a complete alliance is handed in and filed, later members follow."""
    loaded = 0
    new = {row["key"] for row in demo.new("alliance_members")}
    files = demo.grouped("alliances", "key")
    for key, rows in demo.grouped("alliance_members", "alliance").items():
        alliance, facts = demo.get(Alliance, key), files[key][0]
        rows = [row for row in rows if row["key"] in new]
        filed = int(facts["filed_days_ago"]) if facts["filed_days_ago"] else None
        first = [row for row in rows if filed is None or int(row["joined_days_ago"]) > filed]
        _join_and_sign(alliance, first, facts, demo)
        if filed is not None and first:
            with demo.on(demo.ago(filed)):
                alliances.submit(alliance, actor=_owner(facts["lead"], demo))
                alliances.start(alliance, actor=demo.staff(alliance.region))
        for row in rows:
            if row not in first:
                _join(alliance, row, facts, demo)
        loaded += len(rows)
    return loaded


def _join_and_sign(alliance: Alliance, rows: list[dict[str, str]], facts: dict[str, str], demo: Demo) -> None:
    for row in rows:
        _join(alliance, row, facts, demo)
    signed = [row for row in rows if row["signed_days_ago"]]
    if not signed:
        return
    earliest = max(int(row["signed_days_ago"]) for row in signed)
    with demo.on(demo.ago(earliest), "08:00"):
        alliances.open_signing(alliance, actor=_owner(facts["lead"], demo))
    for row in signed:
        with demo.on(demo.ago(row["signed_days_ago"])):
            members.sign(
                demo.get(AllianceMember, row["key"]), actor=_owner(row["organisation"], demo, row["signatory"])
            )


def _join(alliance: Alliance, row: dict[str, str], facts: dict[str, str], demo: Demo) -> None:
    organisation = demo.organisation(row["organisation"])
    if row["role"] == MemberRole.LEAD.value:
        member = alliance.lead
        if member is None:
            raise LookupError(f"{row['key']}: the alliance has no lead")
    else:
        with demo.on(demo.ago(row["joined_days_ago"]), "07:00"):
            member = members.add(
                alliance,
                actor=_owner(facts["lead"], demo),
                organisation=organisation.name,
                role=MemberRole(row["role"]),
                task=row["task"],
            )
    demo.note(row["key"], member.id)


def _owner(organisation_key: str, demo: Demo, name: str = "") -> User:
    """Who signs for an organisation: its owner among the logins, else one made for it."""
    if organisation_key == "qy-001":
        return demo.user("u-owner")
    key = f"owner-{organisation_key}"
    known = demo.find(User, key)
    if known is not None:
        return known
    organisation = demo.organisation(organisation_key)
    user = accounts.create_user(
        name=name or organisation.legal_representative or organisation.name,
        email=f"owner.{organisation_key}@example.cn",
        password_hash=password_hash(),
        region=organisation.region,
        confirmed=True,
        demo=True,
    )
    accounts.join(user, organisation, level=MembershipLevel.OWNER)
    demo.note(key, user.id)
    return user


def load_joint_projects(demo: Demo) -> int:
    """Projects with their split, from two files."""
    rows = demo.new("joint_projects")
    shares = demo.grouped("project_shares", "project")
    for row in rows:
        alliance = demo.get(Alliance, row["alliance"])
        own = {member.organisation_id: member for member in alliance.members}
        split = {
            own[demo.ids[part["organisation"]]].id: (
                Decimal(part["ip_share_percent"]),
                Decimal(part["income_share_percent"]),
            )
            for part in shares[row["key"]]
        }
        with demo.on(demo.ago(row["starts_days_ago"])):
            project = projects.open_project(
                alliance,
                actor=demo.user("u-owner"),
                shares=split,
                title=row["title"],
                title_en=row["title_en"],
                summary=row["summary"],
                trl_start=int(row["trl_start"]),
                trl_target=int(row["trl_target"]),
                budget_own_fen=fen_of_wan(row["budget_own_wan"]) or 0,
                budget_public_fen=fen_of_wan(row["budget_public_wan"]) or 0,
                starts=demo.ago(row["starts_days_ago"]),
                ends=demo.ahead(row["ends_in_days"]),
                demo=True,
            )
        project.trl_now = int(row["trl_now"])
        demo.note(row["key"], project.id)
        for part in shares[row["key"]]:
            demo.note(part["key"], project.id)
    return len(rows)
