"""Everything that is written into the activity log has a title in words."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from matchmaker.accounts.rules import Role
from matchmaker.activity import services as activity
from matchmaker.alliances.rules import AllianceState, ProjectState
from matchmaker.competition.rules.invitations import Answer
from matchmaker.competition.rules.states import EntryState
from matchmaker.competition.rules.teams import MemberState
from matchmaker.core.db import transaction
from matchmaker.events.rules import RegistrationState
from matchmaker.incubation.rules import TenancyState
from matchmaker.matching.rules import NeedState, OfferState, ProposalState
from matchmaker.rosters.rules import AppointmentState, SessionState
from tests.cast import a_user, sign_in

PACKAGE = Path(__file__).resolve().parents[2] / "matchmaker"

# Kinds that end in a state: what stands before it, and the states that are written.
BY_STATE = {
    "alliances.": set(AllianceState),
    "alliances.project_": set(ProjectState) - {ProjectState.PLANNED},
    "competition.entry_": {EntryState.RETURNED, EntryState.REJECTED},
    "competition.judge_": {Answer.ACCEPTED, Answer.DECLINED},
    "competition.member_": {MemberState.CONFIRMED, MemberState.DECLINED},
    "events.": {RegistrationState.APPROVED, RegistrationState.REJECTED},
    "incubation.": set(TenancyState),
    "mentoring.": set(SessionState) - {SessionState.BOOKED},
    "matching.need_": {NeedState.WITHDRAWN, NeedState.CLOSED},
    "matching.offer_": {OfferState.AGREED, OfferState.REFUSED},
    "matching.terms_": {ProposalState.AGREED, ProposalState.REFUSED},
    "rosters.": {AppointmentState.SERVING, AppointmentState.EXPIRED},
}


def recorded() -> Iterator[tuple[str, ast.expr]]:
    """The first argument of every call that writes to the log, and where it stands."""
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and ast.unparse(node.func) in {"activity.record", "activity_services.record"}
                and node.args
            ):
                yield f"{path.relative_to(PACKAGE.parent)}:{node.lineno}", node.args[0]


def kinds_of(argument: ast.expr) -> set[str]:
    """The kinds an argument can stand for. Raises KeyError when nobody has said which."""
    if isinstance(argument, ast.Constant):
        return {str(argument.value)}
    if isinstance(argument, ast.JoinedStr) and isinstance(argument.values[0], ast.Constant):
        prefix = argument.values[0].value
        return {f"{prefix}{state.value}" for state in BY_STATE[prefix]}
    if isinstance(argument, ast.IfExp):
        return kinds_of(argument.body) | kinds_of(argument.orelse)
    raise KeyError(ast.unparse(argument))


def test_every_recorded_kind_has_a_title(application):
    titles = application.extensions["matchmaker.features"].merged("activities")
    untitled, seen = [], set()

    for place, argument in recorded():
        kinds = kinds_of(argument)
        seen |= kinds
        untitled += [f"{kind} ({place})" for kind in sorted(kinds - titles.keys())]

    assert len(seen) > 100
    assert untitled == []
    assert sorted(titles.keys() - seen) == []  # none is left over


def test_the_log_is_written_in_no_other_way():
    others = [
        str(path.relative_to(PACKAGE))
        for path in sorted(PACKAGE.rglob("*.py"))
        if "Activity(" in path.read_text(encoding="utf-8") and path.parent.name != "activity"
    ]
    renamed = [
        str(path.relative_to(PACKAGE))
        for path in sorted(PACKAGE.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and ((node.module == "matchmaker.activity.services") or _is_renamed(node))
    ]

    assert others == []
    assert renamed == []


def _is_renamed(node: ast.ImportFrom) -> bool:
    return node.module == "matchmaker.activity" and any(
        alias.name == "services" and alias.asname not in {"activity", "activity_services"} for alias in node.names
    )


@pytest.fixture
def auditor(client):
    viewer = a_user(Role.AUDITOR, name="审计员")
    with transaction():
        activity.record("events.edited", subject=viewer, actor=viewer)
    sign_in(client, viewer)
    return client


def rows(page):
    """The table alone: the choices of the filter name every kind."""
    return page[page.index("<tbody") :]


def test_the_log_speaks_in_words(auditor):
    page = rows(auditor.get("/accounts/log/").text)

    assert "修改活动" in page
    assert "events.edited" not in page


def test_the_log_speaks_english(auditor):
    assert "Edit event" in rows(auditor.get("/accounts/log/?lang=en").text)


def test_the_log_is_filtered_by_kind(auditor):
    page = rows(auditor.get("/accounts/log/?kind=events.edited").text)

    assert "修改活动" in page
    assert "注册账号" not in page


def test_an_unknown_kind_finds_nothing(auditor):
    assert "没有符合条件的记录" in auditor.get("/accounts/log/?kind=events.").text


def test_the_export_has_words_and_code(auditor):
    text = auditor.get("/accounts/log/?format=csv&kind=events.edited").get_data().decode("utf-8-sig")

    assert "修改活动" in text
    assert "events.edited" in text


def test_the_page_of_a_user_speaks_in_words(app):
    admin, user = a_user(Role.ADMINISTRATOR), a_user(Role.HANDLER)

    page = sign_in(app.test_client(), admin).get(f"/accounts/users/{user.id}").text

    assert "授予账号身份" in page
    assert "accounts.role_granted" not in page


def test_a_person_reads_their_own_activities_in_words(app):
    user = a_user()

    page = sign_in(app.test_client(), user).post("/accounts/my-data/download").get_json()

    assert [row["title"] for row in page["activity"]["activities"]] == ["注册账号"]
