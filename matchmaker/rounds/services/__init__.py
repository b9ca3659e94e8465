"""What can be done with a round: set it up, plan it, send it, end it."""
