"""Which contests, entries, ballots and standings exist for whom."""
