"""Devices that may lose their network: each a browser of its own on a wire of its own."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.house import House
from tests.browser.wire import Wire

NO_NETWORK = re.compile(r"net::ERR_|status of 4\d\d|Failed to fetch")


class Devices:
    """`device(user_id)` opens a page on a new device; `cut` and `mend` its network. Other faults are in `faults`."""

    def __init__(self, browser: Browser, house: House, size: dict[str, int]) -> None:
        self._browser, self._house, self._size = browser, house, size
        self._wires: dict[BrowserContext, Wire] = {}
        self.faults: list[str] = []

    def __call__(
        self, user_id: int | None = None, *, size: dict[str, int] | None = None, locale: str = "zh-CN"
    ) -> Page:
        wire = Wire(self._house.url)
        context = self._browser.new_context(
            base_url=wire.url,
            viewport=size or self._size,  # type: ignore[arg-type]
            locale=locale,
            timezone_id="Asia/Shanghai",
            reduced_motion="reduce",
        )
        self._wires[context] = wire
        context.set_default_timeout(20_000)
        if user_id is not None:
            context.add_cookies([self._house.cookie(user_id) | {"url": wire.url}])  # type: ignore[list-item]
        page = context.new_page()
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        return page

    def cut(self, page: Page) -> None:
        """The network of this page's device is gone, and the browser knows it."""
        page.context.set_offline(True)
        self._wires[page.context].cut()

    def mend(self, page: Page) -> None:
        """The network is back."""
        self._wires[page.context].mend()
        page.context.set_offline(False)

    def close(self) -> None:
        """Nothing reaches the house any more, then every browser ends."""
        for wire in self._wires.values():
            wire.close()
        for context in self._wires:
            context.close()

    def _heard(self, said: Any) -> None:
        if said.type == "error" and not NO_NETWORK.search(said.text):
            self.faults.append(said.text)
