"""Ranking of profiles for a need: pure functions on plain values and arrays; no database, request or clock."""
