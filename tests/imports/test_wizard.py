"""The wizard from upload to result file, and every bad file that leaves the database as it was."""

from __future__ import annotations

import gzip
import io
import zipfile

import pytest
import sqlalchemy as sa

from matchmaker.accounts.rules import Role
from matchmaker.core.db import db
from matchmaker.directory.models import HeldRecord, Organisation, Person
from matchmaker.imports import jobs
from matchmaker.imports.models import ImportBatch, ImportFile
from matchmaker.imports.rules import BatchState
from tests.cast import a_user, sign_in
from tests.factories.imports import a_csv

HEADERS = "单位名称|证券代码|备注"
GOOD = a_csv(HEADERS, "磨溪软件有限公司|600001|甲", "|600002|乙")


@pytest.fixture
def staff(client, now):
    return sign_in(client, a_user(Role.HANDLER))


def uploaded(staff, content=GOOD, filename="单位.csv", kind="organisations", **options):
    data = {"file": (io.BytesIO(content), filename), **options}
    return staff.post(f"/imports/new/{kind}", data=data, content_type="multipart/form-data")


def the_batch():
    return db.session.execute(sa.select(ImportBatch).order_by(ImportBatch.id.desc()).limit(1)).scalar_one()


def count(model):
    return db.session.execute(sa.select(sa.func.count()).select_from(model)).scalar_one()


def tried(staff, **chosen):
    batch = the_batch()
    mapping = {f"field_{key}": header for key, header in batch.mapping.items()}
    return staff.post(f"/imports/{batch.id}/mapping", data=mapping | chosen)


def test_a_file_goes_from_upload_by_dry_run_to_the_result_file(staff):
    assert uploaded(staff).location == f"/imports/{the_batch().id}/mapping"
    assert the_batch().mapping == {"name": "单位名称", "stock_code": "证券代码"}
    assert "磨溪" not in staff.get(f"/imports/{the_batch().id}/mapping").text

    tried(staff)

    assert (the_batch().state, count(Organisation)) == (BatchState.TRIED, 0)
    page = staff.get(f"/imports/{the_batch().id}").text
    assert "数据还没有改动" in page
    assert "必填，不能为空" in page

    staff.post(f"/imports/{the_batch().id}/run")

    assert (the_batch().state, count(Organisation)) == (BatchState.DONE, 1)
    assert the_batch().counts | {"created": 1, "refused": 1} == the_batch().counts
    result = staff.get(f"/imports/{the_batch().id}/result.csv")
    assert result.text.splitlines() == ["\ufeff行号,结果,说明", "2,新建,", "3,拒绝,单位名称：必填，不能为空"]
    assert result.headers["Content-Disposition"].startswith("attachment")
    assert db.session.execute(sa.select(ImportFile.role)).scalars().all() == ["result"]


def test_a_batch_is_carried_out_once(staff):
    uploaded(staff)
    tried(staff)
    path = f"/imports/{the_batch().id}/run"

    staff.post(path)
    staff.post(path)

    assert "当前状态是" in staff.get("/imports/").text
    assert count(Organisation) == 1


def test_a_large_file_is_left_to_the_background(staff, monkeypatch):
    monkeypatch.setattr("matchmaker.imports.views.AT_ONCE", 1)
    uploaded(staff)
    tried(staff)

    staff.post(f"/imports/{the_batch().id}/run")
    assert (the_batch().state, count(Organisation)) == (BatchState.QUEUED, 0)
    assert "后台正在导入" in staff.get(f"/imports/{the_batch().id}").text
    assert jobs.run_queued() == 1

    db.session.expire_all()
    assert (the_batch().state, count(Organisation)) == (BatchState.DONE, 1)


def test_a_fault_of_ours_in_the_background_ends_the_batch_and_changes_nothing(staff, monkeypatch):
    monkeypatch.setattr("matchmaker.imports.views.AT_ONCE", 1)
    uploaded(staff)
    tried(staff)
    staff.post(f"/imports/{the_batch().id}/run")
    monkeypatch.setattr("matchmaker.imports.services.batches._finish", lambda *a: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        jobs.run_queued()

    db.session.expire_all()
    assert (the_batch().state, count(Organisation)) == (BatchState.FAILED, 0)


def test_the_mapping_may_be_changed_and_must_have_what_is_required(staff):
    uploaded(staff)

    refused = tried(staff, field_name="")
    doubled = tried(staff, field_short_name="单位名称")
    tried(staff, field_short_name="备注")

    assert "这一列是必需的，请选择对应的列" in refused.text
    assert "对应了两个字段" in doubled.text
    assert the_batch().mapping == {"name": "单位名称", "stock_code": "证券代码", "short_name": "备注"}


def test_giving_up_deletes_the_uploaded_file(staff):
    uploaded(staff)

    staff.post(f"/imports/{the_batch().id}/abandon")

    assert (the_batch().state, count(ImportFile)) == (BatchState.ABANDONED, 0)


def test_who_may_not_import_does_not_get_in_and_another_region_sees_nothing(client, now):
    sign_in(client, a_user(Role.HANDLER))
    uploaded(client)
    batch = the_batch()
    for path in ("", "/mapping", "/result.csv"):
        sign_in(client, a_user(Role.HANDLER, region="650104"))
        assert client.get(f"/imports/{batch.id}{path}").status_code == 404
        sign_in(client, a_user(Role.AUDITOR))
        assert client.get(f"/imports/{batch.id}{path}").status_code == 403
        sign_in(client, a_user(Role.ORGANISER))  # imports other kinds
        assert client.get(f"/imports/{batch.id}{path}").status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_of_batches_runs_a_fixed_number_of_queries(staff, count_queries, rows):
    for _n in range(rows):
        uploaded(staff)
    count_queries.clear()

    assert "单位.csv" in staff.get("/imports/").text

    assert len(count_queries) == 5


def a_bomb():
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 220_000_000)
    return target.getvalue()


BAD_FILES = {
    "wrong encoding": ("单位.csv", "单位名称\n磨溪".encode("utf-16-be")[1:] + b"\xff\xfe\xff"),
    "a cell of 5 MB": ("单位.csv", a_csv(HEADERS, "磨" * 1_700_000 + "|1|")),
    "a formula": ("单位.csv", a_csv(HEADERS, '=HYPERLINK("x")|600001|')),
    "a broken gzip": ("单位.csv.gz", gzip.compress(GOOD)[:-9]),
    "an old workbook": ("单位.xlsx", b"\xd0\xcf\x11\xe0" + b"0" * 100),
    "no workbook at all": ("单位.xlsx", b"PK\x03\x04" + b"0" * 100),
    "another format": ("单位.docx", b"PK\x03\x04"),
    "nothing": ("单位.csv", b""),
    "a header twice": ("单位.csv", a_csv("单位名称|单位名称", "甲|乙")),
}


@pytest.mark.parametrize("case", BAD_FILES)
def test_a_bad_file_is_refused_in_one_sentence_and_changes_nothing(staff, case):
    filename, content = BAD_FILES[case]

    page = uploaded(staff, content, filename)

    assert page.status_code == 422
    assert 'class="error' in page.text or "field-wrong" in page.text
    assert (count(ImportBatch), count(Organisation), count(HeldRecord)) == (0, 0, 0)


def test_a_zip_bomb_is_refused_before_it_unpacks(staff):
    page = uploaded(staff, a_bomb(), "单位.xlsx")

    assert page.status_code == 422
    assert (count(ImportBatch), count(Organisation)) == (0, 0)


def test_a_missing_column_stops_before_the_dry_run(staff):
    uploaded(staff, a_csv("证券代码|备注", "600001|甲"))

    page = tried(staff)

    assert page.status_code == 422
    assert "这一列是必需的，请选择对应的列" in page.text
    assert (the_batch().state, count(Organisation)) == (BatchState.UPLOADED, 0)


def test_duplicate_codes_of_different_firms_are_held(staff):
    uploaded(staff, a_csv(HEADERS, "江苏京源环保股份有限公司|688096|", "大连港股份有限公司|688096|"))
    tried(staff)
    staff.post(f"/imports/{the_batch().id}/run")

    assert (count(Organisation), count(HeldRecord)) == (0, 1)
    assert the_batch().counts["held"] == 2


def test_papers_are_read_with_the_option(staff):
    papers = a_csv("id|title|abstract|discipline", *(f"P{n}|题目|摘要|数学" for n in range(3)))
    assert uploaded(staff, papers, kind="researchers", papers="x").status_code == 422

    uploaded(staff, papers, kind="researchers", papers="2")
    tried(staff)
    staff.post(f"/imports/{the_batch().id}/run")

    assert db.session.execute(sa.select(Person.name)).scalars().all() == ["数学 · 样例研究者 01"]
