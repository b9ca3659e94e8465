"""The result package: everything an outsider needs to count again, under codes instead of names.

`document_of` is written once, when a stage is locked, and kept with its fingerprint; `archive` only lays it out.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from matchmaker.competition.models import Ballot, ContestStage, Tally
from matchmaker.competition.rules.aggregation import Aggregation
from matchmaker.competition.rules.editions import prize_document
from matchmaker.competition.services import chain
from matchmaker.competition.services.counting import ENGINE_RULES, GroupCount, judge_code, places_of, total_of
from matchmaker.competition.services.stages import criterion_document
from matchmaker.core.spreadsheets import csv_cell

if TYPE_CHECKING:
    from matchmaker.competition.engine.calibration import Fit, Gate
    from matchmaker.competition.engine.gains import Scales

FORMAT = "matchmaker-results-1"
EPOCH = (1980, 1, 1, 0, 0, 0)  # the same files give the same archive, whenever it is asked for


def document_of(
    stage: ContestStage, counted: Sequence[GroupCount], *, version: int, earlier: Sequence[Tally]
) -> dict[str, Any]:
    """The package of one lock as plain values: no name, no title of an entry, nothing about a person."""
    contest = stage.contest
    vetoed = sorted(row.code for row in places_of(stage).values() if row.vetoed is not None)
    return {
        "format": FORMAT,
        "contest": {"title": contest.title, "year": contest.year, "region": contest.region},
        "stage": stage.code.value,
        "version": version,
        "rule": stage.aggregation.value,
        "decimals": stage.aggregation.places,
        "ties": stage.ties,
        "rules_hash": contest.rules_hash,
        "chain": {"length": stage.chain_length, "head": stage.chain_head},
        "vetoed": vetoed,
        "groups": [_group(stage, group) for group in counted],
        "earlier": [
            {"version": tally.version, "sha256": tally.sha256, "reopened": _moment(tally.reopened)} for tally in earlier
        ],
    }


def canonical(document: Mapping[str, Any]) -> str:
    """One way of writing a document, whoever writes it: JSON with sorted keys and no spaces."""
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def fingerprint(text: str) -> str:
    """SHA-256 of the canonical text."""
    return hashlib.sha256(text.encode()).hexdigest()


def document(tally: Tally) -> dict[str, Any]:
    """The kept package as plain values."""
    found: dict[str, Any] = json.loads(tally.document)
    return found


def archive(tally: Tally) -> bytes:
    """The package as one ZIP: the document, all ballots in one file, the links of their chain up to the lock, and
    for every group its ballots, scores and announced ranking as CSV."""
    content = document(tally)
    files: dict[str, str] = {
        "package.json": tally.document,
        "package.sha256": f"{tally.sha256}  package.json\n",
        "README.md": _readme(content, tally.sha256),
        "ballots.csv": all_ballots_csv(content),
        "chain.jsonl": chain_lines(tally.stage, length=content["chain"]["length"]),
    }
    for group in content["groups"]:
        files[f"{group['code']}/ballots.csv"] = ballots_csv(content, group)
        files[f"{group['code']}/scores.csv"] = scores_csv(group)
        files[f"{group['code']}/ranking.csv"] = ranking_csv(group)
    return zipped({name: text.encode() for name, text in files.items()})


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Files in one archive without the moment it was made."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, data in files.items():
            bundle.writestr(zipfile.ZipInfo(name, EPOCH), data, compress_type=zipfile.ZIP_DEFLATED)
    return content.getvalue()


def ballots_csv(document: Mapping[str, Any], group: Mapping[str, Any]) -> str:
    """One line a ballot; `score` is the total out of 100, the points of each criterion follow. The CLI reads this."""
    return _ballots_of(document, [group])


def all_ballots_csv(document: Mapping[str, Any]) -> str:
    """Every ballot that counted, of all groups; criteria that a group does not have stay empty."""
    return _ballots_of(document, document["groups"])


def _ballots_of(document: Mapping[str, Any], groups: Sequence[Mapping[str, Any]]) -> str:
    keys = list(dict.fromkeys(row["key"] for group in groups for row in group["criteria"]))
    headers = ["entry", "judge", "score", "track", "stage", "group", *(f"points:{key}" for key in keys)]
    rows = [
        [
            (row["entry"], "text"),
            (row["judge"], "text"),
            (Decimal(row["total"]), "number"),
            (row["track"], "text"),
            (document["stage"], "text"),
            (group["code"], "text"),
            *((Decimal(row["points"][key]) if key in row["points"] else None, "number") for key in keys),
        ]
        for group in groups
        for row in group["ballots"]
    ]
    return _csv(headers, rows)


def chain_lines(stage: ContestStage, *, length: int) -> str:
    """The links of the stage's chain up to a lock, one JSON a line, under codes: the last digest is the head."""
    return "".join(
        canonical(
            {"sequence": link.sequence, "previous": link.previous, "digest": link.digest, "content": link.content}
        )
        + "\n"
        for link in chain.links(stage)
        if link.sequence <= length
    )


def scores_csv(group: Mapping[str, Any]) -> str:
    """What `matchmaker judging rank` writes for the ballots of this group, to the byte: before the tie chain."""
    headers = ["entry", "score", "se", "rank", *(["track"] if group["by_track"] else [])]
    rows = [
        [
            (row["entry"], "text"),
            (Decimal(row["score"]), "number"),
            (None if row["error"] is None else Decimal(row["error"]), "number"),
            (row["rank"], "number"),
            *([(row["track"], "text")] if group["by_track"] else []),
        ]
        for row in group["scores"]
    ]
    return _csv(headers, rows)


def ranking_csv(group: Mapping[str, Any]) -> str:
    """The announced ranking, after the tie chain."""
    width = max((len(row["breaks"]) for row in group["ranking"]), default=0)
    headers = ["rank", "entry", "track", "score", "tied", "advances", "prize"]
    headers += [f"tie{number}" for number in range(1, width + 1)]
    rows = [
        [
            (row["rank"], "integer"),
            (row["entry"], "text"),
            (row["track"] or "", "text"),
            (Decimal(row["score"]), "number"),
            (int(row["tied"]), "integer"),
            (int(row["advances"]), "integer"),
            (row["prize"] or "", "text"),
            *((None if value is None else Decimal(value), "number") for value in row["breaks"]),
        ]
        for row in group["ranking"]
    ]
    return _csv(headers, rows)


def _csv(headers: Sequence[str], rows: Iterable[Sequence[tuple[Any, Any]]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(headers)
    writer.writerows([csv_cell(value, kind) for value, kind in row] for row in rows)
    return text.getvalue()


def _group(stage: ContestStage, counted: GroupCount) -> dict[str, Any]:
    group = counted.group
    return {
        "code": group.code.value,
        "criteria": [criterion_document(row) for row in stage.criteria_of(group)],
        "by_track": counted.by_track,
        "cells": [{"track": cell.track, "places": cell.places} for cell in counted.cells],
        "prizes": [prize_document(prize) for prize in group.prize_list] if stage.last else [],
        "ballots": [_ballot(ballot, counted) for ballot in _ordered(counted)],
        "fit": None if counted.ranking.fit is None else fit_document(counted.ranking.fit, counted.ranking.scales),
        "scores": [
            {
                "entry": line.entry,
                "score": _text(line.score),
                "error": None if line.error is None else _text(line.error),
                "rank": line.rank,
                "track": line.track,
            }
            for line in counted.ranking.lines
        ],
        "ranking": [
            {
                "rank": line.place.rank,
                "entry": line.code,
                "track": line.track,
                "score": _text(line.place.result.score),
                "breaks": [None if value is None else _text(value) for value in line.breaks],
                "tied": line.place.tied,
                "advances": line.place.advances,
                "prize": line.prize,
            }
            for line in sorted(counted.lines, key=lambda line: (line.track or "", line.place.rank, line.code))
        ],
    }


def _ordered(counted: GroupCount) -> list[Ballot]:
    return sorted(counted.ballots, key=lambda ballot: (counted.codes[ballot.entry_id], judge_code(ballot)))


def _ballot(ballot: Ballot, counted: GroupCount) -> dict[str, Any]:
    return {
        "entry": counted.codes[ballot.entry_id],
        "judge": judge_code(ballot),
        "track": ballot.entry.track.code,
        "points": {key: _plain(value) for key, value in ballot.points.items()},
        "total": _plain(total_of(ballot)),
    }


def fit_document(fit: Fit, scales: Scales | None = None) -> dict[str, Any]:
    """The mixed model as published; with the variances (and the scales) one linear system gives everything else."""
    document = {
        "grand_mean": fit.grand_mean,
        "variances": {name: getattr(fit.variances, name) for name in ("entry", "judge", "track", "residual")},
        "gate": _gate(fit.gate),
        "judges": fit.judges,
        "tracks": fit.tracks,
        "values": fit.values,
        "errors": fit.errors,
    }
    if scales is not None:
        document["scales"] = {"gate": _gate(scales.gate), "gains": scales.gains, "noises": scales.noises}
    return document


def _gate(gate: Gate) -> dict[str, Any]:
    names = ("statistic", "judges", "residual", "probability", "level", "corrected")
    return {name: getattr(gate, name) for name in names}


def _readme(document: Mapping[str, Any], sha256: str) -> str:
    rule = ENGINE_RULES[Aggregation(document["rule"])]
    commands = "\n".join(
        f"    matchmaker judging rank {group['code']}/ballots.csv --rule {rule}" + (" --by-track" * group["by_track"])
        for group in document["groups"]
    )
    return README.format(
        title=document["contest"]["title"],
        stage=document["stage"],
        version=document["version"],
        sha256=sha256,
        rules_hash=document["rules_hash"],
        commands=commands,
    )


def _text(value: Decimal) -> str:
    return f"{value:f}"


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _moment(moment: Any) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat(timespec="seconds")


README = """# {title}

Stage `{stage}`, lock {version}. SHA-256 of `package.json`: `{sha256}`.
Fingerprint of the announced rules: `{rules_hash}`.

`package.json` holds everything that was counted; `ballots.csv` has every ballot of all groups, and a folder for each
group shows the same:

- `ballots.csv`: one line a ballot under codes; `score` is Σ points × weight ÷ maximum of the criteria.
- `scores.csv`: the score of every entry by the announced rule, with its standard error where the rule has one.
- `ranking.csv`: the announced places. Equal scores are decided by `tie1`, `tie2` … in that order, an empty one
  last; whoever is equal to the end shares the place.

Count again; the output equals `scores.csv` to the byte:

{commands}

`chain.jsonl` holds every mark that a ballot ever left, one a line: signed, taken back, upheld, made void; trainees'
(`shadow`) never count. Check it from its beginning: `previous` is the `digest` of the line before (64 zeros in the
first), `digest` is the SHA-256 of `content` with `previous` added, as JSON with sorted keys, without spaces, in UTF-8;
the last one is `chain.head` in `package.json`. The last mark of every counted ballot has its points and total.

Without this program: `mean` and `trimmed` are means, the latter without one highest and one lowest. `standard` is
the mean of 50 + 10·(x − judge's mean) ÷ judge's standard deviation (divisor n − 1; 50 for a judge with fewer than
three ballots or without any difference). All are rounded half up to two places.

`calibrated`, to four places: when `fit.gate.corrected` is false, the mean. Else score = mean + track + entry +
judge + error with random effects of the variances in `fit.variances`: solve (X'X + R)·b = X'y, R diagonal with
residual ÷ variance of each effect and 0 for the mean; an effect whose variance is 0 is left out. The score is
mean + track + entry.

`scaled` is `calibrated` with each judge's scale. When `fit.scales.gate.corrected` is false nothing changes. Else a
ballot has weight 1 ÷ (residual × `fit.scales.noises` of its judge), and its row of X has the judge's number in
`fit.scales.gains` instead of 1 at its track and its entry: solve (X'WX + R)·b = X'Wy, R diagonal with 1 ÷ variance.

Ties: `previous` is the score of the stage before, `all_judges` the sum of all totals, `criteria` the mean points of
each criterion, the heaviest first, rounded half up to six places.
"""
