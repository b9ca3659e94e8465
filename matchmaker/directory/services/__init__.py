"""Changing the directory: each noun in a module of its own."""

from matchmaker.directory.services.years import closed_years, require_open_year

__all__ = ["closed_years", "require_open_year"]
