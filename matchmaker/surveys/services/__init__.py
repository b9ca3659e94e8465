"""Setting up surveys, asking those who were there, taking answers."""
