"""What can be done with a public vote: `setting` prepares and ends it, `casting` votes, `checking` counts."""
