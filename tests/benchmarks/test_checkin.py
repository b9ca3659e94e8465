"""Check-in at size: a verdict without a network among 20 000 guests, the sync of 1 000 scans; a small form of each."""

from __future__ import annotations

import secrets
from datetime import timedelta
from statistics import median
from time import perf_counter

import pytest
import sqlalchemy as sa
from playwright.sync_api import sync_playwright

from matchmaker.accounts.rules import Role
from matchmaker.checkin.models import Scan
from matchmaker.checkin.services import snapshot
from matchmaker.checkin.services.snapshot import milliseconds
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.events.models import Attendee, Registration, SeatClaim, SeatPool, new_code
from matchmaker.events.rules import RegistrationState, Source
from tests.browser import chromium
from tests.browser.house import House
from tests.cast import a_user, sign_in
from tests.factories.checkin import a_code, a_gate
from tests.factories.events import an_event

LARGE = [pytest.mark.bench, pytest.mark.timeout(900)]
VERDICT, SYNC = 0.3, 10.0  # seconds
TIMES = 30


def guests(event, count):
    """Approved guests by plain inserts; returns their codes."""
    now = clock.now()
    common = {"event_id": event.id, "audience_id": event.audiences[0].id, "state": RegistrationState.APPROVED}
    moments = {"created": now, "party": 1, "source": Source.IMPORT, "organisation_name": "某某科技有限公司"}
    numbers = range(count)
    codes = [new_code() for _ in numbers]
    with transaction() as session:
        session.execute(
            sa.insert(Registration),
            [{**common, **moments, "name": f"来宾{n}", "nonce": secrets.token_urlsafe(16)} for n in numbers],
        )
        mine = sa.select(Registration.id).where(Registration.event_id == event.id).order_by(Registration.id)
        ids = list(session.execute(mine).scalars())
        people = zip(ids, codes, numbers, strict=True)
        session.execute(
            sa.insert(Attendee),
            [{"registration_id": i, "name": f"来宾{n}", "phone": f"130{n:08d}", "code": c} for i, c, n in people],
        )
        pool = event.pool.id
        session.execute(
            sa.insert(SeatClaim), [{"registration_id": i, "pool_id": pool, "seats": 1, "held": True} for i in ids]
        )
        session.execute(sa.update(SeatPool).where(SeatPool.id == pool).values(used=count))
    return codes


def a_fair(count):
    """(gate, codes, organiser) of an event that runs now."""
    organiser = a_user(Role.ORGANISER)
    now = clock.now()
    event = an_event(owner=organiser, capacity=count, starts=now, ends=now + timedelta(hours=5))
    codes = guests(event, count)
    return a_gate(event, actor=organiser), codes, organiser


@pytest.mark.parametrize("count", [200, pytest.param(1000, marks=LARGE)])
def test_sync_of_a_queue(app, count):
    gate, codes, organiser = a_fair(count)
    browser = sign_in(app.test_client(), organiser)
    common = {"list": gate.lists[0].id, "direction": "in", "shown": True, "at": milliseconds(clock.now())}
    queue = [{**common, "nonce": secrets.token_urlsafe(18), "code": code} for code in codes]

    began = perf_counter()
    for start in range(0, count, 200):
        data = {"now": milliseconds(clock.now()), "items": queue[start : start + 200]}
        assert browser.post(f"/checkin/gate/{gate.id}/sync", json=data).status_code == 200
    took = perf_counter() - began

    print(f"\nsync of {count} scans in batches of 200: {took:.2f} s")
    assert db.session.query(Scan).filter(Scan.counted).count() == count
    assert took <= SYNC


@pytest.mark.parametrize("count", [200, pytest.param(20_000, marks=LARGE)])
def test_the_snapshot_of_a_gate(app, count):
    gate, _codes, _organiser = a_fair(count)

    began = perf_counter()
    made = snapshot.build(gate)
    took = perf_counter() - began
    size = sum(len(text.encode()) for text in made["blocks"].values())

    print(f"\nsnapshot of {count} guests: {took:.2f} s, {size / 1e6:.2f} MB")
    assert took <= 5


VERDICTS = """async codes => {
    const times = [];
    for (const code of codes) {
        const began = performance.now();
        await checkin.gate.scan(code);
        times.push(performance.now() - began);
    }
    return times;
}"""


@pytest.mark.bench
@pytest.mark.browser
@pytest.mark.timeout(900)
def test_a_verdict_without_a_network_among_20_000(tmp_path):
    path = chromium.find()
    if path is None:
        pytest.skip("no Chromium here")
    house = House(tmp_path)
    with house.open():
        gate, codes, organiser = a_fair(20_000)
        _row, text = a_code(gate, actor=organiser)
    try:
        with sync_playwright() as running:
            browser = running.chromium.launch(executable_path=path, args=chromium.arguments())
            page = browser.new_page(base_url=house.url)
            page.goto("/checkin/")
            page.get_by_label("签到口令").fill(text)
            page.get_by_role("button", name="打开入口").click()
            page.wait_for_selector("[data-gate][data-ready=yes]", timeout=120_000)
            page.context.set_offline(True)
            times = page.evaluate(VERDICTS, [*codes[:: len(codes) // TIMES], codes[0]])
            word = page.locator("[data-word]").inner_text()
            browser.close()
    finally:
        house.close()

    print(f"\noffline verdict among 20 000: median {median(times):.0f} ms, worst {max(times):.0f} ms")
    assert word == "不放行"  # the last was the first again
    assert max(times) <= VERDICT * 1000
