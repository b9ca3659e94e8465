"""Mentors and envoys from files."""

from __future__ import annotations

import csv
import io

import pytest
import sqlalchemy as sa

from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.importing import ImportRun
from matchmaker.core.tabular import guess_mapping, read_table
from matchmaker.directory.models import Person
from matchmaker.rosters import queries
from matchmaker.rosters.importers import people as importers
from matchmaker.rosters.importers import works as work_files
from matchmaker.rosters.models import Appointment
from matchmaker.rosters.rules import AppointmentKind, AppointmentState
from tests.factories.directory import a_person

HEAD = ["姓名", "聘书编号", "聘任日期", "到期日", "工作单位", "手机号", "技术领域", "专长", "导师类别"]
ROW = ["秦志远", "水科发 1 号", "2025-03-01", "2028-02-28", "演示公司", "13000000103", "1;4", "智慧安防", "产业技术"]


def imported(load, fields, head, *rows):
    text = io.StringIO()
    csv.writer(text).writerows([head, *rows])
    table = read_table(io.BytesIO(text.getvalue().encode()), "名册.csv")
    with transaction():
        run = ImportRun(table, guess_mapping(table.headers, fields), fields, region="650105")
        load(run)
        return {key: n for key, n in run.counts.items() if n}, run.reports


def mentors(*rows, head=HEAD):
    return imported(importers.load_mentors, importers.MENTOR_FIELDS, head, *rows)


def test_a_mentor_is_created_once_and_nothing_changes_the_second_time(app, now):
    assert mentors(ROW)[0] == {"created": 1}
    assert mentors(ROW)[0] == {"unchanged": 1}

    row = db.session.execute(sa.select(Appointment)).scalar_one()
    person = row.person
    assert (person.name, person.unit_text, person.fields, row.state) == (
        "秦志远",
        "演示公司",
        ["1", "4"],
        AppointmentState.SERVING,
    )
    assert queries.profile_of(person.id).expertise == "智慧安防"


def test_a_changed_cell_updates_and_an_empty_one_erases_nothing(app, now):
    mentors(ROW)

    counts, _reports = mentors([*ROW[:5], "", "", "智慧安防；停车", ""])

    person = db.session.execute(sa.select(Person)).scalar_one()
    assert counts == {"updated": 1}
    assert (person.phone, person.fields) == ("13000000103", ["1", "4"])


def test_a_past_term_is_taken_as_history(app, now):
    counts, _reports = mentors([*ROW[:2], "2019-01-01", "2021-12-31", *ROW[4:]], ROW)

    states = db.session.execute(sa.select(Appointment.state, Appointment.historic).order_by(Appointment.starts)).all()
    assert counts == {"created": 2}
    assert [tuple(row) for row in states] == [(AppointmentState.EXPIRED, True), (AppointmentState.SERVING, False)]
    assert queries.count_live(AppointmentKind.MENTOR, "650105", clock.today()) == 1


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (["", *ROW[1:]], ""),
        ([ROW[0], "", *ROW[2:]], ""),
        ([*ROW[:2], "明天", *ROW[3:]], ""),
        ([*ROW[:3], "2024-01-01", *ROW[4:]], "晚于"),
    ],
)
def test_a_bad_row_is_refused_and_the_others_go_on(app, now, row, sentence):
    counts, reports = mentors(row, ROW)

    assert counts == {"created": 1, "refused": 1}
    assert any(sentence in note.message for note in reports[0].notes)


def test_a_second_term_that_overlaps_is_refused(app, now):
    counts, _reports = mentors(ROW, [*ROW[:2], "2025-06-01", *ROW[3:]])

    assert counts == {"created": 1, "refused": 1}


def test_a_civil_servant_is_no_envoy(app, now):
    head = ["姓名", "聘任文件号", "聘期开始", "聘期结束", "是否公务员"]
    rows = [
        [name, "1 号", "2025-03-01", "2028-02-28", answer] for name, answer in (("甲", "是"), ("乙", "否"), ("丙", ""))
    ]

    counts, _reports = imported(importers.load_envoys, importers.ENVOY_FIELDS, head, *rows)

    assert counts == {"created": 1, "refused": 2}
    people = db.session.execute(queries.live_people(AppointmentKind.ENVOY, "650105", clock.today())).scalars()
    assert [row.person.name for row in people] == ["乙"]


def test_researchers_experts_and_investors_come_by_files_and_come_again_unchanged(app, now):
    head = ["姓名", "聘任文件号", "聘期开始", "聘期结束", "手机", "单笔最低（万元）", "单笔最高（万元）", "投资阶段"]
    row = ["高远", "1 号", "2025-03-01", "2028-02-28", "13900001111", "50", "500.5", "天使期;A 轮"]
    load, fields = importers.load_investors, importers.INVESTOR_FIELDS
    assert imported(load, fields, head, row)[0] == {"created": 1}
    assert imported(load, fields, head, row)[0] == {"unchanged": 1}
    person = db.session.execute(sa.select(Person)).scalars().one()
    ticket = queries.investor_of(person.id)
    assert (ticket.ticket_min_fen, ticket.ticket_max_fen) == (50 * 1_000_000, 500_500_000)
    assert ticket.stages == ["angel", "series_a"]
    assert imported(load, fields, head, [*row[:5], "600", *row[6:]])[0] == {"refused": 1}

    for load in (importers.load_researchers, importers.load_experts):
        assert imported(load, importers.COMMON, head[:5], row[:5])[0] == {"created": 1}
        assert imported(load, importers.COMMON, head[:5], row[:5])[0] == {"unchanged": 1}
    kinds = {row.kind for row in db.session.execute(queries.of_person(person.id)).scalars()}
    assert kinds == {AppointmentKind.INVESTOR, AppointmentKind.RESEARCHER, AppointmentKind.EXPERT}
    assert queries.count_live(AppointmentKind.EXPERT, "650105", clock.today()) == 1


def test_works_are_found_again_by_title_and_need_a_known_person(app, now):
    a_person(name="沈若琳", phone="13900002222")
    head = ["姓名", "题名", "摘要", "关键词", "年份", "类别"]
    row = ["沈若琳", "大雪场景的小样本识别", "夜间和大雪场景", "小样本;识别", "2024", "论文"]

    assert imported(work_files.load, work_files.FIELDS, head, row)[0] == {"created": 1}
    assert imported(work_files.load, work_files.FIELDS, head, row)[0] == {"unchanged": 1}
    assert imported(work_files.load, work_files.FIELDS, head, [*row[:2], "换了摘要", *row[3:]])[0] == {"updated": 1}
    counts, reports = imported(
        work_files.load, work_files.FIELDS, head, ["无此人", *row[1:]], [*row[:4], "2999", "论文"]
    )

    assert counts == {"refused": 2}
    assert "没有找到这位人员" in reports[0].notes[0].message


def test_the_same_mentor_under_two_names_is_refused_in_a_file(app, now):
    counts, _reports = mentors(ROW, ["秦志愿", "水科发 2 号", *ROW[2:]])

    assert counts == {"created": 1, "refused": 1}
    assert queries.count_live(AppointmentKind.MENTOR, "650105", clock.today()) == 1
