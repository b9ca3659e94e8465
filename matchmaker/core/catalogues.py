"""Compiles the English catalogues: one .po file a feature, merged into the single messages.mo that gettext reads."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po


def merged(folder: Path, locale: str) -> Catalog:
    """All catalogues of one language as one; ids are Chinese."""
    whole = Catalog(locale=locale, charset="utf-8")
    for path in sorted((folder / locale).glob("*.po")):
        with path.open("rb") as file:
            part = read_po(file, locale=locale, charset="utf-8")
        for message in part:
            if message.id and message.string and not message.fuzzy:
                whole.add(message.id, message.string, context=message.context, flags=message.flags)
    return whole


def compile_stale(folder: Path) -> int:
    """Write `<locale>/LC_MESSAGES/messages.mo` where a source is newer; return how many were written."""
    written = 0
    for source in sorted(path for path in folder.iterdir() if path.is_dir()):
        target = source / "LC_MESSAGES" / "messages.mo"
        newest = max((path.stat().st_mtime for path in source.glob("*.po")), default=0.0)
        if newest == 0.0 or (target.exists() and target.stat().st_mtime >= newest):
            continue
        target.parent.mkdir(exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as file:
            write_mo(file, merged(folder, source.name))
        os.chmod(file.name, 0o644)
        os.replace(file.name, target)
        written += 1
    return written
