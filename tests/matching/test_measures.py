"""The evaluation page: what it counts, who may read it, the lists behind its numbers, and its files."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from decimal import Decimal

import pytest

from matchmaker.accounts.rules import Role
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.matching.models import Impression
from matchmaker.matching.rules import (
    DeclineReason,
    NeedKind,
    Reply,
    RequestState,
    Result,
    Secrecy,
    Side,
    month_of,
    month_span,
    reply_of,
    year_span,
)
from matchmaker.matching.services import charge, measuring, outcomes, requests
from tests.cast import OTHER_REGION, a_user, sign_in
from tests.factories.directory import an_organisation
from tests.factories.matching import EXPERTISE, a_need, a_request
from tests.factories.rosters import a_helper

pytestmark = pytest.mark.usefixtures("now")
PAGE, NEEDS, REQUESTS = "/needs/evaluation/", "/needs/evaluation/needs/", "/needs/evaluation/requests/"
FIRM = "白头鹎精密仪器有限公司"


@pytest.fixture
def handler(app):
    return a_user(Role.HANDLER)


@pytest.fixture
def owner(app):
    return a_user(organisation=an_organisation(name=FIRM))


def a_mentor(name):
    user = a_user(Role.MENTOR, name=name)
    return user, a_helper(user=user, name=name, expertise=EXPERTISE)


def seen(need, *people, side=Side.OWNER):
    with transaction():
        for rank, person in enumerate(people, start=1):
            db.session.add(
                Impression(
                    need_id=need.id,
                    person_id=person.id,
                    side=side,
                    day=clock.today(),
                    rank=rank,
                    score=Decimal("0.5"),
                    engine="lexical",
                )
            )


def a_year(owner, now):
    """One need, three mentors seen: the second accepts after 4 hours and is rated, the third declines after 8."""
    need = a_need(actor=owner)
    mentors = [a_mentor(name) for name in ("甲导师", "乙导师", "丙导师")]
    seen(need, *(person for _user, person in mentors))
    yes, no = (a_request(need, person, actor=owner) for _user, person in mentors[1:])
    with clock.frozen(now + timedelta(hours=4)), transaction():
        requests.accept(yes, actor=mentors[1][0])
    with clock.frozen(now + timedelta(hours=8)), transaction():
        requests.decline(no, actor=mentors[2][0], reason=DeclineReason.NO_TIME)
    with clock.frozen(now + timedelta(days=1)):
        with transaction():
            session = outcomes.record_service(
                yes,
                actor=owner,
                served=clock.today(),
                minutes=60,
                place="线上",
                content="谈了一次",
                rating=4,
                rating_note="很好",
            )
        with transaction():
            outcomes.confirm(yes, session, actor=mentors[1][0])
        with transaction():
            outcomes.conclude(yes, actor=owner, result=Result.ADVICE)
    return need, yes, no


@pytest.mark.parametrize(
    ("state", "answered", "reply"),
    [
        (RequestState.CLOSED, True, Reply.ACCEPTED),
        (RequestState.WITHDRAWN, True, Reply.ACCEPTED),
        (RequestState.WITHDRAWN, False, Reply.TAKEN_BACK),
        (RequestState.EXPIRED, False, Reply.EXPIRED),
    ],
)
def test_what_was_taken_back_after_a_yes_stays_a_yes(state, answered, reply):
    assert reply_of(state, answered=answered) is reply


def test_months_and_years_begin_at_midnight_in_china():
    first, end = month_span("2026-12")

    assert first.isoformat() == "2026-12-01T00:00:00+08:00"
    assert end.isoformat() == "2027-01-01T00:00:00+08:00"
    assert year_span("2026") == (month_span("2026-01")[0], end)
    assert month_of(first) == "2026-12"
    assert month_of(first - timedelta(seconds=1)) == "2026-11"


@pytest.mark.parametrize("typed", ["", "2026", "2026-13", "2026-00", "2026-1", "２０２６-01", "-01", "9999-01", "x"])
def test_what_is_no_month_has_no_span(typed):
    assert month_span(typed) is None


def test_the_figures_of_a_year(app, owner, handler, now):
    need, _yes, _no = a_year(owner, now)
    a_need(actor=owner, kind=NeedKind.FUNDING)

    report = measuring.measure(handler, year=2026)
    own = report.total.figures

    assert (own.needs, own.shown, own.asked, own.accepted, own.over) == (2, 3, 2, 1, 2)
    assert (own.wait, own.sessions, own.rated, own.points) == (timedelta(hours=6), 1, 1, 4)
    assert own.results == {Result.ADVICE: 1}
    assert own.ndcg == pytest.approx(0.6309, abs=1e-4)  # the one who fits stood second: 1 / log2(3)
    assert (report.spread.suggested, report.spread.helpers, report.spread.gini) == (3, 3, 0)
    assert [(line.month, line.kind, line.figures.needs) for line in report.months] == [
        (month_of(need.created), NeedKind.TECHNICAL, 1),
        (month_of(need.created), NeedKind.FUNDING, 1),
    ]
    assert measuring.measure(handler, year=2026, kind=NeedKind.FUNDING).total.figures.asked == 0
    assert measuring.measure(handler, year=2025).months == []


def test_other_regions_and_drafts_count_nothing(app, owner, now):
    a_year(owner, now)
    elsewhere = a_user(Role.HANDLER, region=OTHER_REGION)
    handler = a_user(Role.HANDLER)
    a_need(actor=owner, draft=True)

    assert measuring.measure(elsewhere, year=2026).total.figures.needs == 0
    assert measuring.measure(handler, year=2026).total.figures.needs == 1


def test_what_helpers_and_letters_showed_is_no_suggestion_to_the_owner(app, owner, handler, now):
    need, (_user, person) = a_need(actor=owner), a_mentor("甲导师")
    seen(need, person, side=Side.HELPER)
    seen(need, person, side=Side.DIGEST)

    assert measuring.measure(handler, year=2026).total.figures.shown == 0


@pytest.mark.parametrize("path", [PAGE, NEEDS, REQUESTS])
@pytest.mark.parametrize(
    ("role", "status"),
    [(Role.HANDLER, 200), (Role.LEADER, 200), (Role.MEMBER, 403), (Role.MENTOR, 403), (Role.DEPARTMENT, 403)],
)
def test_handlers_and_leaders_read_it(client, role, status, path):
    assert sign_in(client, a_user(role)).get(path).status_code == status


def test_who_is_not_signed_in_is_asked_to(client):
    assert client.get(PAGE).status_code == 303


def test_the_page_says_when_there_is_nothing_to_count(client, handler):
    page = sign_in(client, handler).get(PAGE).text

    assert "这一年还没有需求" in page
    assert "导出" not in page


def test_the_page_shows_the_figures_and_marks_small_numbers(client, owner, handler, now):
    a_year(owner, now)

    page = sign_in(client, handler).get(PAGE).text

    assert "50" in page
    assert "6 小时" in page
    assert "0.63" in page
    assert "不足 5 条" in page


@pytest.mark.parametrize("query", ["year=1999", "year=x", "kind=nothing", "year=99999999999", "month=2026-13&year=-1"])
def test_an_address_typed_by_hand_shows_this_year(client, owner, handler, now, query):
    a_year(owner, now)

    answer = sign_in(client, handler).get(f"{PAGE}?{query}")

    assert answer.status_code == 200
    assert "6 小时" in answer.text


@pytest.mark.parametrize(
    ("path", "rows"),
    [
        (f"{NEEDS}?year=2026", 1),
        (f"{NEEDS}?year=2025", 0),
        (f"{NEEDS}?month=2026-03&kind=technical", 1),
        (f"{NEEDS}?month=2026-04", 0),
        (f"{REQUESTS}?year=2026&origin=asked", 2),
        (f"{REQUESTS}?origin=offered", 0),
        (f"{REQUESTS}?origin=asked&reply=accepted", 1),
        (f"{REQUESTS}?reply=declined", 1),
        (f"{REQUESTS}?reply=waiting", 0),
        (f"{REQUESTS}?session=confirmed", 1),
        (f"{REQUESTS}?session=rated&result=advice", 1),
        (f"{REQUESTS}?result=contract", 0),
        (f"{REQUESTS}?result=nonsense", 0),
        (f"{REQUESTS}?month=nonsense", 0),
        (f"{REQUESTS}?q=乙导师", 1),
        (f"{REQUESTS}?q=白头鹎", 2),
    ],
)
def test_the_lists_behind_the_numbers(client, owner, handler, now, path, rows):
    a_year(owner, now)

    text = sign_in(client, handler).get(f"{path}&format=csv").data.decode("utf-8-sig")

    assert len(list(csv.reader(io.StringIO(text)))) == rows + 1


def test_the_list_says_what_came_of_a_request(client, owner, handler, now):
    need, yes, _no = a_year(owner, now)
    sign_in(client, handler)

    page = client.get(f"{REQUESTS}?reply=accepted").text

    for text in (need.title, FIRM, "乙导师", "已接受", "问题解决", f"/requests/{yes.id}"):
        assert text in page


def test_leaders_read_the_list_without_links_to_what_they_may_not_open(client, owner, now):
    need, yes, _no = a_year(owner, now)
    sign_in(client, a_user(Role.LEADER))

    assert need.title in client.get(REQUESTS).text
    assert f'"/requests/{yes.id}"' not in client.get(REQUESTS).text
    assert f'"/needs/{need.id}"' not in client.get(NEEDS).text


@pytest.mark.parametrize("ending", ["", "?format=csv", "?format=json", "?q=白头鹎"])
def test_a_secret_need_names_its_people_to_the_handler_in_charge_alone(client, handler, owner, ending):
    need, (_user, person) = a_need(actor=owner, secrecy=Secrecy.ANONYMOUS), a_mentor("甲导师")
    a_request(need, person, actor=owner)
    path = f"{REQUESTS}{ending}"
    before = {role: sign_in(client, a_user(role)).get(path).text for role in (Role.HANDLER, Role.LEADER)}
    with transaction():
        charge.take(need, actor=handler)
    with client.session_transaction() as session:
        session.clear()
    told = sign_in(client, handler).get(path).text

    for text in before.values():
        assert FIRM not in text
        assert "甲导师" not in text
    assert FIRM in told
    assert "甲导师" in told


@pytest.mark.parametrize("kind", ["xlsx", "csv", "pdf"])
def test_the_figures_as_a_file(client, owner, handler, now, kind):
    a_year(owner, now)

    answer = sign_in(client, handler).get(f"{PAGE}?format={kind}")

    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("attachment")


def test_a_file_holds_months_kinds_and_the_total(client, owner, handler, now):
    a_year(owner, now)
    text = sign_in(client, handler).get(f"{PAGE}?format=csv").data.decode("utf-8-sig")
    head, *rows = csv.reader(io.StringIO(text))

    assert [row[:6] for row in rows] == [
        ["2026-03", "技术需求", "1", "3", "2", "2"],
        ["2026", "技术需求", "1", "3", "2", "2"],
        ["2026", "全部", "1", "3", "2", "2"],
    ]
    assert rows[0][head.index("样本不足 5 条的指标")] == "接受率、答复用时、评分比例、平均评分、nDCG@10"
    assert sign_in(client, handler).get(f"{PAGE}?format=exe").status_code == 404


def test_a_title_that_looks_like_a_formula_is_defused(client, owner, handler):
    a_need(actor=owner, title="=HYPERLINK(1) 求助")

    text = sign_in(client, handler).get(f"{NEEDS}?format=csv").data.decode("utf-8-sig")

    assert "'=HYPERLINK(1)" in text


@pytest.mark.parametrize("path", [PAGE, NEEDS, REQUESTS])
def test_more_needs_need_no_more_statements(client, owner, handler, now, count_queries, path):
    a_year(owner, now)
    sign_in(client, handler)
    counts = []
    for more in (0, 0, 2):
        for n in range(more):
            need, (_user, person) = a_need(actor=owner), a_mentor(f"另一位{n}")
            seen(need, person)
            a_request(need, person, actor=owner)
        db.session.expire_all()
        count_queries.clear()
        assert client.get(path).status_code == 200
        counts.append(len(count_queries))

    assert counts[1] == counts[2]


def test_the_way_there(client, handler):
    """The page stands in the navigation and beside the list of needs."""
    sign_in(client, handler)

    assert f'href="{PAGE}"' in client.get("/needs/manage/").text
    assert f'href="{PAGE}"' in client.get("/desk").text
