"""Use cases of check-in."""
