"""Printing badges; preparing, issuing and correcting attendance certificates."""
