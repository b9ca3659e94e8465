"""A guest list of 2 000 rows: read, matched to the directory, written; as invitations and as registrations."""

from __future__ import annotations

import csv
import io
import random
from time import perf_counter

import pytest
import sqlalchemy as sa

from matchmaker.accounts.rules import Role
from matchmaker.core.db import db
from matchmaker.events.models import Registration
from matchmaker.events.services.registrations import reconcile
from matchmaker.invitations.models import Invitation
from tests.cast import a_user
from tests.factories.directory import an_organisation
from tests.factories.events import an_event
from tests.factories.imports import imported, outcomes, read_table

LIMIT = 10.0
SURNAMES, NAMES = "赵钱孙李周吴郑王冯陈褚卫", "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀英"
HEADERS = ("姓名", "职务", "手机", "邮箱", "单位", "编号", "标签")


def a_list(rows, *, seed, firms):
    """A seeded guest list: every third company stands in the directory, some guests left only an address."""
    dice = random.Random(seed)
    target = io.StringIO()
    writer = csv.writer(target)
    writer.writerow(HEADERS)
    for n in range(rows):
        name = dice.choice(SURNAMES) + "".join(dice.choices(NAMES, k=2))
        firm = firms[n % len(firms)] if n % 3 == 0 else f"第{n}号{dice.choice(NAMES)}有限公司"
        phone = "" if n % 7 == 0 else f"139{n:08d}"
        writer.writerow((name, "经理", phone, f"g{n}@example.cn", firm, f"N{n}", dice.choice(("贵宾", "媒体", ""))))
    return read_table(io.BytesIO(target.getvalue().encode()), "名单.csv")


def a_house(capacity):
    owner = a_user(Role.ORGANISER)
    event = an_event(owner=owner, capacity=capacity)
    return event, [an_organisation().name for _n in range(20)]


def seconds(kind, table, event):
    began = perf_counter()
    run = imported(kind, table, event=event.id)
    return perf_counter() - began, outcomes(run)


def rows_of(model):
    return db.session.execute(sa.select(sa.func.count(model.id))).scalar_one()


@pytest.mark.parametrize(("kind", "model"), [("invitations", Invitation), ("event-registrations", Registration)])
def test_every_row_of_a_seeded_list_arrives_once(app, now, kind, model):
    event, firms = a_house(capacity=200)
    table = a_list(120, seed=11, firms=firms)

    _first, created = seconds(kind, table, event)
    _again, unchanged = seconds(kind, table, event)

    assert (set(created), set(unchanged), rows_of(model)) == ({"created"}, {"unchanged"}, 120)
    assert reconcile() == ([], [])


@pytest.mark.bench
@pytest.mark.timeout(600)
@pytest.mark.parametrize(("kind", "model"), [("invitations", Invitation), ("event-registrations", Registration)])
def test_2_000_rows_within_10_seconds(app, kind, model):
    event, firms = a_house(capacity=2_000)
    table = a_list(2_000, seed=7, firms=firms)

    first, created = seconds(kind, table, event)
    again, unchanged = seconds(kind, table, event)

    print(f"\n{kind}: 2 000 rows in {first:.2f} s, the same file again in {again:.2f} s")
    assert (set(created), set(unchanged), rows_of(model)) == ({"created"}, {"unchanged"}, 2_000)
    assert first <= LIMIT
    assert again <= LIMIT
