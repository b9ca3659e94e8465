"""Plain functions that make valid records; a test states only what matters to it."""
