"""Demo organisations, and the people who sign in."""

from __future__ import annotations

from matchmaker.accounts import services as accounts
from matchmaker.accounts.models import User
from matchmaker.accounts.rules import STAFF, MembershipLevel, Role
from matchmaker.core import clock, folding
from matchmaker.core.db import db
from matchmaker.directory.models import FormerName, Organisation
from matchmaker.directory.rules import OrganisationKind, OrganisationState, demo_uscc
from matchmaker.seeding.demo import Demo, fen_of_wan, number, password_hash, several, values_of

IN_OFFICE_FOR = 4000  # days: longer than the oldest thing that any of them did
BY_LOGIN = {Role.INDIVIDUAL, Role.MEMBER}  # these follow from having an account or a membership
TEXTS = (
    "name_en",
    "short_name",
    "legal_representative",
    "registered_address",
    "working_address",
    "industry_code",
    "summary",
    "summary_en",
    "contact_name",
    "website",
)


def load_organisations(demo: Demo) -> int:
    """Enterprises, universities, investors, operators and bureaux, with valid codes that belong to nobody."""
    rows = demo.new("organisations")
    for row in rows:
        organisation = _organisation(row, demo)
        db.session.add(organisation)
        db.session.flush()
        for name in several(row["former_names"]):
            folded = folding.fold_company(name)
            db.session.add(FormerName(organisation=organisation, name=name, folded_name=folded, source="demo"))
        demo.note(row["key"], organisation.id)
    return len(rows)


def _organisation(row: dict[str, str], demo: Demo) -> Organisation:
    now = clock.now()
    return Organisation(
        region=row["region"],
        kind=OrganisationKind(row["kind"]),
        state=OrganisationState.ACTIVE,
        uscc=demo_uscc(int(row["serial"]), region=row["region"], authority=row["authority"]),
        name=row["name"],
        folded_name=folding.fold_company(row["name"]),
        pinyin=folding.pinyin_initials(row["name"]),
        founded=demo.ago(row["founded_days_ago"]) if row["founded_days_ago"] else None,
        fields=several(row["fields"]),
        key_industries=several(row["key_industries"]),
        staff_count=number(row["staff"]),
        revenue_fen=fen_of_wan(row["revenue_wan"]),
        contact_phone=row["phone"] or None,
        contact_email=row["email"] or None,
        source="demo",
        demo=True,
        created=now,
        updated=now,
        **values_of(row, *TEXTS),
    )


def load_accounts(demo: Demo) -> int:
    """One login per role, members of their organisations."""
    rows = demo.new("accounts")
    for row in rows:
        user = accounts.create_user(
            name=row["name"],
            email=row["email"],
            phone=row["phone"],
            password_hash=password_hash(),
            region=row["region"],
            confirmed=True,
            demo=True,
        )
        for name in several(row["roles"]):
            role = Role(name)
            if role not in BY_LOGIN:
                region = row["region"] if role in STAFF else None
                accounts.grant_role(user, role, region=region, starts=demo.ago(IN_OFFICE_FOR))
        if row["organisation"]:
            level = MembershipLevel(row["membership"])
            accounts.join(user, demo.organisation(row["organisation"]), level=level)
        demo.note(row["key"], user.id)
    return len(rows)


def contact_of(demo: Demo, organisation_key: str, *, name: str = "") -> User:
    """The login of an organisation's contact, made when somebody is needed who acts for the organisation."""
    key = f"contact-{organisation_key}"
    known = demo.find(User, key)
    if known is not None:
        return known
    organisation = demo.organisation(organisation_key)
    user = accounts.create_user(
        name=name or organisation.contact_name or organisation.name,
        email=organisation.contact_email,
        password_hash=password_hash(),
        region=organisation.region,
        confirmed=True,
        demo=True,
    )
    accounts.join(user, organisation, level=MembershipLevel.STAFF)
    demo.note(key, user.id)
    return user
