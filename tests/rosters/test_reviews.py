"""A year is judged by the rules of its day: what was kept stays, and the same count gives it again."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import yaml

from matchmaker.accounts.rules import Role
from matchmaker.core import clock, paths
from matchmaker.core.db import db, transaction
from matchmaker.mentoring.services import reviewing
from matchmaker.rosters import gateways, queries
from matchmaker.rosters.models import Appointment
from matchmaker.rosters.rules import AppointmentKind
from matchmaker.rosters.services import records
from tests.cast import OTHER_REGION, a_user, sign_in
from tests.factories.directory import a_person, an_organisation
from tests.factories.rosters import an_appointment


@pytest.fixture
def handler(app, now):
    return a_user(Role.HANDLER)


def a_year(name="秦朗"):
    """A mentor's post of 2026 with four sessions, two of them with one firm; ratings 5 5 4 4."""
    post = an_appointment(a_person(name=name), starts=date(2026, 1, 1), ends=date(2028, 12, 31))
    firm = an_organisation()
    with transaction():
        for rating in (5, 5, 4, 4):
            row = records.record_service(
                post.person, actor=None, organisation_id=firm.id, served=clock.today(), minutes=60, place="线上",
                content="看图纸", by_helper=True,
            )  # fmt: skip
            records.confirm(row, actor=None, by_helper=False, rating=rating)
    return post


def kept(post, handler):
    with clock.frozen(datetime(2026, 12, 1, tzinfo=UTC)), transaction():
        return reviewing.review(post, actor=handler, year=2026, note="服务认真")


@pytest.fixture
def new_rules(tmp_path, monkeypatch):
    """Another rules file: the old set as it was, and a stricter one from 2027 on."""
    name = "seeds/reference/roster_rules.yaml"
    sets = yaml.safe_load((paths.resource_dir("seeds") / "reference" / "roster_rules.yaml").read_text("utf-8"))
    stricter = {
        **sets[0],
        "doc_no": "水科发〔2027〕3 号",
        "valid_from": date(2027, 1, 1),
        "mentor": {
            **sets[0]["mentor"],
            "sessions_a_year": 24,
            "weights": {"service": 80, "results": 10, "satisfaction": 10},
        },
        "grades": [{"grade": "good", "from": 95}, {"grade": "fail", "from": 0}],
    }

    def change():
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(yaml.safe_dump([*sets, stricter], allow_unicode=True), encoding="utf-8")
        monkeypatch.setattr(paths, "resource_dir", lambda kind: tmp_path / kind)
        gateways.rule_sets.cache_clear()

    yield change
    gateways.rule_sets.cache_clear()


def test_the_score_of_a_year_stays_after_the_rules_have_changed(handler, new_rules):
    row = kept(a_year(), handler)
    before = (row.lines, row.total, row.grade, row.doc_no)
    assert [line["points"] for line in row.lines] == ["24.00", "10.00", "18.00"]  # 4/10·60, 1/2·20, 4.5/5·20

    new_rules()
    db.session.expire_all()

    assert gateways.rules_on(date(2027, 6, 1)).sessions_a_year == 24
    lines, _first, _last = reviewing.lines_of(row.appointment, 2026)
    assert [line.as_data() for line in lines] == row.lines
    assert (row.lines, row.total, row.grade, row.doc_no) == before
    for line in row.lines:  # and by hand, from what the page shows
        share = min(Decimal(1), Decimal(line["done"]) / Decimal(line["due"]))
        assert Decimal(line["points"]) == (share * Decimal(line["weight"])).quantize(Decimal("0.01"))
    next_year, _first, _last = reviewing.lines_of(row.appointment, 2027)
    assert [line.weight for line in next_year] == [80, 10, 10]


def test_the_page_of_a_reviewed_year_shows_what_was_kept_and_asks_for_nothing(client, handler):
    post = a_year()
    row = kept(post, handler)
    with transaction():
        late = records.record_service(
            post.person, actor=None, organisation_id=None, served=clock.today(), minutes=60, place="线上",
            content="后来补登", by_helper=True,
        )  # fmt: skip
        records.confirm(late, actor=None, by_helper=False, rating=1)

    page = sign_in(client, handler).get(f"/mentoring/posts/{post.id}/review/2026").text

    assert all(text in page for text in ("24.00", "服务认真", str(row.total)))
    assert "登记考核结果" not in page


def test_yearly_results_are_listed_and_exported_for_the_region_only(client, handler):
    row = kept(a_year("=1+1 秦朗"), handler)
    sign_in(client, handler)
    assert "秦朗" in client.get("/rosters/reviews?year=2026").text
    assert "秦朗" not in client.get("/rosters/reviews?year=2025").text
    answer = client.get("/rosters/reviews?format=csv")
    (line,) = csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff")))

    assert "attachment" in answer.headers["Content-Disposition"]
    assert not line["姓名"].startswith("=")
    shown = {"服务工作量": 24, "服务成效": 10, "服务满意度": 18, "总分": 52, "服务次数": 4, "应完成次数": 10}
    assert {key: Decimal(line[key]) for key in shown} == shown
    assert (line["等次"], line["依据"], line["考核意见"]) == ("不合格", row.doc_no, "服务认真")
    elsewhere = sign_in(client, a_user(Role.HANDLER, region=OTHER_REGION))
    assert "秦朗" not in elsewhere.get("/rosters/reviews").text
    assert sign_in(client, a_user()).get("/rosters/reviews").status_code == 403


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_of_results_runs_the_same_queries_for_any_number_of_rows(client, handler, count_queries, rows):
    for n in range(rows):
        kept(a_year(f"导师{n}号"), handler)
    sign_in(client, handler).get("/rosters/reviews")
    count_queries.clear()

    assert client.get("/rosters/reviews").text.count("导师") >= rows
    assert len(count_queries) == 5


def test_who_is_due_for_review_and_whose_term_ends_within_sixty_days(client, handler):
    with clock.frozen(datetime(2026, 11, 10, tzinfo=UTC)):
        today = clock.today()
        for name, days in (("六十天", 60), ("六十一天", 61), ("昨天满", 1)):
            an_appointment(a_person(name=name), starts=today - timedelta(days=400), ends=today + timedelta(days=days))
        page = sign_in(client, handler).get("/rosters/todo").text
        review, ending = page.split("两个月内到期")

    assert all(name in review for name in ("六十天", "六十一天", "昨天满"))
    assert ["六十天" in ending, "六十一天" in ending, "昨天满" in ending] == [True, False, True]


def test_a_person_of_several_hats_counts_once_in_each_and_never_twice(handler):
    from matchmaker.monitoring.queries import people

    user = a_user(name="多面手")
    person = a_person(user_id=user.id, name="多面手")
    kinds = (AppointmentKind.MENTOR, AppointmentKind.ENVOY, AppointmentKind.EXPERT)
    for kind in kinds:
        an_appointment(person, kind=kind)
    an_appointment(person, kind=AppointmentKind.MENTOR, starts=date(2020, 1, 1), ends=date(2022, 1, 1), historic=True)
    today = clock.today()

    for region in ("650105", "650100", "650000"):
        assert [line.name for line in people.mentors(region, today)] == ["多面手"]
        assert [line.name for line in people.envoys(region, today)] == ["多面手"]
        assert [queries.count_live(kind, region, today) for kind in kinds] == [1, 1, 1]
    assert {Role.MENTOR, Role.ENVOY, Role.JUDGE} <= set(user.roles)
    posts = db.session.execute(queries.of_person(person.id)).scalars().all()
    mentor = next(row for row in posts if row.kind is AppointmentKind.MENTOR and not row.historic)
    with transaction():  # taking one hat off leaves the others on
        from matchmaker.rosters.services import appointments

        appointments.resign(mentor, actor=user, reason="精力有限", day=today)
    tomorrow = today + timedelta(days=1)
    assert [queries.count_live(kind, "650105", tomorrow) for kind in kinds] == [0, 1, 1]
    assert Role.ENVOY in user.roles
    assert len({line.unit for line in people.envoys("650105", tomorrow)}) == 1


def test_neither_lists_nor_pages_nor_exports_hold_an_identity_number(client, handler):
    person = a_person(name="证件人", phone="13000007788", id_number_last4="123X")
    post: Appointment = an_appointment(person)
    paths_ = ("/rosters/", "/rosters/?format=csv", f"/rosters/appointments/{post.id}", "/rosters/reviews?format=csv")
    for viewer in (handler, a_user(Role.AUDITOR)):
        sign_in(client, viewer)
        assert not any("123X" in client.get(path).text for path in paths_)
