"""Files of needs, profiles and right answers, read with one line on whatever is wrong."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from matchmaker.matching.engine.profiles import Need, Profile

FEATURES = ("field", "industry", "region")
GAIN = "relevance"


class Refused(click.ClickException):
    """One line on what is wrong with the input; nothing has been written."""

    exit_code = 2

    def __init__(self, error: object) -> None:
        super().__init__(" ".join(str(error).split()))


@dataclass(frozen=True)
class Entry:
    """One line of a file: a need or a profile, without texts where nothing in it can be compared.

    `tags`: codes by feature (field, industry, region).
    """

    id: str
    texts: tuple[str, ...]
    kind: str = ""
    tags: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def profile(self) -> Profile:
        """As the engine sees a profile: each text a document, all of one weight."""
        from matchmaker.matching.engine.profiles import Profile

        return Profile(self.id, self.kind, tuple((text, 1.0) for text in self.texts), tags=self.tags)

    def need(self) -> Need:
        """As the engine sees a need: its texts one after the other."""
        from matchmaker.matching.engine.profiles import Need

        return Need("\n".join(self.texts), tags=self.tags)


def profiles_in(path: Path) -> list[Entry]:
    """Profiles in the order of the file; at least one says something. Raises Refused."""
    found = _entries(path, "服务者")
    if not any(entry.texts for entry in found):
        raise Refused(f"{path} 里的服务者都没有可以比较的文字")
    return found


def needs_in(path: Path) -> list[Entry]:
    """Needs in the order of the file. Raises Refused."""
    return _entries(path, "需求")


def truth_in(path: Path, *, needs: Collection[str], profiles: Collection[str]) -> dict[str, dict[str, float]]:
    """Relevance of profiles by need, for needs that have a right one. Raises Refused."""
    rows = csv.DictReader(io.StringIO(_text(path), newline=""))
    if not {"need", "profile"} <= set(rows.fieldnames or ()):
        raise Refused(f"{path} 需要 need 和 profile 两列，可另有 {GAIN} 一列")
    found: dict[str, dict[str, float]] = {}
    for row in _rows(rows, path):
        need, profile, place = row["need"] or "", row["profile"] or "", f"{path} 第 {rows.line_num} 行"
        if need not in needs:
            raise Refused(f"{place}：需求文件里没有 {need!r}")
        if profile not in profiles:
            raise Refused(f"{place}：服务者文件里没有 {profile!r}")
        if profile in found.setdefault(need, {}):
            raise Refused(f"{place}：{need!r} 与 {profile!r} 已经在前面出现过")
        found[need][profile] = _gain(row.get(GAIN, "1"), place)
    right = {need: gains for need, gains in found.items() if any(gains.values())}
    if not right:
        raise Refused(f"{path} 里没有一条合适的配对")
    return right


def write(text: str, out: Path | None) -> None:
    """To the file, or to standard output without one."""
    if out is None:
        click.echo(text.encode(), nl=False)
        return
    try:
        out.write_bytes(text.encode())
    except OSError as error:
        raise Refused(f"无法写入 {out}：{error.strerror}") from None


def _rows(rows: csv.DictReader[str], path: Path) -> Iterator[dict[str, Any]]:
    try:
        yield from rows
    except csv.Error as error:
        raise Refused(f"{path} 第 {rows.line_num} 行不是有效的 CSV：{error}") from None


def _gain(given: str | None, place: str) -> float:
    try:
        gain = float(given or "")
    except ValueError:
        gain = math.nan
    if not (math.isfinite(gain) and gain >= 0):
        raise Refused(f"{place}：{GAIN} 应为不小于 0 的数，现为 {given or ''!r}")
    return gain


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refused(f"{path} 不是 UTF-8 编码，请另存为 UTF-8") from None
    except OSError as error:
        raise Refused(f"无法读取 {path}：{error.strerror}") from None


def _entries(path: Path, what: str) -> list[Entry]:
    found: dict[str, Entry] = {}
    for number, line in enumerate(_text(path).split("\n"), start=1):
        if not line.strip():
            continue
        place = f"{path} 第 {number} 行"
        entry = _entry(_object(line, place), place)
        if entry.id in found:
            raise Refused(f"{place}：编号 {entry.id!r} 已经在前面出现过")
        found[entry.id] = entry
    if not found:
        raise Refused(f"{path} 里没有{what}")
    return list(found.values())


def _object(line: str, place: str) -> dict[str, Any]:
    try:
        given = json.loads(line)
    except (ValueError, RecursionError):
        raise Refused(f"{place}不是有效的 JSON") from None
    if not isinstance(given, dict):
        raise Refused(f'{place}应为一个对象，例如 {{"id": "1", "texts": ["…"]}}')
    return given


def _entry(given: dict[str, Any], place: str) -> Entry:
    name, texts, kind = given.get("id"), given.get("texts"), given.get("kind")
    if isinstance(name, bool) or not isinstance(name, str | int) or not _writable(str(name)):
        raise Refused(f"{place}：id 应为不空的文字")
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise Refused(f"{place}：texts 应为文字的列表")
    if kind is not None and not isinstance(kind, str):
        raise Refused(f"{place}：kind 应为文字")
    tags, words = _tags(given.get("tags"), place)
    said = tuple(text for text in [*texts, *words] if _says_something(text))
    return Entry(str(name), said, kind or "", tags)


def _tags(given: Any, place: str) -> tuple[dict[str, frozenset[str]], list[str]]:
    """Codes by feature, and free words, which are read as one more text."""
    if given is None:
        return {}, []
    if isinstance(given, list) and all(isinstance(word, str) for word in given):
        return {}, [" ".join(given)]
    if not isinstance(given, dict) or not set(given) <= set(FEATURES):
        raise Refused(f"{place}：tags 应为文字的列表，或以 {'、'.join(FEATURES)} 为名的代码列表")
    if not all(isinstance(codes, list) and all(isinstance(code, str) for code in codes) for codes in given.values()):
        raise Refused(f"{place}：tags 里的代码应为文字的列表")
    return {name: frozenset(codes) for name, codes in given.items()}, []


def _writable(name: str) -> bool:
    """Whether an id can stand in a CSV cell and be told from others."""
    return bool(name.strip()) and name.isprintable()


def _says_something(text: str) -> bool:
    from matchmaker.matching.engine import text as script

    return bool(script.runs(text))
