"""The browser of the journeys and the font it draws Chinese with: found, or installed where that is allowed."""

from __future__ import annotations

import os
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>{folder}</dir>
  <cachedir>{cache}</cachedir>
</fontconfig>
"""


def find() -> str | None:
    """The path of a Chromium: the one named by CHROMIUM, else the first on the PATH."""
    given = os.environ.get("CHROMIUM")
    if given:
        return given if Path(given).is_file() else None
    return next((path for path in map(shutil.which, NAMES) if path), None)


def arguments() -> list[str]:
    """How to start it: quiet towards the network, without its sandbox where root makes that impossible."""
    return [*ARGUMENTS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]


def install() -> str:
    """Install Chromium and a Chinese font with apt; an empty answer is success, else why not."""
    if os.geteuid() != 0:
        return "no Chromium found and not root; install it with: sudo apt-get install chromium fonts-noto-cjk"
    if not shutil.which("apt-get"):
        return "no Chromium found and no apt-get here"
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["install", "-y", "--no-install-recommends", "chromium", "fonts-noto-cjk"]):
        done = subprocess.run(
            ["apt-get", "-qq", *command], env=environment, capture_output=True, text=True, timeout=900
        )
        if done.returncode != 0:
            return f"apt-get {command[0]} failed: {(done.stderr.strip().splitlines() or ['no reason given'])[-1]}"
    return "" if find() else "apt-get installed chromium, yet no chromium is on the PATH"


def has_chinese_font() -> bool:
    """Does the system already draw Chinese?"""
    if not shutil.which("fc-list"):
        return False
    listed = subprocess.run(["fc-list", ":lang=zh-cn", "family"], capture_output=True, text=True, timeout=60)
    return bool(listed.stdout.strip())


def font_environment(build: Path) -> dict[str, str]:
    """Nothing where the system has a Chinese font, else a FONTCONFIG_FILE that adds the packaged one."""
    if has_chinese_font():
        return {}
    spec = find_spec("noto_cjk_sans_otc")
    if spec is None or not spec.submodule_search_locations:
        return {}
    folder = build / "fontconfig"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "fonts.conf"
    file.write_text(FONTS.format(folder=spec.submodule_search_locations[0], cache=folder / "cache"), encoding="utf-8")
    return {"FONTCONFIG_FILE": str(file)}
