"""The demo records obey the rules of the house: seats, stays, panels, weights, shares, titles."""

import csv
import re
from collections import Counter, defaultdict
from decimal import Decimal
from pathlib import Path

DEMO = Path(__file__).parents[2] / "seeds/demo"
MONTH = Decimal("30.4375")


def rows(name):
    with (DEMO / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def keyed(name):
    return {row["key"]: row for row in rows(name)}


def test_registrations_fit_their_event():
    events = keyed("events.csv")
    live = [row for row in rows("registrations.csv") if row["state"] in {"submitted", "approved"}]
    taken = Counter()
    for row in live:
        taken[row["event"]] += int(row["attendees"])
        assert int(row["attendees"]) <= int(events[row["event"]]["max_per_organisation"])
        assert int(row["attended"] or 0) <= int(row["attendees"])

    assert max(Counter((row["event"], row["organisation"]) for row in live).values()) == 1
    assert taken["hd-01"] == 37
    assert all(taken[key] <= int(event["capacity"]) for key, event in events.items())


def test_registrations_are_made_while_open():
    events = keyed("events.csv")

    for row in rows("registrations.csv"):
        day, event = -int(row["registered_days_ago"]), events[row["event"]]
        assert int(event["registration_opens_in_days"]) <= day <= int(event["registration_closes_in_days"]), row["key"]


def test_requests_are_answered_after_they_are_asked_and_the_need_is_posted():
    needs = keyed("needs.csv")

    for row in rows("help_requests.csv"):
        asked = int(row["asked_days_ago"])
        assert asked <= int(needs[row["need"]]["posted_days_ago"])
        assert (row["answered_days_ago"] == "") == (row["state"] == "asked")
        assert int(row["answered_days_ago"] or 0) <= asked
        assert (row["reason"] != "") == (row["state"] == "declined")


def test_tenants_enter_young_or_are_marked_as_history():
    founded = {key: int(row["founded_days_ago"] or 0) for key, row in keyed("organisations.csv").items()}
    entered = [row for row in rows("tenancies.csv") if row["entered_days_ago"]]

    for row in entered:
        age = founded[row["organisation"]] - int(row["entered_days_ago"])
        assert age >= 0
        assert row["history"] == str(int(age > 730)), row["key"]


def test_tenancies_have_what_their_state_says():
    gone = {"graduated", "left", "removed"}
    never = {"applied", "reviewing", "refused", "cancelled"}
    reasoned = {"refused", "extended", "left", "removed"}

    for row in rows("tenancies.csv"):
        state = row["state"]
        assert (row["left_days_ago"] != "") == (state in gone), row["key"]
        assert (row["entered_days_ago"] == "") == (state in never), row["key"]
        assert (row["contract_months"] == "") == (state in never), row["key"]
        assert (row["graduation_proof"] != "") == (state == "graduated"), row["key"]
        assert (row["extended_months"] != "") == (state == "extended"), row["key"]
        assert row["note"] or state not in reasoned, row["key"]
    assert {row["state"] for row in rows("tenancies.csv")} >= set(gone | never | reasoned | {"admitted", "incubating"})


def test_graduates_prove_more_than_the_rule_asks():
    over = {"revenue": 1000, "venture_capital": 500}

    for row in rows("tenancies.csv"):
        proof = row["graduation_proof"]
        assert int(row["graduation_amount_wan"] or 0) > over.get(proof, -1), row["key"]
        assert (row["graduation_number"] != "") == (proof == "hnte"), row["key"]


def test_contracts_and_extensions_end_within_the_longest_stay():
    for row in rows("tenancies.csv"):
        longest = 60 if row["special_field"] else 48
        months = int(row["contract_months"] or 0) + int(row["extended_months"] or 0)
        assert months <= longest, row["key"]
        if row["state"] in {"admitted", "extended"}:
            assert int(row["entered_days_ago"]) < months * MONTH, row["key"]


def test_no_firm_stays_in_two_carriers_at_once():
    stays = defaultdict(list)
    for row in rows("tenancies.csv"):
        if row["entered_days_ago"]:
            stays[row["organisation"]].append((-int(row["entered_days_ago"]), -int(row["left_days_ago"] or 0)))

    for spans in stays.values():
        spans.sort()
        assert all(before[1] <= after[0] for before, after in zip(spans, spans[1:], strict=False))


def test_some_stays_are_near_their_limit_and_one_is_over():
    left = [
        (60 if row["special_field"] else 48) * MONTH - int(row["entered_days_ago"])
        for row in rows("tenancies.csv")
        if row["state"] == "incubating"
    ]

    assert sum(0 <= days <= 60 for days in left) >= 3
    assert sum(days < 0 for days in left) == 1


def test_areas_of_carriers_fit_in_each_other():
    let = Counter()
    for row in rows("tenancies.csv"):
        if row["state"] in {"admitted", "incubating", "extended"}:
            let[row["carrier"]] += int(row["area_m2"] or 0)

    for key, row in keyed("carriers.csv").items():
        tenant, usable, total = (int(row[f"{part}_area_m2"]) for part in ("tenant", "usable", "total"))
        assert let[key] <= tenant <= usable <= total


def test_rubric_weights_make_one_hundred():
    weights = Counter()
    for row in rows("rubric.csv"):
        weights[row["group"]] += Decimal(row["weight"])

    assert set(weights) == set(keyed("contest_groups.csv"))
    assert set(weights.values()) == {100}


def test_ballots_are_panels_of_five_without_recused_judges():
    ballots = rows("ballots.csv")
    pairs = [(row["entry"], row["judge"]) for row in ballots]
    recused = {(row["entry"], row["judge"]) for row in rows("recusals.csv")}
    entries, judges = keyed("entries.csv"), keyed("judges.csv")

    assert len(set(pairs)) == len(pairs)
    assert set(pairs) & recused == set()
    assert Counter(entry for entry, _ in pairs) == dict.fromkeys(entries, 5)
    assert [pair for pair in pairs if entries[pair[0]]["organisation"] == judges[pair[1]]["organisation"]] == []


def test_ballots_score_each_criterion_of_their_group_in_half_points():
    criteria = defaultdict(set)
    for row in rows("rubric.csv"):
        criteria[row["group"]].add(row["criterion"])
    entries, columns = keyed("entries.csv"), set().union(*criteria.values())

    for row in rows("ballots.csv"):
        scored = {column for column in columns if row[column]}
        wanted = criteria[entries[row["entry"]]["group"]]
        assert (
            scored == wanted
            or (row["state"] == "draft" and scored < wanted)
            or (row["state"], scored)
            == (
                "assigned",
                set(),
            )
        ), row["key"]
        assert all(Decimal(row[column]) % Decimal("0.5") == 0 and 0 <= Decimal(row[column]) <= 100 for column in scored)
    assert Counter(row["state"] for row in rows("ballots.csv")) == {"submitted": 104, "assigned": 14, "draft": 2}


def test_entrants_are_eligible_on_any_day():
    firms = keyed("organisations.csv")
    titled = {row["holder"] for row in rows("titles.csv") if int(row["valid_to_in_days"] or 0) > 0}

    for row in rows("entries.csv"):
        if row["group"] == "zb-01":  # growth: registered before last year, with a valid number or certificate
            assert int(firms[row["organisation"]]["founded_days_ago"]) > 731
            assert row["organisation"] in titled
        else:
            assert (row["organisation"], int(row["members"]) >= 3, bool(row["team"])) == ("", True, True)


def test_shares_of_a_joint_project_make_one_hundred_among_members():
    alliance = {key: row["alliance"] for key, row in keyed("joint_projects.csv").items()}
    members = {(row["alliance"], row["organisation"]) for row in rows("alliance_members.csv")}
    shares = rows("project_shares.csv")

    for column in ("ip_share_percent", "income_share_percent"):
        totals = Counter()
        for row in shares:
            totals[row["project"]] += Decimal(row[column])
        assert dict(totals) == dict.fromkeys(alliance, Decimal(100))
    assert {(alliance[row["project"]], row["organisation"]) for row in shares} <= members


def test_alliances_have_one_lead_a_firm_and_a_university():
    firms = keyed("organisations.csv")

    for key, alliance in keyed("alliances.csv").items():
        members = [row for row in rows("alliance_members.csv") if row["alliance"] == key]
        kinds = {firms[row["organisation"]]["kind"] for row in members}
        assert [row["organisation"] for row in members if row["role"] == "lead"] == [alliance["lead"]]
        assert {"enterprise", "university"} <= kinds
        assert len({row["organisation"] for row in members}) == len(members) >= 5
        assert all((row["signed_days_ago"] == "") == (row["signatory"] == "") for row in members)
        if alliance["state"] == "running":
            assert all(row["signed_days_ago"] for row in members)


def test_titles_have_unique_numbers_and_are_no_older_than_their_holder():
    firms = keyed("organisations.csv")
    titles = rows("titles.csv")
    patterns = {"tech_sme": r"\{year\}650105[0AB]\d{7}", "hnte": r"GR\{year\}65\d{6}"}

    assert len({row["number"] for row in titles}) == len(titles)
    for row in titles:
        assert re.fullmatch(patterns.get(row["kind"], r"DEMO-[A-Z]{2}-\d{3}"), row["number"]), row["key"]
        assert int(row["valid_from_days_ago"]) <= int(firms[row["holder"]]["founded_days_ago"]), row["key"]
        assert firms[row["holder"]]["region"] == row["region"]


def test_second_region_has_its_own_records_and_no_titles():
    def count(name):
        return sum(row["region"] == "650104" for row in rows(name))

    assert [count(name) for name in ("mentors.csv", "events.csv", "accounts.csv", "titles.csv")] == [2, 1, 1, 0]
    assert sum(row["region"] == "650104" and row["kind"] == "enterprise" for row in rows("organisations.csv")) == 8
