"""What the commands of judging share: refusing in one line, writing a text, listing names."""

from __future__ import annotations

from pathlib import Path

import click

SOME = 10  # so many names are listed, the rest counted


class Refused(click.ClickException):
    """One line on what is wrong with the input; nothing has been written."""

    exit_code = 2

    def __init__(self, error: object) -> None:
        super().__init__(" ".join(str(error).split()))


def write(text: str, out: Path | None) -> None:
    """To the file, or to standard output without one."""
    if out is None:
        click.echo(text.encode(), nl=False)
        return
    try:
        out.write_bytes(text.encode())
    except OSError as error:
        raise Refused(f"无法写入 {out}：{error.strerror}") from None


def names(given: tuple[object, ...]) -> str:
    """The first few, and how many there are."""
    listed = "、".join(str(name) for name in given[:SOME])
    return listed if len(given) <= SOME else f"{listed} 等 {len(given)} 位"
