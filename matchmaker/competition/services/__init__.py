"""What can be done in a contest, one use case a function."""
