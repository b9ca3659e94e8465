"""What organisers and enterprises do with events."""
