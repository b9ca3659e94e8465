"""Who lies in whom: the prefix logic of GB/T 2260 region codes (province, prefecture, county)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from matchmaker.core.errors import DomainError

_CODE = re.compile(r"[1-9][0-9]{5}")


def is_region(code: str) -> bool:
    """Whether the code has the shape of a region: six digits, a province first, no county without a prefecture."""
    return bool(_CODE.fullmatch(code)) and not (code[2:4] == "00" and code[4:] != "00")


def check_region(code: str, *, field: str = "region") -> str:
    """The code itself, or a refusal that names the field."""
    if not is_region(code):
        raise DomainError("行政区划代码应为 6 位数字（GB/T 2260），例如 650105", field=field)
    return code


def region_prefix(code: str) -> str:
    """What every code inside the region begins with: 650000 → 65, 650100 → 6501, 650105 → 650105."""
    check_region(code)
    if code.endswith("0000"):
        return code[:2]
    return code[:4] if code.endswith("00") else code


def contains(parent: str, child: str) -> bool:
    """Whether `child` is `parent` or lies in it."""
    return check_region(child).startswith(region_prefix(parent))


def ancestors(code: str) -> tuple[str, ...]:
    """The regions above it, the province first; none for a province."""
    check_region(code)
    above = (f"{code[:2]}0000", f"{code[:4]}00")
    return tuple(dict.fromkeys(region for region in above if region != code))


def full_name(code: str, names: Mapping[str, str]) -> str:
    """The names from province to region in one string; unknown codes stay as digits."""
    line = (*ancestors(code), code)
    known = "".join(names[region] for region in line[:-1] if region in names)
    return known + names.get(code, code)
