"""Property types: what a value of each type is, how client data becomes it, how it is written."""
