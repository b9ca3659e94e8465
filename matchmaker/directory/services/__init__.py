"""Changing the directory: each noun in a module of its own."""

from matchmaker.directory.queries import closed_years
from matchmaker.directory.services.years import require_open_year

__all__ = ["closed_years", "require_open_year"]
