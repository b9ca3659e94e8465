"""The ground of all journeys: Chinese is drawn, the doors open, both languages and sizes look as they should."""

from __future__ import annotations

import pytest

from matchmaker.accounts.rules import Role


def test_two_chinese_characters_are_drawn_differently(browser):
    page = browser.new_page()
    page.set_content("<p id=a>科</p><p id=b>技</p><style>p { font-size: 40px; width: 60px }</style>")

    first, second = (page.locator(f"#{name}").screenshot() for name in "ab")

    assert first != second, "no Chinese font: both characters are the same box"
    page.close()


@pytest.mark.parametrize("path", ["/", "/accounts/sign-in", "/events/"])
def test_public_pages_stand_in_both_sizes_and_languages(browse, look, axe, path):
    page = browse()

    page.goto(path)

    axe(page)
    look(page, "public" + path.rstrip("/").replace("/", "-"))


def test_a_session_cookie_opens_the_desk_and_signing_out_closes_it(house, browse):
    page = browse(house.demo_user(Role.HANDLER))
    page.goto("/desk")

    page.context.request.post(f"{house.url}/accounts/sign-out", headers={"Referer": house.url})
    status = page.context.request.get(f"{house.url}/desk", max_redirects=0).status

    assert status == 200, "a form without its token must not sign anybody out"


def test_a_handler_sees_the_desk(house, browse, look, axe):
    page = browse(house.demo_user(Role.HANDLER))

    page.goto("/desk")

    assert page.url.endswith("/desk")
    axe(page)
    look(page, "desk-handler")


def test_a_broken_page_fails_its_journey(house):
    from tests.browser.conftest import EXPECTED_ERROR

    assert EXPECTED_ERROR.search("Failed to load resource: the server responded with a status of 422 (UNPROCESSABLE)")
    assert not EXPECTED_ERROR.search("Refused to apply inline style because it violates the Content Security Policy")
