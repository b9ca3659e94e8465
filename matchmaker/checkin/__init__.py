"""签到: who came through which gate: snapshots for offline gates, scans, verdicts, conflicts."""
