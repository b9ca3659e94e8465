"""At the gate: the same verdict in the browser as on the server, and half an hour without a network."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
import segno
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from playwright.sync_api import expect

from matchmaker.accounts.models import User
from matchmaker.accounts.rules import Role
from matchmaker.checkin.models import Gate, GateCode, Scan, ScanConflict
from matchmaker.checkin.rules import ConflictKind, code_mark, past_of, phone_mark, verdict
from matchmaker.checkin.services import setup
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.events.models import Attendee, Event, Registration
from matchmaker.events.rules import RegistrationState, Source
from matchmaker.events.rules.tickets import code_of_ticket, ticket_text
from matchmaker.events.services import registrations
from tests.browser import chromium
from tests.browser.conftest import PHONE
from tests.cast import a_user
from tests.checkin.rules.test_verdicts import CASES
from tests.factories.events import a_registration, an_event

SCRIPTS = Path(__file__).resolve().parents[2] / "static/js/features"
PEOPLE = 6


@pytest.fixture(scope="session")
def ported(browser):
    """A page that holds the rules as the gate has them."""
    page = browser.new_page()
    page.add_script_tag(path=SCRIPTS / "checkin_rules.js", type="module")
    page.wait_for_function("globalThis.checkin?.rules")
    yield page
    page.close()


def as_json(case):
    rule, guest, passes, direction, moment = case
    return {
        "rule": rule.written(),
        "guest": guest
        and {
            "standing": guest.standing.value,
            "audience": guest.audience,
            "tags": list(guest.tags),
            "pools": list(guest.pools),
        },
        "passes": [{"direction": one.direction.value, "moment": one.moment} for one in passes],
        "direction": direction.value,
        "moment": moment,
    }


JUDGE = """cases => cases.map(({rule, guest, passes, direction, moment}) =>
    checkin.rules.verdict(rule, guest, checkin.rules.pastOf(passes), direction, moment))"""


@settings(max_examples=100)
@given(cases=st.lists(CASES, min_size=20, max_size=60))
def test_the_gate_and_the_server_come_to_the_same_verdict(ported, cases):
    said = ported.evaluate(JUDGE, [as_json(case) for case in cases])

    for case, answer in zip(cases, said, strict=True):
        rule, guest, passes, direction, moment = case
        truth = verdict(rule, guest, past_of(passes), direction, moment)
        found = (answer["accepted"], answer["reason"], answer["time"], tuple(answer["tags"]))
        assert found == (truth.accepted, truth.reason.value, truth.time, truth.tags), case


MARKS = "texts => texts.map(t => [checkin.rules.codeMark(t, 'salt'), checkin.rules.codeOf(t)])"
TYPED = st.text(max_size=120) | st.text(alphabet="ABC23-· ｘＹ９\t", min_size=8, max_size=20)


@settings(max_examples=60)
@given(texts=st.lists(TYPED, max_size=20), phone=st.integers(10**10, 2 * 10**10))
def test_hashes_and_codes_are_read_alike(ported, texts, phone):
    assert ported.evaluate(MARKS, texts) == [[code_mark(text, "salt"), code_of_ticket(text)] for text in texts]
    digits = str(phone)[-4:]
    assert ported.evaluate("d => checkin.rules.phoneMark(d, 'salt')", digits) == phone_mark(str(phone), "salt")


@pytest.fixture
def fair(house):
    """An event that runs now, with people who have a place; ids and codes."""
    with house.open():
        organiser = db.session.get_one(User, house.demo_user(Role.ORGANISER))
        now = clock.now()
        times = {"starts": now + timedelta(minutes=40), "ends": now + timedelta(hours=4)}
        event = an_event(owner=organiser, capacity=50, deadline=now + timedelta(minutes=30), **times)
        rows = [a_registration(event, actor=a_user(), people=1) for _ in range(PEOPLE)]
        with transaction():
            for at, row in enumerate(rows):
                row.attendees[0].name, row.attendees[0].phone = f"来宾{at}号", f"1300000{at:04d}"
        return event.id, [(row.id, row.attendees[0].code) for row in rows]


def opens(page, code, name=""):
    page.goto("/checkin/")
    page.get_by_label(re.compile("签到口令|Gate code")).fill(code)
    page.get_by_label(re.compile("设备名|Name of the device")).fill(name)
    page.get_by_role("button", name=re.compile("打开入口|Open the entrance")).click()
    page.wait_for_selector("[data-gate][data-ready=yes]")


def scans(page, text):
    page.locator("[data-input]").fill(text)
    page.locator("[data-input]").press("Enter")


def verdict_is(page, word, sentence=""):
    expect(page.locator("[data-word]")).to_have_text(word)
    expect(page.locator("[data-sentence]")).to_contain_text(sentence)


def a_gate_with_its_code(organiser, event_id):
    organiser.goto(f"/checkin/events/{event_id}")
    organiser.get_by_role("button", name="准备签到").click()
    organiser.get_by_role("button", name="发口令").click()
    told = organiser.get_by_text(re.compile("只显示这一次")).inner_text()
    return re.search(r"[2-9A-Z]{4} [2-9A-Z]{4}", told)[0]


def test_half_an_hour_without_a_network(house, browse, device, look, axe, fair):
    event_id, people = fair
    codes = [code for _row, code in people]
    organiser = browse(house.demo_user(Role.ORGANISER))
    short = a_gate_with_its_code(organiser, event_id)
    axe(organiser)
    look(organiser, "checkin-organiser")

    phone = device()
    opens(phone, short.lower().replace(" ", "-"), "东门手机")
    scans(phone, codes[0])
    verdict_is(phone, "放行", "可以入场")
    scans(phone, codes[0])
    verdict_is(phone, "不放行", "入场，不能再次入场")
    axe(phone)
    look(phone, "checkin-gate", reload=False)
    expect(phone.locator("span[data-kept]")).to_be_visible()

    device.cut(phone)
    with house.open(), transaction():
        row = db.session.get_one(Registration, people[2][0])
        registrations.withdraw(row, actor=row.user)
    other = device()
    opens(other, short, "西门手机")
    scans(other, codes[1])
    verdict_is(other, "放行")

    scans(phone, codes[1])
    verdict_is(phone, "放行")
    expect(phone.locator("[data-more]")).to_contain_text("离线判断")
    phone.reload()
    phone.wait_for_selector("[data-gate][data-ready=yes]")
    expect(phone.locator("[data-network]")).to_contain_text("离线")
    expect(phone.locator("[data-pending]")).to_contain_text("待上传 1 条")
    scans(phone, codes[1])
    verdict_is(phone, "不放行", "不能再次入场")
    scans(phone, codes[2])
    verdict_is(phone, "放行")
    scans(phone, "0003")
    phone.locator("[data-found] button").click()
    verdict_is(phone, "放行")
    scans(phone, "ZZZZ22223333")
    verdict_is(phone, "不放行", "名单里没有这个码")
    look(phone, "checkin-gate-offline", reload=False)
    phone.get_by_text("现场登记").click()
    phone.get_by_label("姓名", exact=True).fill("现场来的人")
    phone.get_by_role("button", name="登记并入场").click()
    verdict_is(phone, "放行")
    expect(phone.locator("[data-pending]")).to_contain_text("待上传 6 条")

    device.mend(phone)
    expect(phone.locator("[data-pending]")).to_have_text("已全部上传", timeout=40_000)
    with house.open():
        kinds = sorted(db.session.execute(sa.select(ScanConflict.kind)).scalars())
        assert kinds == [ConflictKind.DOUBLE, ConflictKind.NOT_COMING]
        inside = sa.select(sa.func.count(Attendee.id)).where(Attendee.attended_at.is_not(None))
        assert db.session.execute(inside).scalar_one() == 4
        walk_in = sa.select(Registration).where(Registration.source == Source.WALK_IN)
        assert db.session.execute(walk_in).unique().scalar_one().state is RegistrationState.ATTENDED
        assert registrations.reconcile() == ([], [])
        event = db.session.get_one(Event, event_id)
        assert len(db.session.query(Scan).filter_by(event_id=event.id).all()) == 9

    settles(organiser, event_id, look)
    revoked_devices_forget(house, phone)


def settles(organiser, event_id, look):
    organiser.goto(f"/checkin/events/{event_id}")
    expect(organiser.get_by_role("heading", name="需要处理的冲突")).to_be_visible()
    for result in ("不算入场", "认可入场"):
        organiser.get_by_role("link", name="处理", exact=True).first.click()
        organiser.get_by_label(result).check()
        organiser.get_by_label("理由").fill("问过本人")
        organiser.get_by_role("button", name="确定").click()
        expect(organiser.get_by_text("已处理", exact=True)).to_be_visible()
    expect(organiser.get_by_role("heading", name="需要处理的冲突")).to_have_count(0)
    look(organiser, "checkin-settled")


def revoked_devices_forget(house, phone):
    with house.open():
        code = db.session.query(GateCode).one()
        actor = db.session.get_one(User, house.demo_user(Role.ORGANISER))
        with transaction():
            setup.revoke(code, actor=actor)
    phone.evaluate("checkin.gate.beat()")
    expect(phone.locator("[data-note]")).to_contain_text("本机名单已清除")
    assert phone.evaluate("checkin.gate.state.guests.size") == 0
    kept = (
        "async () => (await (await checkin.openStore(document.querySelector('[data-gate]').dataset.gate)).snapshot())"
    )
    assert phone.evaluate(kept) == {}
    phone.reload()
    expect(phone.get_by_label("签到口令")).to_be_visible()


def test_a_gate_in_english_on_a_desk_with_a_scanner(house, browse, device, look, axe, fair):
    event_id, people = fair
    organiser = browse(house.demo_user(Role.ORGANISER))
    short = a_gate_with_its_code(organiser, event_id)
    desk = device(locale="en-GB", size={"width": 1440, "height": 900})
    desk.goto("/language/en")
    opens(desk, short)
    expect(desk.locator("[data-input]")).to_be_focused()

    desk.keyboard.type(people[0][1])
    desk.keyboard.press("Enter")
    verdict_is(desk, "Let in", "May enter")
    expect(desk.locator("[data-input]")).to_be_focused()
    desk.keyboard.type(people[0][1])
    desk.keyboard.press("Enter")
    verdict_is(desk, "Stop", "cannot enter again")
    axe(desk)
    device.cut(desk)
    desk.keyboard.type(people[1][1])
    desk.keyboard.press("Enter")
    verdict_is(desk, "Let in", "May enter")
    look(desk, "checkin-gate-en-offline", reload=False)

    desk.get_by_label("Exit").check()
    desk.keyboard.type(people[2][1])
    desk.keyboard.press("Enter")
    verdict_is(desk, "Stop", "No entry on record")
    desk.get_by_label("Reason for letting in all the same").fill("left with a group")
    desk.get_by_role("button", name="Let in regardless").click()
    verdict_is(desk, "Out")
    device.mend(desk)
    expect(desk.locator("[data-pending]")).to_have_text("All uploaded", timeout=40_000)


def test_a_tampered_list_is_not_used(house, browse, device, fair):
    event_id, people = fair
    short = a_gate_with_its_code(browse(house.demo_user(Role.ORGANISER)), event_id)
    phone = device()
    opens(phone, short)

    forged = """async () => {
        const gate = checkin.gate.state, store = gate.store, kept = await store.snapshot();
        const head = kept.head.replace('"force":true', '"force":false');
        return checkin.gate.use(head, kept.signature, gate.blocks);
    }"""
    assert phone.evaluate(forged) is False
    same = """async () => {
        const kept = await checkin.gate.state.store.snapshot();
        return checkin.gate.use(kept.head, kept.signature, checkin.gate.state.blocks);
    }"""
    assert phone.evaluate(same) is True
    blocks = "async () => Object.values(await checkin.gate.state.store.snapshot()).join(' ')"
    kept = phone.evaluate(blocks)
    assert "来宾0号" in kept
    assert not [code for _row, code in people if code in kept]
    assert "13000000003" not in kept


def test_the_gate_code_opens_nothing_else(house, browse, device, fair):
    event_id, _people = fair
    short = a_gate_with_its_code(browse(house.demo_user(Role.ORGANISER)), event_id)
    phone = device()
    opens(phone, short)
    with house.open():
        organiser = db.session.get_one(User, house.demo_user(Role.ORGANISER))
        entry = db.session.query(Gate).filter_by(event_id=event_id).one().lists[0]
        event = db.session.get_one(Event, event_id)
        with transaction():
            other = setup.save_gate(None, event=event, actor=organiser, name="西门", list_ids=[entry.id])
            other_id = other.id

    assert phone.request.get(f"/checkin/gate/{other_id}/snapshot").status == 410
    phone.goto(f"/checkin/gate/{other_id}")
    expect(phone.get_by_label("签到口令")).to_be_visible()
    phone.goto(f"/checkin/events/{event_id}")
    expect(phone).to_have_url(re.compile("sign-in"))


def frames(folder, text):
    """A film in which a camera sees one QR code: uncompressed, as Chromium's own stand-in camera plays it."""
    size, scale = 480, 12
    code = segno.make(text, error="m", micro=False)
    dots = [list(row) for row in code.matrix_iter(scale=scale, border=4)]
    edge = (size - len(dots)) // 2
    paper = bytearray(b"\xeb" * size * size)
    for y, row in enumerate(dots):
        for x, dark in enumerate(row):
            if dark:
                paper[(y + edge) * size + x + edge] = 16
    grey = bytes([128]) * (size * size // 2)
    head = f"YUV4MPEG2 W{size} H{size} F10:1 Ip A1:1 C420jpeg\n".encode()
    film = folder / "ticket.y4m"
    film.write_bytes(head + b"".join(b"FRAME\n" + bytes(paper) + grey for _ in range(10)))
    return film


def test_the_camera_reads_a_ticket_under_the_content_policy(playwright, house, browse, fair, tmp_path):
    event_id, people = fair
    short = a_gate_with_its_code(browse(house.demo_user(Role.ORGANISER)), event_id)
    film = frames(tmp_path, ticket_text(people[0][1]))
    camera = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    running = playwright.chromium.launch(
        executable_path=chromium.find(),
        args=[*chromium.arguments(), *camera, f"--use-file-for-fake-video-capture={film}"],
    )
    try:
        phone = running.new_page(base_url=house.url, viewport=PHONE, locale="zh-CN")
        refused = []
        phone.on("console", lambda message: refused.append(message.text) if message.type == "error" else None)
        opens(phone, short)
        phone.get_by_role("button", name="摄像头扫码").click()
        verdict_is(phone, "放行", "可以入场")
        expect(phone.locator("[data-person]")).to_have_text("来宾0号")
        assert refused == []
    finally:
        running.close()


def test_without_a_camera_the_page_says_what_to_do(house, browse, device, fair):
    event_id, people = fair
    short = a_gate_with_its_code(browse(house.demo_user(Role.ORGANISER)), event_id)
    phone = device()
    opens(phone, short)

    phone.get_by_role("button", name="摄像头扫码").click()
    expect(phone.locator("[data-note]")).to_contain_text("摄像头没有授权或不可用")
    plain = device()
    plain.add_init_script("Object.defineProperty(window, 'isSecureContext', {value: false})")
    opens(plain, short)
    expect(plain.locator("[data-note]")).to_contain_text("没有使用 HTTPS")
    scans(plain, people[0][1])
    verdict_is(plain, "放行")
