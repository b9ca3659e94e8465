"""What the checks find about an entry: gathered from the directory, the register, earlier contests and its people."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from matchmaker.competition.models import Contest, Entry, Settlement
from matchmaker.competition.queries import prior, teams
from matchmaker.competition.rules.eligibility import Applicant, Finding, PreviousWin, Verdict, overall
from matchmaker.competition.rules.entry_rules import rules_of
from matchmaker.competition.rules.screening import Around, effective, examine_all
from matchmaker.competition.rules.states import EntryState
from matchmaker.competition.rules.teams import MemberState
from matchmaker.core import clock
from matchmaker.core.calendar import china_today
from matchmaker.core.db import db
from matchmaker.core.labels import Labelled
from matchmaker.core.regions import contains
from matchmaker.evaluation.rules import TitleKind, number_of


def findings_of(entry: Entry) -> list[dict[str, Any]]:
    """What the checks say now, ready to be kept; evidence stays a sentence to be translated."""
    deadline = china_today(entry.contest.deadline)
    applicant = _applicant(entry)
    findings = examine_all(applicant, _around(entry, applicant), entry.contest.entry_rules, deadline=deadline)
    return [_kept(finding) for finding in findings]


def refresh(entry: Entry) -> None:
    """Look again: lists were imported, people answered, entries closed."""
    found = findings_of(entry)
    if found != entry.findings:
        entry.findings = found


def refresh_all(contest: Contest) -> None:
    """Every entry that waits for a decision, by the rules as they are now."""
    waiting = (EntryState.SUBMITTED, EntryState.SCREENING)
    rows = sa.select(Entry).where(Entry.contest_id == contest.id, Entry.state.in_(waiting)).order_by(Entry.id)
    for entry in db.session.execute(rows).unique().scalars():
        refresh(entry)
    db.session.flush()


def overall_of(entry: Entry) -> Verdict:
    """The verdict over all kept findings with what people settled; an entry without any asks for a person."""
    verdicts = verdicts_of(entry)
    kept = tuple(Finding(check, verdict, "") for check, verdict in verdicts.items())
    return overall(kept) if kept else Verdict.NEEDS_PERSON


def verdicts_of(entry: Entry) -> dict[str, Verdict]:
    """Each check's verdict: the settlement where there is one about this very sentence, else the finding."""
    settled = {row.check: (row.about, row.verdict) for row in entry.settlements}
    return {row["check"]: effective(row, settled) for row in entry.findings}


def open_checks(entry: Entry) -> list[dict[str, Any]]:
    """The findings that still need a person."""
    verdicts = verdicts_of(entry)
    return [row for row in entry.findings if verdicts[row["check"]] is not Verdict.PASS]


def settlement_of(entry: Entry, check: str) -> Settlement | None:
    """What a person made of one check, if that stands."""
    return next((row for row in entry.settlements if row.check == check), None)


def _applicant(entry: Entry) -> Applicant:
    firm = entry.organisation
    number, hnte, until = entry.sme_number, entry.hnte_number, entry.hnte_valid_to
    if firm is not None and not number.strip() and not hnte.strip():
        day = china_today(entry.contest.deadline)
        for title in db.session.execute(prior.titles_of(firm.id, day)).unique().scalars():
            if title.kind is TitleKind.TECH_SME:
                number = title.number
            else:
                hnte, until = title.number, title.valid_to
    return Applicant(
        group=entry.group.code,
        registered=firm.founded if firm else None,
        revenue_fen=entry.revenue_fen,
        listed=bool(firm.stock_code) or entry.listed if firm else False,
        sme_number=number,
        hnte_number=hnte,
        hnte_valid_to=until,
        core_members=1 + len(entry.team),
        wins=_wins(entry),
    )


def _wins(entry: Entry) -> tuple[PreviousWin, ...]:
    """Prizes on this platform and on imported lists; `what` names each of them for the person who looks."""
    own = tuple(
        PreviousWin(year=year, group=code, what=f"{year} {contest} {prize or ''}".strip())
        for year, code, contest, prize in db.session.execute(prior.own_wins(entry))
    )
    listed = tuple(
        PreviousWin(
            year=row.year,
            group=row.group_code,
            national=row.level == "national",
            what=" ".join(part for part in (str(row.year), row.contest, row.name, row.project, row.prize) if part),
        )
        for row in db.session.execute(prior.listed_wins(entry)).scalars()
    )
    return own + listed


def _around(entry: Entry, applicant: Applicant) -> Around:
    firm, limit = entry.organisation, rules_of(entry.contest).entries_per_person
    numbers = [n for n in (applicant.sme_number, applicant.hnte_number) if n.strip()]
    known = prior.register_holders([number_of(n) for n in numbers]) if numbers else []
    return Around(
        in_district=contains(entry.contest.region, firm.region) if firm else None,
        ip_clear=entry.ip_clear,
        good_record=entry.good_record,
        closed=clock.now() > entry.contest.deadline,
        waiting=tuple(m.name for m in entry.team if m.state is MemberState.ASKED),
        declined=tuple(m.name for m in entry.team if m.state is MemberState.DECLINED),
        crowded=tuple(teams.crowded(entry, limit)),
        entries_per_person=limit,
        alike=tuple(f"{row.contest.title} · {row.title}（{row.who}）" for row in prior.alike(entry)),
        number_of_other=bool(firm and known and firm.id not in known),
        number_in_register=bool(firm and firm.id in known),
    )


def _kept(finding: Finding) -> dict[str, Any]:
    return {
        "check": finding.check,
        "verdict": finding.verdict.value,
        "evidence": finding.evidence,
        "values": {name: _plain(value) for name, value in finding.values.items()},
        "source": finding.source,
        "details": list(finding.details),
    }


def _plain(value: object) -> object:
    if isinstance(value, Labelled):
        return {"label": value.label}
    return value if isinstance(value, (int, str, type(None))) else str(value)
