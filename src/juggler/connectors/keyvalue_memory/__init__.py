"""Keys and values in memory, with times to live."""
