"""The kernel: what every feature stands on; it knows no feature."""
