"""One table a file: what is run for it, and how it is shown."""
