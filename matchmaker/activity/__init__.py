"""操作记录: who did what to which record, appended and never changed; feeds timelines, audit and undo."""
