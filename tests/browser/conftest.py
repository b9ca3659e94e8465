"""What journeys use: `house` (a running platform), `browse` (a page, signed in as somebody), `look`, `axe`.

    def test_an_enterprise_registers(house, browse, look, axe):
        page = browse(house.demo_user(Role.MEMBER))
        page.goto("/events/")
        look(page, "events")          # build/screenshots/events-{1440x900,390x844}-{zh,en}.png
        axe(page)                     # no serious or critical finding

A page that answers 5xx, writes an error to the console or breaks the content policy fails its journey.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import pytest
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from tests.browser import chromium
from tests.browser.devices import Devices
from tests.browser.house import House

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"
SHOTS = BUILD / "screenshots"
AXE = Path(__file__).parent / "vendor" / "axe.min.js"
DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
EXPECTED_ERROR = re.compile(r"Failed to load resource: the server responded with a status of 4\d\d")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder is a browser test."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """The driver."""
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """A headless Chromium that draws Chinese."""
    path = chromium.find()
    if path is None:
        pytest.skip("no Chromium here (CHROMIUM=/path names one)")
    running = playwright.chromium.launch(
        executable_path=path,
        headless=True,
        args=chromium.arguments(),
        env={**os.environ, "LC_ALL": "C.UTF-8", **chromium.font_environment(BUILD)},
    )
    yield running
    running.close()


@pytest.fixture(scope="session")
def running_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One server for the whole run."""
    house = House(tmp_path_factory.mktemp("house"))
    yield house
    house.close()


@pytest.fixture
def house(running_house: House) -> House:
    """The running platform with the demo as it is after the first start."""
    running_house.reset()
    return running_house


@pytest.fixture
def browse(browser: Browser, house: House) -> Iterator[Callable[..., Page]]:
    """`browse(user_id=None, phone=False, lang="zh")` opens a page in a browser of its own; faults fail the test."""
    contexts: list[Any] = []
    faults: list[str] = []

    def open_page(user_id: int | None = None, *, phone: bool = False, lang: str = "zh") -> Page:
        context = browser.new_context(
            base_url=house.url,
            viewport=PHONE if phone else DESKTOP,  # type: ignore[arg-type]
            locale={"zh": "zh-CN", "en": "en-GB"}[lang],
            timezone_id="Asia/Shanghai",
            reduced_motion="reduce",
        )
        contexts.append(context)
        context.set_default_timeout(15_000)
        if user_id is not None:
            context.add_cookies([house.cookie(user_id)])  # type: ignore[list-item]
        page = context.new_page()
        _watch(page, faults)
        if lang == "en":
            page.goto("/?lang=en")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert faults == []


@pytest.fixture
def device(browser: Browser, house: House) -> Iterator[Devices]:
    """`device(user_id=None, size=PHONE)` opens a page on a device that may lose its network; faults fail the test."""
    devices = Devices(browser, house, PHONE)
    yield devices
    devices.close()
    assert devices.faults == []


def _watch(page: Page, faults: list[str]) -> None:
    def on_console(message: Any) -> None:
        if message.type == "error" and not EXPECTED_ERROR.search(message.text):
            faults.append(f"console: {message.text}")

    def on_response(response: Any) -> None:
        if response.status >= 500:
            faults.append(f"{response.status} {response.url}")

    page.on("console", on_console)
    page.on("response", on_response)
    page.on("pageerror", lambda error: faults.append(f"script: {error}"))


@pytest.fixture
def look() -> Callable[..., None]:
    """`look(page, name)` writes the page in both sizes and languages; `reload=False` keeps what is typed in it."""

    def shoot(page: Page, name: str, *, reload: bool = True) -> None:
        SHOTS.mkdir(parents=True, exist_ok=True)
        before, size = page.url, page.viewport_size
        for language in ("en", "zh") if reload else ("zh",):
            if reload:
                page.goto(_in(language, before))
            for shape in (DESKTOP, PHONE):
                page.set_viewport_size(shape)  # type: ignore[arg-type]
                page.wait_for_load_state("networkidle")
                _nothing_sticks_out(page, name)
                file = SHOTS / f"{name}-{shape['width']}x{shape['height']}-{language}.png"
                page.screenshot(path=file, full_page=True, animations="disabled")
        if size is not None:
            page.set_viewport_size(size)
        if reload:
            page.goto(before)

    return shoot


def _in(language: str, url: str) -> str:
    parts = urlsplit(url)
    query = [(key, value) for key, value in parse_qsl(parts.query, keep_blank_values=True) if key != "lang"]
    return urlunsplit(parts._replace(query=urlencode([*query, ("lang", language)])))


def _nothing_sticks_out(page: Page, name: str) -> None:
    wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wider <= 1, f"{name}: the page scrolls sideways by {wider} px at {page.viewport_size}"


@pytest.fixture
def axe() -> Callable[[Page], None]:
    """`axe(page)` refuses serious and critical findings of accessibility."""

    def check(page: Page) -> None:
        page.evaluate(AXE.read_text(encoding="utf-8"))
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        grave = [
            f"{finding['id']}: {finding['help']} at {[node['target'] for node in finding['nodes'][:4]]}"
            for finding in found["violations"]
            if finding["impact"] in {"serious", "critical"}
        ]
        assert grave == [], f"{page.url}: {grave}"

    return check
