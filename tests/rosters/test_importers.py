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
from matchmaker.rosters import importers, queries
from matchmaker.rosters.models import Appointment
from matchmaker.rosters.rules import AppointmentKind, AppointmentState

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
