"""Matching for programs: needs, suggestions, questions and answers, talks and outcomes, behind tokens with scopes."""

from matchmaker.matching.api import needs, requests, talks
from matchmaker.matching.api.schemas import bp

__all__ = ["bp", "needs", "requests", "talks"]
