"""Blind copies: proposed by rule, edited by a person, released; judges of a blind stage see nothing else.

A copy belongs to the words and files it was made from: when those change, it has to be looked at again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from matchmaker.activity import services as activity
from matchmaker.competition import access, gateways
from matchmaker.competition.models import Ballot, BlindCopy, Contest, ContestStage, Entry, EntryFile
from matchmaker.competition.queries import blinding as queries
from matchmaker.competition.rules import blinding as rules
from matchmaker.competition.rules.blinding import BlindChoice, Giveaway, Secret
from matchmaker.competition.rules.editions import fingerprint
from matchmaker.competition.rules.entry_rules import rules_of
from matchmaker.competition.services.materials import Looked, look
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.directory.services import years
from matchmaker.files import queries as stored
from matchmaker.files import services as files
from matchmaker.files.models import StoredFile


@dataclass(frozen=True)
class Proposal:
    """What the form of a blind copy starts with, and where the original gives the entrant away."""

    title: str
    summary: str
    choices: Mapping[int, BlindChoice]
    title_pieces: list[tuple[str, Giveaway | None]]
    summary_pieces: list[tuple[str, Giveaway | None]]


@dataclass(frozen=True)
class Shown:
    """What a judge sees of an entry. `who` and `leader` are empty in blind review; `files` are (title, file id)."""

    title: str
    summary: str
    who: str
    leader: str
    files: list[tuple[str, int]] = field(default_factory=list)


def secrets_of(entry: Entry) -> list[Secret]:
    """Everything the platform knows that would give this entrant away."""
    found: list[Secret] = []
    firm = entry.organisation
    if firm is not None:
        names = [firm.name, firm.name_en, firm.short_name, *(row.name for row in firm.names)]
        found += rules.firm_secrets(name for name in names if name)
        found += [Secret(Giveaway.CODE, firm.uscc)] if firm.uscc else []
        found += [Secret(Giveaway.PERSON, n) for n in (firm.legal_representative, firm.contact_name) if n]
        found += [Secret(Giveaway.SITE, firm.website)] if firm.website else []
    elif entry.team_name:
        found.append(Secret(Giveaway.FIRM, entry.team_name))
    people = [(entry.leader, entry.phone, entry.email), *((m.name, m.phone, m.email) for m in entry.team)]
    people.append((entry.user.name, entry.user.phone or "", entry.user.email or ""))
    for name, phone, mail in people:
        found += [Secret(Giveaway.PERSON, name), Secret(Giveaway.PHONE, phone), Secret(Giveaway.MAIL, mail)]
    return [secret for secret in dict.fromkeys(found) if secret.text]


def proposal_of(entry: Entry) -> Proposal:
    """The kept copy, or what the rules make of the entry."""
    secrets, kept = secrets_of(entry), queries.copy_of(entry.id)
    choices = {row["entry_file"]: BlindChoice(row["choice"]) for row in kept.files} if kept else {}
    return Proposal(
        title=kept.title if kept else rules.redact(entry.title, secrets),
        summary=kept.summary if kept else rules.redact(entry.summary, secrets),
        choices={row.id: choices.get(row.id, BlindChoice.WITHHELD) for row in entry.files},
        title_pieces=rules.pieces(entry.title, rules.find(entry.title, secrets)),
        summary_pieces=rules.pieces(entry.summary, rules.find(entry.summary, secrets)),
    )


def made_of(entry: Entry) -> str:
    """The fingerprint of what a blind copy is made from."""
    kept = [row.file.sha256 for row in entry.files if row.file]
    return fingerprint({"title": entry.title, "summary": entry.summary, "files": kept})


def is_ready(entry: Entry, copy: BlindCopy | None) -> bool:
    """May judges see this copy: released, and made from the entry as it is?"""
    return copy is not None and copy.released is not None and copy.made_of == made_of(entry)


def save(
    entry: Entry,
    *,
    actor: Any,
    title: str,
    summary: str,
    choices: Mapping[int, BlindChoice],
    replacements: Mapping[int, Looked] | None = None,
    release: bool = False,
    checked: bool = False,
    seen: int | None = None,
) -> BlindCopy:
    """Keep a copy; a released one is what judges see. What still gives the entrant away needs `checked`."""
    _check_edits(entry, actor)
    if not title.strip() or not summary.strip():
        raise DomainError("盲审稿的名称和介绍都不能为空", field="title" if not title.strip() else "summary")
    secrets = secrets_of(entry)
    for name, text in (("title", title), ("summary", summary)):
        hits = rules.find(text, secrets)
        if hits and release and not checked:
            words = "、".join(dict.fromkeys(text[hit.start : hit.end] for hit in hits[:5]))
            raise DomainError("还有可能暴露身份的内容：{words}；请改掉，或勾选“已核对”", field=name, words=words)
    copy = queries.copy_of(entry.id)
    if copy is not None and seen is not None and copy.version != seen:
        raise Conflict("盲审稿在别的页面改过，请刷新后再改")
    if copy is None:
        copy = BlindCopy(region=entry.region, entry_id=entry.id, files=[], made_of="", editor_id=actor.id)
        db.session.add(copy)
    now = clock.now()
    copy.title, copy.summary, copy.editor_id, copy.updated = title.strip(), summary.strip(), actor.id, now
    copy.released = now if release else None
    copy.made_of = made_of(entry)
    db.session.flush()
    copy.files = _keep_files(entry, copy, choices, replacements or {}, actor=actor)
    activity.record("competition.blind_released" if release else "competition.blind_saved", subject=entry, actor=actor)
    db.session.flush()
    return copy


def missing_blind(stage: ContestStage) -> list[Entry]:
    """The entries of a blind stage that judges could not be shown yet."""
    if not stage.blind:
        return []
    rows = queries.competing(stage)
    return [entry for entry in rows if not is_ready(entry, queries.copy_of(entry.id))]


def check_blind_ready(stage: ContestStage) -> None:
    """Nothing goes to the judges of a blind stage without its released copy."""
    lacking = missing_blind(stage)
    if lacking:
        raise Conflict("还有 {n} 个项目没有放行盲审稿（如“{title}”），请先处理", n=len(lacking), title=lacking[0].title)


def shown_to_judge(entry: Entry, blind: bool) -> Shown:
    """What a judge sees: the entry, or in blind review its released copy and nothing else."""
    if not blind:
        own = [(row.kind.label, row.file_id) for row in entry.files if row.file_id]
        return Shown(entry.title, entry.summary, entry.who, entry.leader, own)
    copy = queries.copy_of(entry.id)
    if copy is None or copy.released is None:
        return Shown("", "", "", "")
    kinds = {row.id: row.kind.label for row in queries.all_files(entry.id)}
    handed = [
        (kinds[row["entry_file"]], row["file"]) for row in copy.files if row["file"] and row["entry_file"] in kinds
    ]
    return Shown(copy.title, copy.summary, "", "", handed)


def shown_on(ballots: Sequence[Ballot]) -> dict[int, Shown]:
    """What a judge reads on each of their ballots, a few queries for all of them; `who` is the code in blind review."""
    blind = {ballot.stage_id for ballot in ballots if ballot.stage.blind}
    codes = queries.codes_of(blind) if blind else {}
    found: dict[int, Shown] = {}
    copies: dict[int, BlindCopy] = {}
    for contest_id in {ballot.entry.contest_id for ballot in ballots if ballot.stage.blind}:
        copies |= queries.copies_of(contest_id)
    for ballot in ballots:
        entry, code = ballot.entry, codes.get((ballot.stage_id, ballot.entry_id), "")
        if not ballot.stage.blind:
            found[ballot.id] = Shown(entry.title, "", entry.who, entry.leader)
            continue
        copy = copies.get(ballot.entry_id)
        found[ballot.id] = Shown(copy.title if copy is not None and copy.released else code, "", code, "")
    return found


def look_at_replacement(contest: Contest, upload: Any, row: EntryFile) -> Looked:
    """Read a file that stands in for an original; the same limits hold."""
    return look(contest, upload, row.kind)


def _keep_files(
    entry: Entry, copy: BlindCopy, choices: Mapping[int, BlindChoice], given: Mapping[int, Looked], *, actor: Any
) -> list[dict[str, Any]]:
    """One line a file. Names are neutral and properties are taken out, whatever the choice."""
    before = {row["entry_file"]: row for row in copy.files}
    kept: list[dict[str, Any]] = []
    for row in entry.files:
        choice, old = choices.get(row.id, BlindChoice.WITHHELD), before.get(row.id)
        same = old is not None and old["choice"] == choice.value and row.id not in given
        number: int | None = old["file"] if same and old is not None else None
        if choice is BlindChoice.REPLACED and not same:
            if row.id not in given:
                raise DomainError("请上传处理过的文件，或选择不给评委看", field=f"file-{row.id}")
            number = _attach(copy, row, given[row.id].filename, given[row.id].content, actor=actor)
        elif choice is BlindChoice.SHOWN and not same and row.file is not None:
            number = _attach(copy, row, row.file.name, files.content_of(row.file), actor=actor)
        kept.append({"entry_file": row.id, "choice": choice.value, "file": number})
    wanted = {line["file"] for line in kept}
    for old_file in stored.of(copy):
        if old_file.id not in wanted:
            files.detach(old_file, actor=actor)
    return kept


def _attach(copy: BlindCopy, row: EntryFile, name: str, content: bytes, *, actor: Any) -> int:
    limit = rules_of(copy.entry.contest).files[row.kind]
    ending = name.rsplit(".", 1)[-1].lower()
    kind = next(kind for kind in limit.kinds if ending in kind.endings)
    plain = Looked(f"{row.kind.label}.{ending}", gateways.nameless(kind, content), row.pages)
    kept: StoredFile = files.attach(
        plain, subject=copy, actor=actor, purpose=row.kind.value, kinds=limit.kinds, limit_mb=limit.mb + 5
    )
    return kept.id


def _check_edits(entry: Entry, actor: Any) -> None:
    if not access.may_manage(actor, entry.contest) or access.owns(actor, entry):
        raise NotPermitted("这个项目不由您办理：不在您负责的区域，或与您有关")
    years.require_open_year(entry.contest.region, entry.contest.year)
