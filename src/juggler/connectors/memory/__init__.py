"""The memory store: rows as private copies, found by key and index without a scan."""
