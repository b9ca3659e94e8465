"""Pages of incubation as the firm, the manager, the bureau and the stranger meet them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from matchmaker.accounts.rules import Role
from matchmaker.core.db import db
from matchmaker.incubation.models import Carrier, Tenancy
from matchmaker.incubation.rules import CarrierLevel, CarrierState, CarrierType, TenancyState
from matchmaker.notifications.models import Message
from tests.cast import OTHER_REGION, a_user, sign_in
from tests.factories.directory import an_organisation
from tests.factories.incubation import YOUNG, a_carrier, a_manager, a_tenancy, an_operator

TODAY = date(2026, 3, 2)


@pytest.fixture
def carrier(app, now):
    return a_carrier(name="红光山科技企业孵化器")


@pytest.fixture
def manager(carrier):
    return a_manager(carrier)


@pytest.fixture
def firm(app, now):
    return an_organisation(name="云图安防科技有限公司", founded=YOUNG)


def state_of(tenancy_id):
    return db.session.execute(sa.select(Tenancy.state).where(Tenancy.id == tenancy_id)).scalar_one()


def test_everybody_sees_working_carriers_and_nobody_those_being_built(client, carrier):
    hidden = a_carrier(name="筹建中的加速器", state=CarrierState.BUILDING)

    page = client.get("/incubation/").text

    assert "红光山科技企业孵化器" in page
    assert "筹建中的加速器" not in page
    assert client.get(f"/incubation/carriers/{hidden.id}").status_code == 404


def test_a_firm_applies_the_manager_admits_and_the_firm_reads_what_happened(client, carrier, manager, firm):
    member = a_user(organisation=firm)
    sign_in(client, member)
    given = {"organisation_id": firm.id, "project": "社区感知终端", "summary": "需要 200 ㎡", "special_field": ""}
    applied = client.post(f"/incubation/carriers/{carrier.id}/apply", data=given)
    tenancy_id = int(applied.location.rsplit("/", 1)[1])
    desk = sign_in(client.application.test_client(), manager)

    board = desk.get("/incubation/manage/board").text
    accepted = desk.post(f"/incubation/tenancies/{tenancy_id}/accept", data={"back": "/incubation/manage/board"})
    contract = {"entered": "2026-03-02", "contract": "HT-1", "contract_months": "48", "score": "88.5", "room": "601"}
    admitted = desk.post(f"/incubation/tenancies/{tenancy_id}/admit", data=contract)
    page = client.get(f"/incubation/tenancies/{tenancy_id}").text

    assert "云图安防科技有限公司" in board
    assert (applied.status_code, accepted.status_code, accepted.location) == (303, 303, "/incubation/manage/board")
    assert (admitted.status_code, state_of(tenancy_id)) == (303, TenancyState.ADMITTED)
    for words in ("国科发区〔2018〕300号", "2030年3月2日", "601", "受理，进入评审", "办理入驻"):
        assert words in page


def test_a_firm_that_is_too_old_is_told_on_the_form_and_nothing_is_stored(client, carrier):
    old = an_organisation(founded=date(2020, 1, 1))
    sign_in(client, a_user(organisation=old))

    given = {"organisation_id": old.id, "project": "x", "summary": "y"}
    answer = client.post(f"/incubation/carriers/{carrier.id}/apply", data=given)

    assert answer.status_code == 422
    assert "已超过 24 个月" in answer.text
    assert db.session.execute(sa.select(sa.func.count(Tenancy.id))).scalar_one() == 0


def test_an_admission_that_breaks_a_guard_keeps_what_was_typed(client, carrier, manager, firm):
    a_tenancy(a_carrier(name="七坊街众创空间"), organisation=firm, state=TenancyState.INCUBATING)
    row = a_tenancy(carrier, organisation=firm)
    sign_in(client, manager)

    contract = {"entered": "2026-03-02", "contract": "HT-77", "contract_months": "48"}
    answer = client.post(f"/incubation/tenancies/{row.id}/admit", data=contract)

    assert (answer.status_code, state_of(row.id)) == (422, TenancyState.REVIEWING)
    assert "已在“七坊街众创空间”在孵" in answer.text
    assert "HT-77" in answer.text


def test_graduation_takes_an_amount_in_wan(client, carrier, manager, firm):
    row = a_tenancy(carrier, organisation=firm, state=TenancyState.INCUBATING)
    sign_in(client, manager)

    given = {"day": "2026-03-01", "proof": "revenue", "amount_fen": "1,000.01", "document": "审计报告"}
    answer = client.post(f"/incubation/tenancies/{row.id}/graduate", data=given)

    assert (answer.status_code, state_of(row.id)) == (303, TenancyState.GRADUATED)


@pytest.mark.parametrize("step", ["admit", "extend", "graduate", "leave", "evict", "refuse", "send-back", "park"])
def test_steps_are_for_the_carrier_s_manager(client, carrier, firm, step):
    row = a_tenancy(carrier, organisation=firm)
    url = f"/incubation/tenancies/{row.id}/{step}"

    assert client.get(url).status_code == 303
    assert sign_in(client, a_user(organisation=firm)).get(url).status_code == 403
    assert sign_in(client, a_manager(a_carrier())).get(url).status_code == 404
    assert sign_in(client, a_user(Role.HANDLER)).get(url).status_code == 403


def test_a_tenancy_is_shown_to_its_firm_its_carrier_and_its_region_alone(client, carrier, manager, firm):
    row = a_tenancy(carrier, organisation=firm)
    url = f"/incubation/tenancies/{row.id}"

    def answer_to(user):
        return sign_in(client.application.test_client(), user).get(url).status_code

    seeing = [a_user(organisation=firm), manager, a_user(Role.HANDLER)]
    blind = [a_user(organisation=an_organisation()), a_manager(a_carrier()), a_user(Role.HANDLER, region=OTHER_REGION)]
    assert [answer_to(user) for user in seeing] == [200] * 3
    assert [answer_to(user) for user in blind] == [404] * 3
    assert client.get(url).status_code == 303


def test_the_bureau_of_another_region_finds_no_carrier_to_change(client, carrier):
    sign_in(client, a_user(Role.HANDLER, region=OTHER_REGION))

    assert client.get(f"/incubation/carriers/{carrier.id}/edit").status_code == 404
    assert client.post(f"/incubation/carriers/{carrier.id}/move", data={"state": "removed"}).status_code == 404
    assert carrier.name not in client.get("/incubation/manage/carriers").text


def test_the_bureau_registers_a_carrier_and_is_told_of_areas_that_do_not_fit(client, now):
    operator = an_operator()
    sign_in(client, a_user(Role.HANDLER))
    given = {
        "name": "新载体",
        "kind": "incubator",
        "level": "none",
        "operator": operator.uscc,
        "address": "红光山路",
        "build_state": "planned",
        "target": "C1",
        "total_m2": "100",
        "usable_m2": "200",
    }

    refused = client.post("/incubation/manage/carriers/new", data=given)
    taken = client.post("/incubation/manage/carriers/new", data={**given, "usable_m2": "90"})

    assert (refused.status_code, taken.status_code) == (422, 303)
    assert "不能超过总面积" in refused.text
    assert db.session.execute(sa.select(Carrier.target)).scalar_one() == "C1"


def test_a_carrier_is_shown_in_its_form_and_changed_by_its_operator(client, carrier, manager):
    sign_in(client, manager)
    url = f"/incubation/carriers/{carrier.id}/edit"
    given = {"name": "新名字", "kind": "park", "level": "national", "operator": "x", "address": "y"}
    areas = {"build_state": "built", "total_m2": "100", "usable_m2": "90", "tenant_m2": "80"}

    shown = client.get(url).text
    changed = client.post(url, data={**given, **areas})

    row = db.session.execute(sa.select(Carrier)).unique().scalar_one()
    assert carrier.operator.name in shown
    assert changed.status_code == 303
    assert (row.name, row.kind, row.level, row.total_m2) == ("新名字", CarrierType.INCUBATOR, CarrierLevel.CITY, 100)


def test_due_list_names_who_is_late_and_who_is_near(client, carrier, manager):
    for days, name in [(-1, "超期企业"), (30, "临近企业"), (90, "将到企业"), (91, "还早企业")]:
        firm = an_organisation(name=name)
        a_tenancy(carrier, organisation=firm, state=TenancyState.INCUBATING, due=TODAY + timedelta(days=days))
    sign_in(client, manager)

    page = client.get("/incubation/manage/due").text
    late = client.get("/incubation/manage/due?urgency=late").text

    assert [name in page for name in ("超期企业", "临近企业", "将到企业", "还早企业")] == [True, True, True, False]
    assert ("超期企业" in late, "临近企业" in late) == (True, False)


def test_a_bulk_reminder_is_previewed_sent_and_undone(client, carrier, manager, firm):
    a_user(organisation=firm)
    row = a_tenancy(carrier, organisation=firm, state=TenancyState.INCUBATING, due=TODAY)
    sign_in(client, manager)
    given = {"action": "remind", "ids": [row.id], "back": "/incubation/manage/due"}

    preview = client.post("/lists/due-stays/bulk", data=given)
    client.post("/lists/due-stays/bulk", data={**given, "confirmed": "1"})
    queued = db.session.execute(sa.select(sa.func.count(Message.id))).scalar_one()

    assert "将处理 1 条" in preview.text
    assert queued == 1


def test_the_desk_of_a_manager_says_who_must_move(client, carrier, manager, firm):
    a_tenancy(carrier, organisation=firm, state=TenancyState.INCUBATING, due=TODAY - timedelta(days=1))
    a_tenancy(carrier)

    desk = sign_in(client, manager).get("/desk").text

    assert "“云图安防科技有限公司”孵化期将满" in desk
    assert "入驻申请待评审" in desk


def test_the_panel_of_an_organisation_shows_only_what_the_reader_may_see(client, carrier, manager, firm):
    a_tenancy(carrier, organisation=firm, state=TenancyState.INCUBATING)
    url = f"/incubation/organisations/{firm.id}/tenancies"

    def read_by(user):
        return sign_in(client.application.test_client(), user).get(url, headers={"HX-Request": "true"}).text

    assert carrier.name in read_by(manager)
    assert carrier.name not in read_by(a_user())


@pytest.mark.parametrize("path", ["tenants", "due", "carriers", "board"])
def test_lists_run_as_many_queries_with_three_rows_as_with_one(client, manager, carrier, count_queries, path):
    sign_in(client, manager)
    counts = []
    for wanted in (1, 3):
        while db.session.execute(sa.select(sa.func.count(Tenancy.id))).scalar_one() < wanted:
            a_tenancy(carrier, state=TenancyState.INCUBATING, due=TODAY)
            a_carrier(operator=carrier.operator, papers=1)
        count_queries.clear()
        assert client.get(f"/incubation/manage/{path}").status_code == 200
        counts.append(len(count_queries))

    assert counts[0] == counts[1]


def test_the_export_says_what_the_list_says(client, manager, carrier, firm):
    a_tenancy(carrier, organisation=firm, state=TenancyState.INCUBATING)
    sign_in(client, manager)

    text = client.get("/incubation/manage/tenants?format=csv&state=incubating").data.decode("utf-8-sig")

    assert "企业或团队" in text.splitlines()[0]
    assert "云图安防科技有限公司" in text
