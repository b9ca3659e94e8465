"""What every page shares: declared access, headers, refusals, safe redirects, downloads."""

from __future__ import annotations

import re

import pytest

from matchmaker.accounts.rules import Role
from matchmaker.app import create_app
from matchmaker.core.web import Access, access_of, download, safe_next
from matchmaker.settings import Settings
from tests.cast import a_user, sign_in


@pytest.mark.parametrize("path", ["/", "/events/", "/accounts/sign-in", "/healthz", "/nothing-here"])
def test_every_answer_carries_the_security_headers(client, path):
    headers = client.get(path).headers

    assert headers["Content-Security-Policy"].startswith("default-src 'self'; script-src 'self'; style-src 'self'")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Request-Id"]


def test_pages_of_a_signed_in_person_are_not_kept(client):
    sign_in(client, a_user())

    assert client.get("/desk").headers["Cache-Control"] == "no-store"


def test_every_route_declares_its_access(application):
    assert [e for e in application.view_functions if not isinstance(access_of(application, e), Access)] == []


@pytest.mark.parametrize(
    "target",
    [
        "//evil.cn",
        "https://evil.cn",
        "/\\evil.cn",
        "\\\\evil.cn",
        "javascript:alert(1)",
        "/a\tb",
        "/a\nb",
        "http:evil",
        "",
        None,
    ],
)
def test_a_target_that_leaves_the_site_becomes_the_fallback(target):
    assert safe_next(target, "/home") == "/home"


@pytest.mark.parametrize("target", ["/", "/events/3?tab=1", "/accounts/devices#x"])
def test_a_local_target_is_kept(target):
    assert safe_next(target, "/home") == target


def test_a_download_is_an_attachment_that_never_runs(application):
    with application.test_request_context():
        answer = download(b"<script>", filename='名单"\r\nx.html', mimetype="text/html")

    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert "\n" not in answer.headers["Content-Disposition"]
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_nobody_is_sent_to_sign_in_and_comes_back(client):
    answer = client.get("/desk?x=1")

    assert answer.status_code == 303
    assert answer.location == "/accounts/sign-in?next=/desk?x%3D1"


def test_a_page_that_is_not_there_says_what_to_do(client):
    answer = client.get("/nothing-here")

    assert answer.status_code == 404
    assert "没有找到" in answer.text


def test_an_api_error_is_problem_json(client):
    answer = client.get("/api/v1/nothing")

    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
    assert answer.json["request_id"]


def test_a_forged_form_without_token_is_refused(application, app):
    application.config["WTF_CSRF_ENABLED"] = True
    try:
        client = sign_in(application.test_client(), a_user(Role.ORGANISER))
        answer = client.post("/events/manage/new", data={"title": "x"})
    finally:
        application.config["WTF_CSRF_ENABLED"] = False

    assert answer.status_code == 400
    assert "页面停留太久" in answer.text


def test_ready_means_the_database_answers(client):
    assert client.get("/readyz").json == {"status": "ready"}


def test_a_flood_from_one_address_is_told_to_wait(tmp_path):
    from matchmaker.app import create_app
    from matchmaker.settings import Settings

    app = create_app(
        Settings(secret_key="x" * 20, instance=str(tmp_path), flood_limit="3 per minute", mail_backend="locmem")
    )
    client = app.test_client()

    answers = [client.get("/nothing-here") for _ in range(2)] + [client.get("/accounts/sign-in") for _ in range(5)]

    assert answers[-1].status_code == 429
    assert "稍后再试" in answers[-1].text


def test_figures_are_for_a_scraper_on_this_machine(tmp_path, client):
    app = create_app(Settings(secret_key="x" * 20, instance=str(tmp_path), metrics=True, mail_backend="locmem"))
    scraper = app.test_client()
    scraper.get("/accounts/sign-in")

    figures = scraper.get("/metrics").text
    elsewhere = scraper.get("/metrics", environ_base={"REMOTE_ADDR": "10.0.0.9"})

    assert 'matchmaker_requests_total{method="GET",route="/accounts/sign-in",status="200"}' in figures
    assert (elsewhere.status_code, client.get("/metrics").status_code) == (404, 404)


def test_a_page_needs_one_style_sheet_and_keeps_it_until_it_changes(client):
    head = client.get("/").text.split("</head>")[0]

    sheets = re.findall(r'<link rel="stylesheet" href="([^"]+)"', head)
    answer = client.get(sheets[0])
    again = client.get(sheets[0], headers={"If-None-Match": answer.headers["ETag"]})

    assert len(sheets) == 1
    assert (answer.mimetype, again.status_code) == ("text/css", 304)
    assert "--primary:" in answer.text
    assert ".button {" in answer.text


def test_a_number_that_no_table_can_hold_is_no_record(client):
    assert client.get(f"/events/{10**30}").status_code == 404
