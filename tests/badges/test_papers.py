"""What is on the paper: every name as text, all fonts embedded, the right number of cards."""

from __future__ import annotations

import io

import pytest
from pypdf import PdfReader

from matchmaker.accounts.rules import Role
from matchmaker.badges import documents as papers
from matchmaker.badges import rules
from matchmaker.core import documents
from tests.cast import a_user
from tests.factories.papers import a_guest, an_event_over

HOSTILE = [
    "李明",
    "阿卜杜热依木·买买提明",
    '#read("/etc/passwd") *粗* $x$',
    "<script>alert(1)</script>",
    "Wolfeschlegelsteinhausenbergerdorff",
    "王" * 60,
    "😀张三丰\u202e",
    '\\ #image("x") [a]',
]


def text_of(body: bytes) -> str:
    return "".join("".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(body)).pages)


def descriptors(body: bytes):
    for page in PdfReader(io.BytesIO(body)).pages:
        for font in page["/Resources"]["/Font"].values():
            inner = font.get_object()
            kind = inner["/DescendantFonts"][0].get_object() if "/DescendantFonts" in inner else inner
            yield kind.get("/FontDescriptor", {}).get_object() if kind.get("/FontDescriptor") else None


@pytest.fixture
def event(app, now):
    event = an_event_over(owner=a_user(Role.ORGANISER), title="对接会 #strong[x] & <b>")
    for name in HOSTILE:
        a_guest(event, name, organisation_name="红光山 *科技* 有限公司")
    return event


def people(event):
    return [person for row in sorted(event_rows(event), key=lambda r: r.id) for person in row.attendees]


def event_rows(event):
    from matchmaker.core.db import db
    from matchmaker.events.models import Registration

    return db.session.query(Registration).filter_by(event_id=event.id).all()


@pytest.mark.parametrize(
    ("paper", "template", "pages"), [("sheet", "badges", 2), ("label", "badges", 11), ("table", "table_cards", 11)]
)
def test_cards_show_hostile_names_as_text_in_embedded_fonts(event, paper, template, pages):
    data = papers.badge_paper(event, people(event), setting=None, blanks=3, issuer="科技局")

    body = documents.pdf(template, {**data, "paper": paper})

    text = text_of(body)
    assert len(PdfReader(io.BytesIO(body)).pages) == pages
    for name in HOSTILE:
        shown = "".join(rules.printable(name).split())
        assert shown in text or all(piece in text for piece in shown.replace("·", " ").split())
    assert "root:" not in text
    assert "对接会#strong[x]&<b>" in text
    found = [d for d in descriptors(body) if d is not None]
    assert found
    assert all({"/FontFile", "/FontFile2", "/FontFile3"} & set(d) for d in found)
    assert any("NotoSansCJK" in str(d["/FontName"]) for d in found)


def test_a_table_card_bears_the_name_on_both_sides_one_of_them_on_its_head(event):
    data = papers.badge_paper(event, people(event)[:1], setting=None, blanks=0, issuer="科技局")

    page = PdfReader(io.BytesIO(documents.pdf("table_cards", {**data, "paper": "table"}))).pages[0]
    turns = []
    page.extract_text(visitor_text=lambda text, cm, tm, _font, _size: turns.append((text, cm[0] * tm[0])))

    sides = {turn > 0 for text, turn in turns if "李" in text}
    assert sides == {True, False}
    assert text_of(documents.pdf("table_cards", {**data, "paper": "table"})).count("李明") == 2


def test_the_settings_say_what_stands_on_a_card(event):
    from matchmaker.badges.models import BadgeSetting

    plain = BadgeSetting(show_organisation=False, show_position=False, show_group=False, show_code=False, foot="Wi-Fi")
    data = papers.badge_paper(event, people(event)[:1], setting=plain, blanks=0, issuer="科技局")

    text = text_of(documents.pdf("badges", {**data, "paper": "sheet"}))
    assert "红光山" not in text
    assert "Wi-Fi" in text
    assert data["cards"][0]["qr"] == ""


def test_the_first_page_is_a_picture(event):
    data = papers.badge_paper(event, [], setting=None, blanks=1, issuer="科技局")

    assert documents.picture("badges", {**data, "paper": "sheet"}).startswith(b"\x89PNG")
