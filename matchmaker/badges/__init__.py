"""证卡: name badges, table cards and attendance certificates of an event."""
