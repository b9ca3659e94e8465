"""Writing, planning and sending campaigns."""
