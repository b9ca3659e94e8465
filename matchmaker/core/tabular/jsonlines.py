"""Reads JSON Lines: one object a line; lists of words stay lists."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from matchmaker.core.tabular.delimited import decoded_lines, decodes
from matchmaker.core.tabular.numbers import as_typed
from matchmaker.core.tabular.table import Limits, Row, Table, Value, check_cell, check_headers, refused, too_many_rows


class RepeatedKey(ValueError):
    """An object names one key twice."""


def read_json_lines(content: bytes, limits: Limits) -> Table:
    """A table from one JSON object a line; the headers are all keys in the order of first appearance."""
    if not decodes(content, "utf-8"):
        raise refused("JSON Lines 文件应为 UTF-8 编码；请另存为 UTF-8 后再上传")

    def objects() -> Iterator[tuple[int, dict[str, Value]]]:
        for line, text in enumerate(decoded_lines(content, "utf-8-sig"), start=1):
            if text.strip():
                yield line, parse_line(text, line, limits)

    headers: dict[str, None] = {}
    count = 0
    for count, (_, values) in enumerate(objects(), start=1):
        if count > limits.rows:
            raise too_many_rows(limits)
        headers |= dict.fromkeys(values)
        if len(headers) > limits.columns:
            break
    if not headers:
        raise refused("文件里没有内容；请每行写一个 JSON 对象")
    check_headers(list(headers), limits)

    def rows() -> Iterator[Row]:
        for line, values in objects():
            yield Row(line, {header: values.get(header, "") for header in headers})

    return Table(list(headers), count, rows)


def parse_line(text: str, line: int, limits: Limits) -> dict[str, Value]:
    try:
        parsed = json.loads(text, object_pairs_hook=unique_keys, parse_constant=no_constant)
    except RepeatedKey as error:
        raise refused("第 {line} 行的键“{key}”出现了两次；请删去一个", line=line, key=str(error)) from error
    except (ValueError, RecursionError) as error:
        raise refused("第 {line} 行不是完整的 JSON；请每行写一个 JSON 对象", line=line) from error
    if not isinstance(parsed, dict):
        raise refused("第 {line} 行不是 JSON 对象；请每行写一个用花括号括起的对象", line=line)
    return {key.strip(): checked(value, line, key[:50], limits) for key, value in parsed.items()}


def unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    parsed: dict[str, Any] = {}
    for key, value in pairs:
        if key in parsed:
            raise RepeatedKey(key[:50])
        parsed[key] = value
    return parsed


def no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def checked(value: object, line: int, header: str, limits: Limits) -> Value:
    """Text, or a list of texts, within the limits; an object inside an object has no column to go to."""
    if isinstance(value, list) and not any(isinstance(item, dict | list) for item in value):
        texts = [as_typed(item) for item in value]
        check_cell("、".join(texts), line=line, header=header, limits=limits)
        return texts
    if isinstance(value, dict | list):
        raise refused("第 {line} 行“{header}”里嵌套了对象；请只用文字、数字或文字列表", line=line, header=header)
    text = as_typed(value)
    check_cell(text, line=line, header=header, limits=limits)
    return text
