"""Which rules an instance has to keep, and what is told where it does not."""
