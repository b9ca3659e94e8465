"""matchmaker: the innovation services of a district on one platform."""
