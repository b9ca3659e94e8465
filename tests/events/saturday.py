"""One Saturday as people live it: every step is a request of a browser or of a phone at the gate, or a job.

300 places. 120 guests are invited from a spreadsheet, firms and people register until the event is full, 40 wait, some
withdraw, 15 walk in, one gate has no network for half an hour, on a phone whose clock is three hours off.
"""

from __future__ import annotations

import io
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
import xlsxwriter

from matchmaker.accounts.models import User
from matchmaker.accounts.rules import Role
from matchmaker.checkin.models import Gate, ScanConflict
from matchmaker.checkin.services.snapshot import milliseconds
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.events import jobs
from matchmaker.events.models import Attendee, Event, Registration
from matchmaker.events.rules import RegistrationState, Source
from matchmaker.imports.models import ImportBatch
from matchmaker.invitations.models import Invitation
from matchmaker.invitations.services import sending
from tests.cast import a_user, sign_in

MONDAY = datetime(2026, 3, 2, 10, 0, tzinfo=clock.CHINA)
THURSDAY, FRIDAY = MONDAY + timedelta(days=3), MONDAY + timedelta(days=4)
STARTS = datetime(2026, 3, 7, 14, 0, tzinfo=clock.CHINA)
OFF = timedelta(hours=3)  # the phone at the second gate is that far ahead

S = RegistrationState


class Saturday:
    """The event and everybody around it."""

    def __init__(self, app: Any) -> None:
        self.app = app
        with self.at(MONDAY):
            self.organiser_id = a_user(Role.ORGANISER, name="王组织").id

    @property
    def organiser(self) -> Any:
        """The organiser, signed in today."""
        return sign_in(self.app.test_client(), db.session.get_one(User, self.organiser_id))

    @contextmanager
    def at(self, moment: datetime) -> Iterator[None]:
        """It is that moment."""
        with clock.frozen(moment):
            yield

    @property
    def event(self) -> Event:
        return db.session.execute(sa.select(Event)).unique().scalar_one()

    def publish(self) -> None:
        """The organiser drafts the event with 300 places and a waiting list, and publishes it."""
        made = self.organiser.post(
            "/events/manage/new",
            data={
                "kind": "promotion",
                "title": "水磨沟区智慧安防招商对接会",
                "summary": "面向安防企业",
                "description": "议程",
                "venue": "红光山会展中心",
                "starts": "2026-03-07T14:00",
                "ends": "2026-03-07T17:00",
                "deadline": "2026-03-07T12:00",
                "capacity": "300",
                "waiting_policy": "first_come",
                "offer_hours": "24",
                "listed": "1",
            },
        )
        assert made.status_code == 303, made.text
        self.organiser.post(f"/events/manage/{self.event.id}/publish")

    def invite(self, count: int) -> None:
        """A spreadsheet of guests becomes invitations, and each gets the own link."""
        event_id = self.event.id
        file = {"file": (io.BytesIO(guest_list(count)), "嘉宾名单.xlsx"), "event": str(event_id)}
        self.organiser.post("/imports/new/invitations", data=file, content_type="multipart/form-data")
        batch = db.session.execute(sa.select(ImportBatch)).scalar_one()
        batch_id, chosen = batch.id, {f"field_{key}": header for key, header in batch.mapping.items()}
        self.organiser.post(f"/imports/{batch_id}/mapping", data=chosen)
        self.organiser.post(f"/imports/{batch_id}/run")
        self.organiser.post(f"/invitations/events/{event_id}/send", data={"who": "unsent", "step": "send"})

    def links(self) -> list[str]:
        """The personal links, in the order of the spreadsheet."""
        rows = db.session.execute(sa.select(Invitation).order_by(Invitation.id)).unique().scalars()
        return [sending.link_of(row).removeprefix("http://localhost") for row in rows]

    def answer(self, links: list[str], *, decline: int) -> None:
        """The first ones decline, the others come; each presses the button twice, and nobody is two."""
        guest = self.app.test_client()
        for link in links[:decline]:
            guest.post(f"{link}/decline", data={"reason": "当天出差"})
        for link in links[decline:]:
            for _press in range(2):
                guest.post(link, data={})

    def register(self, count: int, *, people: int = 1) -> list[int]:
        """So many individuals register, each with a party; returns their registrations."""
        made = []
        for number in range(count):
            browser = sign_in(self.app.test_client(), a_user(Role.INDIVIDUAL))
            names = "\n".join(f"{chr(0x4E00 + number)}{chr(0x5100 + n)}" for n in range(people))
            form = {"organisation_id": 0, "attendees": names, "phone": f"138{number:08d}"}
            answer = browser.post(f"/events/{self.event.id}/register", data=form)
            made.append(int(re.search(r"/registrations/(\d+)", answer.location).group(1)))
        return made

    def browser_of(self, registration_id: int) -> Any:
        """The browser of who registered."""
        row = (
            db.session.execute(sa.select(Registration).where(Registration.id == registration_id)).unique().scalar_one()
        )
        return sign_in(self.app.test_client(), row.user)

    def withdraw(self, registration_ids: list[int]) -> None:
        for number in registration_ids:
            self.browser_of(number).post(f"/events/registrations/{number}/withdraw")

    def answer_offers(self, *, accept: int, leave: int) -> None:
        """Of those who were offered a place some take it, some leave, the rest do not answer."""
        offered = self.ids(S.OFFERED)
        for number in offered[:accept]:
            self.browser_of(number).post(f"/events/registrations/{number}/accept")
        self.withdraw(offered[accept : accept + leave])

    def run_jobs(self) -> None:
        """What the scheduler does every minute."""
        jobs.sweep_offers()
        jobs.serve_waiting()

    def ids(self, *states: RegistrationState) -> list[int]:
        """Registrations in these states, the oldest first."""
        statement = sa.select(Registration.id).where(Registration.state.in_(states)).order_by(Registration.id)
        return list(db.session.execute(statement).scalars())

    def people(self, *states: RegistrationState) -> list[Attendee]:
        """The people of registrations in these states."""
        statement = sa.select(Attendee).join(Registration).where(Registration.state.in_(states)).order_by(Attendee.id)
        return list(db.session.execute(statement).scalars())

    def open_gates(self) -> None:
        """Check-in in one press, and a volunteer's phone behind a short code."""
        event_id = self.event.id
        self.organiser.post(f"/checkin/events/{event_id}/start")
        self.gate_id = db.session.execute(sa.select(Gate.id)).scalar_one()
        self.phones = [self._phone(name) for name in ("东门", "西门")]

    def _phone(self, name: str) -> Phone:
        organiser = self.organiser
        page = organiser.get(organiser.post(f"/checkin/gates/{self.gate_id}/codes", data={}).location).text
        code = re.findall(r"口令 ([2-9A-Z]{4} [2-9A-Z]{4})", page)[0]
        browser = self.app.test_client()
        browser.post("/checkin/", data={"code": code, "device": name})
        return Phone(browser, self.gate_id, self.event)

    def make_room(self, seats: int) -> None:
        """The organiser goes over capacity on purpose, with a reason."""
        pool_id = self.event.pool.id
        address = f"/events/manage/{self.event.id}/places/{pool_id}/exceed"
        self.organiser.post(address, data={"seats": seats, "reason": "现场增设座位"})

    def settle(self) -> dict[str, int]:
        """Every conflict is settled with a reason: walk-ins count, doubles and unknown codes do not."""
        rows = db.session.execute(sa.select(ScanConflict).order_by(ScanConflict.id)).unique().scalars().all()
        made = {"counted": 0, "dismissed": 0}
        for number, person in [(row.id, row.scan.attendee) for row in rows]:
            walked_in = person is not None and person.registration.source is Source.WALK_IN
            word = "counted" if walked_in else "dismissed"
            data = {"resolution": word, "note": "已到场" if walked_in else "重复或无效"}
            answer = self.organiser.post(f"/checkin/conflicts/{number}", data=data)
            made[word] += answer.status_code == 303
        return made

    def close(self) -> None:
        """The organiser settles attendance after the event."""
        jobs.close_events()


class Phone:
    """A phone at a gate: what it scans goes into its queue first; what it tells the steward follows the snapshot."""

    def __init__(self, browser: Any, gate_id: int, event: Event) -> None:
        self.browser, self.gate_id = browser, gate_id
        self.list_id = db.session.get_one(Gate, gate_id).lists[0].id
        self.queue: list[dict[str, Any]] = []
        self.ahead = timedelta()

    def take_snapshot(self) -> int:
        """Download the guests; the answer's size in bytes."""
        return len(self.browser.get(f"/checkin/gate/{self.gate_id}/snapshot").data)

    def scan(self, code: str) -> None:
        """A ticket is held before the camera."""
        self._note(code=code, shown=True)

    def walk_in(self, name: str) -> None:
        """Somebody without a registration is let in."""
        self._note(walk_in={"name": name, "phone": "", "organisation": "某公司"}, shown=True)

    def _note(self, **values: Any) -> None:
        at = milliseconds(clock.now() + self.ahead)
        given = {"nonce": secrets.token_urlsafe(18), "list": self.list_id, "direction": "in", "at": at}
        self.queue.append({**given, **values})

    def sync(self, *, keep: bool = False) -> list[dict[str, Any]]:
        """Hand in the queue; `keep`: the answer is lost on the way, so the phone will send everything again."""
        data = {"now": milliseconds(clock.now() + self.ahead), "items": self.queue}
        results = self.browser.post(f"/checkin/gate/{self.gate_id}/sync", json=data).json["results"]
        if not keep:
            self.queue = []
        return list(results)


def guest_list(count: int) -> bytes:
    """A spreadsheet as a secretary types it: one column too many, numbers as text, a formula that must stay text."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["序号", "嘉宾姓名", "手机号码", "单位", "职务"])
    for n in range(count):
        row = [n + 1, f"嘉{chr(0x4E00 + n)}", f"139{n:08d}", f"第{n}科技有限公司", "总经理"]
        sheet.write_row(n + 1, 0, row)
    book.close()
    return file.getvalue()
