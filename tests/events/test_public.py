"""The public face: what people, search engines, messengers, calendars and other sites get; and what it weighs."""

from __future__ import annotations

import gzip
import html
import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from icalendar import Calendar

from matchmaker.accounts.rules import Role
from matchmaker.core import clock
from matchmaker.core.db import transaction
from matchmaker.events.rules import EventKind, EventState, WaitingPolicy
from matchmaker.events.services import events, registrations
from tests.cast import OTHER_REGION, a_user, sign_in
from tests.factories import programme
from tests.factories.directory import an_organisation
from tests.factories.events import a_registration, a_series, an_event

ENGLISH = {
    "title_en": "Security matchmaking",
    "summary_en": "Meet buyers",
    "description_en": "Ten tables",
    "venue_en": "Convention Centre",
    "address_en": "1 Lake Road",
}


@pytest.fixture
def organiser(app, now):
    return a_user(Role.ORGANISER)


def told(page):
    """The JSON-LD of a page, as a search engine reads it."""
    (block,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page.text, re.S)
    return json.loads(block)


def meta(page, name):
    found = re.search(rf'<(?:meta|link) (?:property|name|rel)="{name}"[^>]*(?:content|href)="([^"]*)"', page.text)
    return html.unescape(found.group(1)) if found else None


def entries(answer):
    return list(Calendar.from_ical(answer.data).walk("VEVENT"))


def test_search_engines_are_told_when_where_and_whether_there_is_room(client, organiser):
    event = an_event(owner=organiser, capacity=10, address="会展大道 599 号", kind=EventKind.TRAINING)

    found = told(client.get(f"/events/{event.id}"))

    assert (found["@type"], found["name"]) == ("EducationEvent", event.title)
    assert datetime.fromisoformat(found["startDate"]) == event.starts
    assert found["startDate"].endswith("+08:00")
    assert (found["location"]["name"], found["location"]["address"]["streetAddress"]) == (event.venue, event.address)
    assert found["eventStatus"] == "https://schema.org/EventScheduled"
    assert (found["offers"]["price"], found["offers"]["availability"]) == (0, "https://schema.org/InStock")
    assert (found["maximumAttendeeCapacity"], found["remainingAttendeeCapacity"]) == (10, 10)


@pytest.mark.parametrize(("policy", "word"), [(WaitingPolicy.NONE, "SoldOut"), (WaitingPolicy.FIRST_COME, "BackOrder")])
def test_a_full_event_is_told_as_full(client, organiser, policy, word):
    event = an_event(owner=organiser, capacity=1, waiting_policy=policy)
    a_registration(event, actor=a_user())

    assert told(client.get(f"/events/{event.id}"))["offers"]["availability"] == f"https://schema.org/{word}"


def test_a_cancelled_event_is_told_as_cancelled(client, organiser):
    event = an_event(owner=organiser)
    with transaction():
        events.cancel(event, actor=organiser, reason="停电")

    found = told(client.get(f"/events/{event.id}"))

    assert found["eventStatus"] == "https://schema.org/EventCancelled"
    assert "offers" not in found


def test_text_cannot_leave_the_data_block(client, organiser):
    title = "</script><script>alert(1)</script>"
    page = client.get(f"/events/{an_event(owner=organiser, title=title).id}")

    assert told(page)["name"] == title
    assert "<script>alert" not in page.text


@pytest.mark.parametrize(("lang", "code"), [("zh", "zh_CN"), ("en", "en_US")])
def test_a_shared_link_has_its_words_picture_and_languages(client, organiser, lang, code):
    event = an_event(owner=organiser, **ENGLISH)
    here = f"/events/{event.id}" + ("?lang=en" if lang == "en" else "")

    page = client.get(here)

    assert meta(page, "og:title") == event.text_in("title", lang)
    assert meta(page, "og:description") == event.text_in("summary", lang)
    assert meta(page, "og:locale") == code
    assert meta(page, "og:url") == meta(page, "canonical")
    assert meta(page, "canonical").endswith(here)
    assert re.findall(r'hreflang="([^"]+)" href="[^"]*?(\?lang=en)?"', page.text) == [
        ("zh-CN", ""),
        ("en", "?lang=en"),
        ("x-default", ""),
    ]


def test_the_picture_of_a_shared_link_is_a_png_of_the_named_size(client, organiser):
    event = an_event(owner=organiser, title="很长的名字" * 12)

    answer = client.get(f"/events/{event.id}/picture.png")

    size = [int.from_bytes(answer.data[start : start + 4], "big") for start in (16, 20)]
    assert (answer.mimetype, answer.data[:4], size) == ("image/png", b"\x89PNG", [1200, 630])


def test_every_field_is_shown_in_english_where_there_is_english(client, organiser):
    full = client.get(f"/events/{an_event(owner=organiser, **ENGLISH).id}?lang=en").text
    partly = client.get(f"/events/{an_event(owner=organiser, title_en='Only a title').id}?lang=en").text

    assert [words for words in ENGLISH.values() if words not in full] == []
    assert "Only a title" in partly
    assert "红光山会展中心" in partly


def test_an_event_that_is_not_listed_is_kept_from_search_engines(client, organiser):
    event = an_event(owner=organiser, listed=False)

    page = client.get(f"/events/{event.id}")

    assert meta(page, "robots") == "noindex"
    assert event.title not in client.get("/events/").text


@pytest.fixture
def several(organiser, now):
    return {
        "training": an_event(owner=organiser, title="数字化培训", kind=EventKind.TRAINING),
        "over": an_event(owner=organiser, title="截止的沙龙", kind=EventKind.SALON, deadline=now - timedelta(days=1)),
        "later": an_event(
            owner=organiser,
            title="四月路演",
            kind=EventKind.ROADSHOW,
            starts=now + timedelta(days=40),
            ends=now + timedelta(days=41),
        ),
        "elsewhere": an_event(owner=organiser, title="邻区对接会", region=OTHER_REGION),
    }


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", {"training", "over", "later", "elsewhere"}),
        ("kind=training", {"training"}),
        ("kind=nonsense", {"training", "over", "later", "elsewhere"}),
        ("month=2026-04", {"later"}),
        ("month=2026-13", {"training", "over", "later", "elsewhere"}),
        (f"region={OTHER_REGION}", {"elsewhere"}),
        ("open=1", {"training", "later", "elsewhere"}),
        ("q=数字化", {"training"}),
        ("q=%25", set()),
        ("kind=roadshow&month=2026-04&open=1", {"later"}),
        ("page=99", {"training", "over", "later", "elsewhere"}),
        ("page=-1&month=x'--", {"training", "over", "later", "elsewhere"}),
    ],
)
def test_the_list_shows_what_the_filters_ask_for(client, several, query, names):
    page = client.get(f"/events/?{query}")

    assert page.status_code == 200
    assert {name for name, event in several.items() if event.title in page.text} == names


def test_the_list_has_pages_that_keep_the_filters(client, organiser):
    for number in range(14):
        an_event(owner=organiser, title=f"第{number:02}场")

    first = client.get("/events/?kind=promotion").text
    (following,) = re.findall(r'rel="next" href="([^"]+)"', first)
    second = client.get(html.unescape(following)).text

    assert "kind=promotion" in following
    assert (first.count("event-card"), second.count("event-card")) == (12, 2)


@pytest.mark.parametrize("rows", [1, 4])
def test_the_list_asks_the_database_the_same_for_one_event_and_four(client, organiser, count_queries, rows):
    for _ in range(rows):
        an_event(owner=organiser)
    count_queries.clear()

    client.get("/events/")

    assert len(count_queries) == 5


def test_a_person_s_calendar_holds_what_they_come_to_until_the_address_is_taken_back(client, organiser):
    person = a_user(organisation=an_organisation())
    coming = an_event(owner=organiser, title="已通过的会")
    asked = an_event(owner=organiser, title="待审核的会", needs_approval=True)
    for event in (coming, asked):
        a_registration(event, actor=person)
    given_up = a_registration(an_event(owner=organiser, title="撤回的会"), actor=person)
    with transaction():
        registrations.withdraw(given_up, actor=person)
    sign_in(client, person)
    client.post("/events/registrations/feed")
    (address,) = re.findall(r'value="https?://[^/]+(/events/feed/[^"]+)"', client.get("/events/registrations/").text)
    anybody = client.application.test_client()

    found = {str(entry["summary"]): str(entry["status"]) for entry in entries(anybody.get(address))}
    client.post("/events/registrations/feed", data={"step": "revoke"})

    assert found == {"已通过的会": "CONFIRMED", "待审核的会": "TENTATIVE"}
    assert anybody.get(address).status_code == 404


def test_a_new_calendar_address_replaces_the_old_one(client, organiser):
    sign_in(client, a_user())
    addresses = []
    for _ in range(2):
        client.post("/events/registrations/feed")
        addresses += re.findall(r'(/events/feed/[^"]+)"', client.get("/events/registrations/").text)

    answers = [client.get(address).status_code for address in (*addresses, "/events/feed/made-up.ics")]

    assert answers == [404, 200, 404]


def test_a_series_is_one_calendar_without_its_drafts(client, organiser):
    held = [
        an_event(owner=organiser, title="第一场"),
        an_event(owner=organiser, title="第二场"),
        an_event(owner=organiser, title="草稿场", state=EventState.DRAFT, published=None),
    ]
    series = a_series(*held)

    answer = client.get(f"/events/series/{series.id}.ics")

    assert [str(entry["summary"]) for entry in entries(answer)] == ["第一场", "第二场"]
    assert client.get("/events/series/999.ics").status_code == 404


def test_an_entry_says_the_moment_in_utc_and_rises_with_every_change(client, organiser):
    event = an_event(owner=organiser)
    before = entries(client.get(f"/events/{event.id}/calendar.ics"))[0]
    with transaction():
        event.venue = "另一个厅"

    after = entries(client.get(f"/events/{event.id}/calendar.ics"))[0]

    assert before.start.astimezone(UTC) == event.starts
    assert after["uid"] == before["uid"]
    assert after["sequence"] > before["sequence"]


@pytest.mark.parametrize("path", ["/events/{id}/embed", "/events/embed?limit=3", "/events/embed?kind=x&limit=abc"])
def test_other_sites_may_frame_what_is_embedded_and_nothing_else(client, organiser, path):
    event = an_event(owner=organiser)
    an_event(owner=organiser, title="不公开列出的会", listed=False)

    answer = client.get(path.format(id=event.id))
    page = client.get(f"/events/{event.id}")

    assert answer.status_code == 200
    assert event.title in answer.text
    assert "不公开列出的会" not in answer.text
    assert "frame-ancestors *" in answer.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    assert "Set-Cookie" not in answer.headers
    assert re.search(r"<(script|form|input)\b", answer.text) is None
    links = re.findall(r"<a [^>]*>", answer.text)
    assert links
    assert all('target="_blank" rel="noopener"' in link and 'href="http' in link for link in links)


def test_organisers_copy_a_snippet_that_leads_to_the_embedded_page(client, organiser):
    event = an_event(owner=organiser, title='会"<b>')
    sign_in(client, organiser)

    page = html.unescape(client.get(f"/events/manage/{event.id}/share").text)
    (snippet,) = re.findall(rf"<iframe src=\"[^\"]*/events/{event.id}/embed\"[^>]*></iframe>", page)

    assert "<b>" not in snippet.replace("&lt;b&gt;", "")
    assert client.get(f"/events/{event.id}/embed").status_code == 200
    stranger = sign_in(client.application.test_client(), a_user())
    assert stranger.get(f"/events/manage/{event.id}/share").status_code == 404


TOPICS = "智慧安防、数字孪生、低空经济、新能源材料"
AGENDA = "\n".join(
    f"{9 + n // 2:02}:{30 * (n % 2):02} 第{n + 1}项议程：{TOPICS[n % 9 :]}企业与需求单位见面" for n in range(24)
)


def weight(data):
    return len(gzip.compress(data, mtime=0))


def test_the_public_page_is_light_and_paints_with_one_style_sheet(client, organiser):
    words = {"description": AGENDA, "address": "会展大道 599 号", "contact": "王老师 0991-1234567"}
    begins = clock.now() + timedelta(days=14)
    event = an_event(owner=organiser, starts=begins, ends=begins + timedelta(days=1), **words, **ENGLISH)
    rooms = [programme.a_room(event, actor=organiser, name=f"{name}号厅") for name in "一二三"]
    for n in range(18):
        values = {"title": f"{TOPICS[n % 9 :]}专场（第{n + 1}场）", "abstract": AGENDA[n * 20 : n * 20 + 150]}
        programme.a_session(event, actor=organiser, after=60 * (n // 3), room_id=rooms[n % 3].id, **values)

    page = client.get(f"/events/{event.id}")

    assert page.text.count("专场（第") == 18
    head = page.text.split("</head>")[0]
    sheets = re.findall(r'<link rel="stylesheet" href="([^"]+)"', page.text)
    scripts = re.findall(r"<script [^>]*src=[^>]*>", page.text)
    assets = sorted(set(re.findall(r'(?:href|src)="((?:/static/|/screen)[^"#]+)', page.text)))
    weights = {path: weight(client.get(path).data) for path in assets}
    body = weight(page.data)
    print(f"public event page: HTML {body} bytes, all {body + sum(weights.values())} bytes (gzip)", weights)
    assert sheets == re.findall(r'<link rel="stylesheet" href="([^"]+)"', head)
    assert len(sheets) == 1
    assert [script for script in scripts if "defer" not in script and 'type="module"' not in script] == []
    assert body <= 14 * 1024
    assert body + sum(weights.values()) <= 100 * 1024


def test_the_public_page_reads_without_style_and_script(client, organiser):
    event = an_event(owner=organiser, description=AGENDA)

    text = client.get(f"/events/{event.id}").text
    main = re.search(r"<main.*?</main>", text, re.S).group(0)
    words = re.sub(r"<[^>]+>", " ", main)

    order = [event.title, event.summary, "第1项议程", "活动信息", event.venue, "报名截止"]
    places = [words.find(part) for part in order]
    assert -1 not in places
    assert places == sorted(places)
    assert f'href="/events/{event.id}/register"' in main
