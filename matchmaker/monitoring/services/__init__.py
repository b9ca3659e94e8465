"""Changing what is monitored: plans and targets, snapshots, closings of years."""
