"""Importing researchers: one person a row, or sample profiles from papers."""

from __future__ import annotations

import time

import pytest
import sqlalchemy as sa

from matchmaker.core.db import db
from matchmaker.core.errors import DomainError
from matchmaker.core.tabular import read_table
from matchmaker.directory.models import Person
from tests.conftest import shared_data
from tests.factories.directory import an_organisation
from tests.factories.imports import a_table, imported, messages, outcomes

PEOPLE = "姓名|工作单位|职称|手机|研究方向"
PAPERS = "id|title|abstract|discipline|keywords"


def people():
    return list(db.session.execute(sa.select(Person).order_by(Person.id)).unique().scalars())


def test_one_person_a_row_joined_to_the_unit_that_is_known(app, now):
    unit = an_organisation(name="样例大学")

    run = imported("researchers", a_table(PEOPLE, "沈若琳|样例大学|副教授|１３０００００００００|视频分析;小样本学习"))

    (person,) = people()
    assert outcomes(run) == ["created"]
    assert (person.name, person.organisation_id, person.phone, person.sample, person.reachable) == (
        "沈若琳",
        unit.id,
        "13000000000",
        False,
        True,
    )
    assert [document.keywords for document in person.documents] == [["视频分析", "小样本学习"]]


def test_a_second_import_updates_by_key_and_empty_cells_erase_nothing(app, now):
    imported("researchers", a_table(PEOPLE, "沈若琳|样例大学|副教授|13000000000|视频分析"))

    same = imported("researchers", a_table(PEOPLE, "沈若琳|样例大学||13000000000|视频分析"))
    changed = imported("researchers", a_table(PEOPLE, "沈若琳|样例大学|教授|13000000000|"))

    assert (outcomes(same), outcomes(changed)) == (["unchanged"], ["updated"])
    assert [person.title for person in people()] == ["教授"]


def test_the_same_person_twice_in_a_file_is_refused_with_the_first_line(app, now):
    run = imported("researchers", a_table(PEOPLE, "沈若琳|样例大学|||", "沈若琳|样例大学|||"))

    assert outcomes(run) == ["created", "refused"]
    assert messages(run)[1] == "与第 2 行是同一个人，请合并成一行"


def test_papers_of_one_discipline_make_samples_and_a_remainder_is_listed(app, now):
    rows = [f"P{n}|题目{n}|摘要{n}|中医学/中药学|针灸" for n in range(5)] + ["P9|题目|摘要|数学|"]

    run = imported("researchers", a_table(PAPERS, *rows), papers=2)

    assert outcomes(run) == ["created", "merged", "created", "merged", "skipped", "skipped"]
    assert [(p.name, p.sample, p.reachable, len(p.documents)) for p in people()] == [
        ("中医学/中药学 · 样例研究者 01", True, False, 2),
        ("中医学/中药学 · 样例研究者 02", True, False, 2),
    ]


def test_changed_papers_change_the_sample(app, now):
    imported("researchers", a_table(PAPERS, "P1|题目|摘要|数学|", "P2|题目|摘要|数学|"), papers=2)

    run = imported("researchers", a_table(PAPERS, "P1|题目|新摘要|数学|", "P3|题目|摘要|数学|"), papers=2)

    (person,) = people()
    assert outcomes(run) == ["updated", "merged"]
    assert sorted((d.source_key, d.text) for d in person.documents) == [("P1", "新摘要"), ("P3", "摘要")]


def test_an_impossible_number_of_papers_is_refused(app, now):
    with pytest.raises(DomainError, match="1 到 50"):
        imported("researchers", a_table(PAPERS, "P1|题目|摘要|数学|"), papers=-1)


@pytest.mark.skipif(not (shared_data() / "papers_zh.jsonl.gz").exists(), reason="no shared data beside the checkout")
def test_the_real_papers_make_samples_of_five_and_a_second_import_changes_nothing(app, now):
    path = shared_data() / "papers_zh.jsonl.gz"
    started = time.monotonic()

    first = imported("researchers", read_table(path, path.name), papers=5)
    elapsed = time.monotonic() - started
    second = imported("researchers", read_table(path, path.name), papers=5)

    assert first.counts | {"created": 169, "merged": 676, "skipped": 155, "refused": 0} == first.counts
    assert second.counts | {"unchanged": 845, "skipped": 155, "created": 0, "updated": 0} == second.counts
    assert len(people()) == 169
    assert elapsed < 60
