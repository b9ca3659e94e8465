"""The demo files hold together: tidy, described, unique keys, references that resolve, known codes."""

import csv
import gzip
import os
import re
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from matchmaker.accounts.rules import Role, check_mail, check_mobile
from matchmaker.alliances.rules import AllianceState, MemberRole
from matchmaker.competition.rules.aggregation import Aggregation
from matchmaker.competition.rules.conflicts import RecusalReason, RecusalState
from matchmaker.competition.rules.eligibility import Group
from matchmaker.competition.rules.states import ContestState, EntryState
from matchmaker.directory.rules import HighTechField, OrganisationKind, check_uscc, demo_uscc, is_demo_uscc
from matchmaker.incubation.rules import (
    CarrierLevel,
    CarrierState,
    CarrierType,
    GraduationProof,
    SpecialField,
    TenancyState,
)
from matchmaker.matching.rules import DeclineReason, NeedKind, NeedState, RequestState

ROOT = Path(__file__).parents[2]
DEMO = ROOT / "seeds/demo"
REFERENCE = ROOT / "seeds/reference"
FILES = sorted(path.name for path in DEMO.glob("*.csv"))
RECORDS = [name for name in FILES if name != "codes.csv"]
PEOPLE = ("mentors.csv", "envoys.csv", "researchers.csv", "investors.csv", "judges.csv")


def rows(name, folder=DEMO):
    with (folder / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def keyed(name):
    return {row["key"]: row for row in rows(name)}


def parts(cell):
    return [part for part in cell.split(";") if part]


def values(name, column):
    return {part for row in rows(name) for part in parts(row[column])}


def codes(name):
    return {row["code"] for row in rows("codes.csv") if row["list"] == name}


@pytest.mark.parametrize("name", FILES)
def test_every_file_is_tidy_and_described(name):
    text = (DEMO / name).read_text(encoding="utf-8")

    assert text.endswith("\n")
    assert "\r" not in text
    assert all(None not in row and None not in row.values() for row in rows(name))
    assert f"## `{name}`" in (DEMO / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", FILES)
def test_every_column_is_described(name):
    section = (DEMO / "README.md").read_text(encoding="utf-8").split(f"## `{name}`")[1].split("\n## ")[0]

    assert [column for column in rows(name)[0] if f"`{column}`" not in section] == []


@pytest.mark.parametrize("name", RECORDS)
def test_keys_are_unique_and_every_row_is_marked_as_demo(name):
    counts = Counter(row["key"] for row in rows(name))

    assert [key for key, times in counts.items() if times > 1 or not key] == []
    assert {row["demo"] for row in rows(name)} == {"1"}


def test_files_are_as_large_as_promised():
    kinds = Counter(row["kind"] for row in rows("organisations.csv"))
    sizes = {name: len(rows(name)) for name in RECORDS}

    assert kinds["enterprise"] == 71
    assert kinds["university"] + kinds["institute"] == 6
    assert kinds["investor"] + kinds["finance_institution"] == 6
    assert (kinds["service_institution"], kinds["carrier_operator"], kinds["government"]) == (4, 4, 5)
    assert sizes["mentors.csv"] == 32
    assert sizes["envoys.csv"] == 15
    assert sizes["researchers.csv"] == 40
    assert sizes["investors.csv"] == 12
    assert sizes["entries.csv"] == 24
    assert sizes["judges.csv"] == 9
    assert set(Counter(row["researcher"] for row in rows("results.csv")).values()) <= {2, 3, 4}


REFERENCES = [
    ("accounts.csv", "organisation", "organisations.csv"),
    *((name, "account", "accounts.csv") for name in PEOPLE),
    *((name, "organisation", "organisations.csv") for name in PEOPLE if name != "envoys.csv"),
    ("envoys.csv", "sending_unit", "organisations.csv"),
    ("envoys.csv", "host", "organisations.csv"),
    ("results.csv", "researcher", "researchers.csv"),
    ("events.csv", "organiser", "organisations.csv"),
    ("events.csv", "account", "accounts.csv"),
    ("sessions.csv", "event", "events.csv"),
    ("registrations.csv", "event", "events.csv"),
    ("invitations.csv", "event", "events.csv"),
    ("event_days.csv", "event", "events.csv"),
    ("registrations.csv", "organisation", "organisations.csv"),
    ("registrations.csv", "account", "accounts.csv"),
    ("needs.csv", "organisation", "organisations.csv"),
    ("needs.csv", "account", "accounts.csv"),
    ("help_requests.csv", "need", "needs.csv"),
    ("service_records.csv", "request", "help_requests.csv"),
    ("carriers.csv", "operator", "organisations.csv"),
    ("carriers.csv", "manager", "accounts.csv"),
    ("tenancies.csv", "carrier", "carriers.csv"),
    ("tenancies.csv", "organisation", "organisations.csv"),
    ("contests.csv", "organiser", "organisations.csv"),
    ("contests.csv", "account", "accounts.csv"),
    ("contest_groups.csv", "contest", "contests.csv"),
    ("contest_tracks.csv", "contest", "contests.csv"),
    ("rubric.csv", "group", "contest_groups.csv"),
    ("entries.csv", "contest", "contests.csv"),
    ("entries.csv", "group", "contest_groups.csv"),
    ("entries.csv", "track", "contest_tracks.csv"),
    ("entries.csv", "organisation", "organisations.csv"),
    ("entries.csv", "account", "accounts.csv"),
    ("judges.csv", "contest", "contests.csv"),
    ("recusals.csv", "entry", "entries.csv"),
    ("recusals.csv", "judge", "judges.csv"),
    ("ballots.csv", "entry", "entries.csv"),
    ("ballots.csv", "judge", "judges.csv"),
    ("alliances.csv", "lead", "organisations.csv"),
    ("alliances.csv", "secretariat", "organisations.csv"),
    ("alliance_members.csv", "alliance", "alliances.csv"),
    ("alliance_members.csv", "organisation", "organisations.csv"),
    ("joint_projects.csv", "alliance", "alliances.csv"),
    ("project_shares.csv", "project", "joint_projects.csv"),
    ("project_shares.csv", "organisation", "organisations.csv"),
    ("titles.csv", "holder", "organisations.csv"),
    ("titles.csv", "co_holder", "organisations.csv"),
]


@pytest.mark.parametrize(("name", "column", "target"), REFERENCES, ids=lambda value: value)
def test_references_resolve(name, column, target):
    assert values(name, column) - set(keyed(target)) == set()


def test_helpers_of_requests_are_on_a_roster():
    roster = {key for name in PEOPLE[:4] for key in keyed(name)}

    assert values("help_requests.csv", "helper") - roster == set()


CODED = [
    ("organisations.csv", "kind", "organisation_kind"),
    ("organisations.csv", "fields", "field"),
    ("organisations.csv", "key_industries", "key_industry"),
    ("accounts.csv", "roles", "role"),
    ("accounts.csv", "membership", "membership"),
    ("mentors.csv", "category", "mentor_category"),
    *((name, "fields", "field") for name in PEOPLE[:4]),
    ("investors.csv", "stages", "investment_stage"),
    ("investors.csv", "industries", "key_industry"),
    ("results.csv", "kind", "result_kind"),
    ("results.csv", "transfer", "transfer"),
    ("events.csv", "kind", "event_kind"),
    ("events.csv", "state", "event_state"),
    ("registrations.csv", "state", "registration_state"),
    ("needs.csv", "kind", "need_kind"),
    ("needs.csv", "state", "need_state"),
    ("needs.csv", "fields", "field"),
    ("needs.csv", "key_industries", "key_industry"),
    ("help_requests.csv", "state", "request_state"),
    ("help_requests.csv", "reason", "decline_reason"),
    ("carriers.csv", "type", "carrier_type"),
    ("carriers.csv", "level", "carrier_level"),
    ("carriers.csv", "state", "carrier_state"),
    ("carriers.csv", "target_state", "target_state"),
    ("tenancies.csv", "state", "tenancy_state"),
    ("tenancies.csv", "graduation_proof", "graduation_proof"),
    ("tenancies.csv", "special_field", "special_field"),
    ("contests.csv", "state", "contest_state"),
    ("contests.csv", "aggregation", "aggregation"),
    ("contest_groups.csv", "code", "contest_group"),
    ("entries.csv", "state", "entry_state"),
    ("judges.csv", "profile", "judge_profile"),
    ("recusals.csv", "reason", "recusal_reason"),
    ("recusals.csv", "state", "recusal_state"),
    ("ballots.csv", "state", "ballot_state"),
    ("alliances.csv", "state", "alliance_state"),
    ("alliance_members.csv", "role", "alliance_role"),
    ("joint_projects.csv", "state", "project_state"),
    ("titles.csv", "kind", "title_kind"),
    ("titles.csv", "subkind", "patent_kind"),
]


@pytest.mark.parametrize(("name", "column", "vocabulary"), CODED, ids=lambda value: value)
def test_codes_are_listed(name, column, vocabulary):
    assert values(name, column) - codes(vocabulary) == set()


@pytest.mark.parametrize(
    ("vocabulary", "enumeration"),
    [
        ("organisation_kind", OrganisationKind),
        ("field", HighTechField),
        ("role", Role),
        ("need_kind", NeedKind),
        ("need_state", NeedState),
        ("request_state", RequestState),
        ("decline_reason", DeclineReason),
        ("carrier_type", CarrierType),
        ("carrier_level", CarrierLevel),
        ("carrier_state", CarrierState),
        ("tenancy_state", TenancyState),
        ("special_field", SpecialField),
        ("graduation_proof", GraduationProof),
        ("alliance_state", AllianceState),
        ("alliance_role", MemberRole),
        ("contest_state", ContestState),
        ("contest_group", Group),
        ("entry_state", EntryState),
        ("aggregation", Aggregation),
        ("recusal_reason", RecusalReason),
        ("recusal_state", RecusalState),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_listed_codes_are_those_of_the_rules(vocabulary, enumeration):
    assert codes(vocabulary) - {member.value for member in enumeration} == set()


def test_every_role_has_a_login():
    assert values("accounts.csv", "roles") == {role.value for role in Role}


def test_organisations_get_valid_codes_that_were_never_issued():
    made = [
        demo_uscc(int(row["serial"]), region=row["region"], authority=row["authority"])
        for row in rows("organisations.csv")
    ]

    assert len(set(made)) == len(made)
    assert [code for code in made if check_uscc(code) != code or not is_demo_uscc(code)] == []


def test_organisations_use_reference_codes():
    industries = {row["code"] for row in rows("industries.csv", REFERENCE)}
    tags = {row["code"] for row in rows("key_industries.csv", REFERENCE)}
    disciplines = {row["code"] for row in rows("disciplines.csv", REFERENCE)}

    assert values("organisations.csv", "industry_code") - industries == set()
    assert values("organisations.csv", "key_industries") == tags
    assert (values("researchers.csv", "discipline") | values("envoys.csv", "discipline")) - disciplines == set()


def test_invented_firms_are_not_listed_companies():
    folder = Path(os.environ.get("MATCHMAKER_SHARED_DATA", ROOT.parent / "shared/data"))
    path = folder / "listed_companies.csv.gz"
    if not path.exists():
        pytest.skip("the file of listed companies is not beside this checkout")
    with gzip.open(path, "rt", encoding="utf-8") as file:
        listed = file.read()

    assert [row["name"] for row in rows("organisations.csv") if row["name"] in listed] == []


@pytest.mark.parametrize("name", RECORDS)
def test_phones_and_mails_are_reserved_ones(name):
    for row in rows(name):
        phones = [row[column] for column in row if column.endswith("phone") and row[column]]
        mails = [row[column] for column in row if column.endswith("email") and row[column]]

        assert [phone for phone in phones if not re.fullmatch(r"1300000\d{4}", phone) or not check_mobile(phone)] == []
        assert [mail for mail in mails if not re.search(r"[@.]example\.(cn|com)$", mail) or not check_mail(mail)] == []


def test_one_phone_and_one_mail_belong_to_one_person():
    owners = defaultdict(set)
    for name in ("accounts.csv", *PEOPLE):
        for row in rows(name):
            for cell in (row["phone"], row["email"]):
                owners[cell].add(row.get("account") or row["key"])

    assert {cell: keys for cell, keys in owners.items() if len(keys) > 1} == {}


@pytest.mark.parametrize("name", RECORDS)
def test_days_are_whole_offsets(name):
    for row in rows(name):
        for column, cell in row.items():
            if cell and re.search(r"_(in_days|days_ago)$", column):
                assert re.fullmatch(r"-?\d+", cell), (row["key"], column)
                assert column.endswith("in_days") or int(cell) >= 0, (row["key"], column)


def test_texts_are_written_once():
    texts = [row["summary"] for name in ("organisations.csv", "entries.csv", "carriers.csv") for row in rows(name)]
    texts += [row["bio"] for name in PEOPLE[:4] for row in rows(name)]
    texts += [row["abstract"] for row in rows("results.csv")] + [row["text"] for row in rows("needs.csv")]

    assert [text for text, times in Counter(texts).items() if times > 1 or len(text) < 12] == []
