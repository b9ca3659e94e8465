"""The page of the ledger: who sees it, changing a term, deleting by hand, the proof as a file."""

from __future__ import annotations

import csv
import io

import pytest

from matchmaker.accounts.rules import Role
from matchmaker.core.db import db
from matchmaker.core.feature import features
from matchmaker.core.jobs import JobRun, RunState
from matchmaker.retention import desk, jobs, queries
from matchmaker.retention.models import RetentionRule
from tests.cast import OTHER_REGION, a_user, sign_in
from tests.factories.events import a_guest


def address(event, rest=""):
    return f"/retention/events/{event.id}{rest}"


def test_the_page_shows_what_is_left_and_why(client, organiser, event):
    text = sign_in(client, organiser).get(address(event)).text

    assert "过敏食物" in text and "最短必要时间" in text and "现在删除" not in text
    assert "花生" not in text


def test_another_region_finds_nothing(client, event):
    stranger = a_user(Role.ORGANISER, region=OTHER_REGION)

    for rest in ("", "/term?line=note", "/proof.csv"):
        assert sign_in(client, stranger).get(address(event, rest)).status_code == 404
    assert client.post(address(event, "/delete"), data={"line": "note"}).status_code == 404


def test_an_unknown_line_is_404(client, organiser, event):
    browser = sign_in(client, organiser)

    assert browser.get(address(event, "/term?line=nothing")).status_code == 404
    assert browser.post(address(event, "/delete"), data={"line": "answer:1.zzz"}).status_code == 404


def test_a_longer_term_asks_for_a_reason(client, organiser, event):
    browser = sign_in(client, organiser)

    refused = browser.post(address(event, "/term?line=contact"), data={"days": "400", "reason": ""})
    assert refused.status_code == 422 and "请写明理由" in refused.text and 'value="400"' in refused.text
    browser.post(address(event, "/term?line=contact"), data={"days": "400", "reason": "审计要求"})

    row = db.session.query(RetentionRule).one()
    assert (row.days, row.reason) == (400, "审计要求")


def test_deleting_by_hand_leaves_a_proof_that_names_nobody_else(client, organiser, event, after):
    with after(2):
        browser = sign_in(client, organiser)
        page = browser.get(address(event)).text
        browser.post(address(event, "/delete"), data={"line": "note"})
        browser.post(address(event, "/delete"), data={"line": "note"})
        again = browser.get(address(event)).text
        file = browser.get(address(event, "/proof.csv"))
        paper = browser.get(address(event, "/proof.pdf"))

    rows = list(csv.reader(io.StringIO(file.data.decode("utf-8-sig"))))
    assert "不能撤销" in page and "没有可以删除的内容" in again and "校验一致" in again
    assert [(row[0], row[2], row[5]) for row in rows[1:]] == [("1", "1", organiser.name)]
    assert paper.data.startswith(b"%PDF") and paper.headers["Content-Disposition"].startswith("attachment")
    assert rows[1][6] == queries.deletions(event.id)[0].digest


@pytest.mark.parametrize("state", [RunState.FAILED, RunState.DONE])
def test_the_desk_tells_only_when_the_job_did_not_do_its_work(app, organiser, event, after, state):
    with after(100):
        from matchmaker.core import clock
        from matchmaker.core.db import transaction

        now = clock.now()
        with transaction() as session:
            values = {"name": "retention.purge", "slot": "s", "holder": "h", "started": now, "lease_until": now}
            session.add(JobRun(state=state, **values))
        with app.test_request_context():
            items = desk.overdue(organiser)

    assert len(items) == (1 if state is RunState.FAILED else 0)


def test_what_is_still_needed_is_told_and_stays(client, organiser, event, after):
    with after(2):
        browser = sign_in(client, organiser)
        browser.post(address(event, "/delete"), data={"line": "message"})
        text = browser.get(address(event)).text

    assert "消息待发送" in text and queries.deletions(event.id) == []


def test_the_page_costs_the_same_for_few_and_many_people(client, organiser, event, count_queries):
    browser = sign_in(client, organiser)

    def cost():
        browser.get(address(event))  # the first visit after a change also looks after the session
        count_queries.clear()
        browser.get(address(event))
        return len(count_queries)

    few = cost()
    for n in range(20):
        a_guest(event, name=f"来宾{n}", phone=f"139000001{n:02}", people=1)

    assert cost() == few


def test_the_job_runs_under_its_name(app, event, after):
    job = features().find("jobs", "retention.purge")
    with after(100):
        assert job.run is jobs.purge and job.run() == 1
