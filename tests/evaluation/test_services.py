"""Recording, correcting, ending and importing titles."""

import io
from datetime import date, timedelta

import pytest

from matchmaker.accounts.rules import Role
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.core.importing import ImportRun
from matchmaker.core.tabular import guess_mapping, read_table
from matchmaker.directory.rules import OrganisationState
from matchmaker.directory.services.years import close_year
from matchmaker.evaluation import importers, queries, services
from matchmaker.evaluation.rules import PatentKind, TitleKind
from tests.cast import a_user
from tests.factories.directory import an_organisation
from tests.factories.evaluation import a_title

FACTS = {"subkind": None, "valid_from": date(2025, 6, 1), "valid_to": date(2026, 12, 31)}


def live_firms(day, kind=TitleKind.TECH_SME):
    return db.session.execute(queries.live_firms(kind, "650105", day)).unique().scalars().all()


def test_a_holder_is_linked_by_code_or_name(app, now):
    firm = an_organisation(name="新疆朔风数控有限公司")

    by_code, by_name = a_title(holder=firm.uscc.lower()), a_title(holder="新疆朔风数控 有限公司")

    assert (by_code.organisation, by_name.organisation) == (firm, firm)
    assert by_code.holder == firm.name


def test_a_number_is_recorded_once_for_its_kind(app, now):
    a_title(number="ABC 1")
    a_title(TitleKind.INNOVATION_TEAM, number="ABC1")

    with pytest.raises(Conflict) as refusal:
        a_title(number="abc1")

    assert refusal.value.field == "number"


def test_a_handler_of_another_region_cannot_touch_it(app, now):
    title, stranger = a_title(), a_user(Role.HANDLER, region="650104")

    with pytest.raises(NotPermitted):
        a_title(actor=stranger)
    with pytest.raises(NotPermitted), transaction():
        services.end(title, actor=stranger, ended=date(2026, 1, 1), reason="迁出")


def test_a_firm_with_two_titles_counts_once_with_its_latest(app, now):
    firm = an_organisation()
    a_title(holder=firm.uscc, valid_from=date(2025, 5, 1))
    latest = a_title(holder=firm.uscc, valid_from=date(2025, 7, 1))
    a_title(holder="甲公司（新疆）")
    a_title(holder="甲公司(新疆)", valid_from=date(2025, 5, 1))

    assert [t.who for t in live_firms(date(2026, 1, 1))] == ["甲公司（新疆）", firm.name]
    assert live_firms(date(2026, 1, 1))[-1] is latest


def test_a_firm_that_moved_out_counts_until_the_day_before(app, now):
    firm = an_organisation()
    a_title(holder=firm.uscc)
    with transaction():
        firm.state = OrganisationState.MOVED_OUT

    today = clock.today()
    assert [len(live_firms(day)) for day in (today - timedelta(days=1), today)] == [1, 0]


def test_an_ended_title_counts_until_the_day_before(app, now):
    title = a_title()
    with transaction():
        services.end(title, actor=None, ended=date(2026, 2, 1), reason="证书被撤销")

    assert [len(live_firms(date(2026, 1, 31))), len(live_firms(date(2026, 2, 1)))] == [1, 0]
    with pytest.raises(Conflict), transaction():
        services.end(title, actor=None, ended=date(2026, 2, 2), reason="再次")


def test_nothing_known_is_not_nothing(app, now):
    a_title(valid_from=date(2025, 6, 1))

    assert not queries.anything_known(TitleKind.TECH_SME, "650105", date(2025, 5, 31))
    assert queries.anything_known(TitleKind.TECH_SME, "650105", date(2025, 6, 1))
    assert not queries.anything_known(TitleKind.HNTE, "650105", date(2026, 1, 1))


def test_a_closed_year_refuses_records_and_changes_without_a_reason(app, now):
    title = a_title(valid_from=date(2025, 6, 1))
    with transaction():
        close_year("650105", 2025, proposed_by_id=1, closed_by_id=2, now=now)

    with pytest.raises(Conflict):
        a_title(valid_from=date(2025, 7, 1))
    with pytest.raises(Conflict), transaction():
        services.correct(title, actor=None, number=title.number, holder="别的公司", **FACTS)
    with transaction():
        note = {**FACTS, "note": "只改备注"}
        services.correct(title, actor=None, number=title.number, holder=title.holder, **note)
        services.correct(title, actor=None, number=title.number, holder="别的公司", reason="证书写错", **note)

    assert (title.holder, title.note) == ("别的公司", "只改备注")


def run_import(text):
    table = read_table(io.BytesIO(text.encode()), filename="titles.csv")
    run = ImportRun(table, guess_mapping(table.headers, importers.FIELDS), importers.FIELDS, region="650105")
    with transaction():
        importers.load(run)
    return {key: n for key, n in run.counts.items() if n}


HEADER = "类别,编号,持有单位,有效期起,有效期止,专利类型,共有单位\n"


def test_a_file_is_loaded_once_and_then_changes_nothing(app, now):
    firm = an_organisation()
    text = (
        HEADER
        + f"科技型中小企业,A1,{firm.uscc},2025-06-01,,,\n"
        + "hnte,GR1,某公司,2024年3月1日,2027-02-28,,\n"
        + "授权专利,ZL1,某公司,2023-01-05,,发明专利,某大学、某院\n"
        + "授权专利,ZL1,某公司,2023-01-05,,发明专利,\n"
        + "授权专利,ZL2,某公司,2023-01-05,,,\n"
        + "奖状,X,某公司,2023-01-05,,,\n"
    )

    assert run_import(text) == {"created": 3, "refused": 3}
    assert run_import(text) == {"unchanged": 3, "refused": 3}
    patent = db.session.execute(queries.numbered(TitleKind.GRANTED_PATENT, "ZL1")).unique().scalar_one()
    assert (patent.subkind, patent.co_holders) == (PatentKind.INVENTION, ["某大学", "某院"])
    sme = db.session.execute(queries.numbered(TitleKind.TECH_SME, "A1")).unique().scalar_one()
    assert (sme.organisation, sme.valid_to) == (firm, date(2026, 3, 31))


def test_a_changed_row_updates_its_title(app, now):
    run_import(HEADER + "hnte,GR1,某公司,2024-03-01,2027-02-28,,\n")

    assert run_import(HEADER + "hnte,GR1,某公司,2024-03-01,2027-03-01,,\n") == {"updated": 1}


def test_an_empty_holder_is_refused(app, now):
    with pytest.raises(DomainError) as refusal:
        a_title(holder="  ")

    assert refusal.value.field == "holder"
