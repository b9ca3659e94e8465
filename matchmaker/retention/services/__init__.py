"""Use cases of the privacy ledger."""
