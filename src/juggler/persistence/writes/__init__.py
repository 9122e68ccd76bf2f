"""Writing records: one file for each kind of change."""
