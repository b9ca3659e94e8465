"""Files of the competition on their way in."""
