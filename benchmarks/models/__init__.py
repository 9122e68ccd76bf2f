"""Models: defining them, and what their instances cost beside those of other libraries."""
